#!/usr/bin/env bash
# Measures the HTTP service; the result goes into docs/benchmarks.md.
set -euo pipefail

name=service.sh
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
arguments="$*"
db_url=
rows=10000000
limit_mib=256
clients=8
formats="csv tsv json ndjson xml parquet"
parts="limit latency speed"
write=true

usage() {
  cat <<END
Usage: bench/service.sh [options]

Three measurements; exits with 1 when the first one fails:
  limit     the service inside a memory cgroup: the demo table in every format, one export after
            another, each downloaded by several clients while it runs, its status asked each second and
            /health twenty times a second. An OOM kill, a failed request, a download that differs, or
            a 99th percentile of /health above 100 ms is a failure. Needs root
  latency   an export that is downloaded from the moment it is submitted: its first byte, and how much
            later than the export the download ends. Nothing is limited
  speed     a finished file over loopback, beside nginx with sendfile (if it is installed)

  --db-url URL      this database instead of a PostgreSQL of its own; the table records is made there
                    if it is missing
  --rows N          rows of the demo table (10000000); a table that has rows stays as it is
  --limit-mib N     of the cgroup (256)
  --clients N       that download each export (8)
  --format F        or several in quotes; all by default
  --only PART       limit, latency or speed
  --work-dir DIR    for the server and the files, about 8 GB (TMPDIR or /tmp)
  --no-report       print only

Environment: POLYSTREAM, another launcher than ./polystream.
END
}

while [ $# -gt 0 ]; do
  case $1 in
    --db-url) db_url=$2; shift 2 ;;
    --rows) rows=$2; shift 2 ;;
    --limit-mib) limit_mib=$2; shift 2 ;;
    --clients) clients=$2; shift 2 ;;
    --format) formats=$2; shift 2 ;;
    --only) parts=$2; shift 2 ;;
    --work-dir) work_parent=$2; shift 2 ;;
    --no-report) write=false; shift ;;
    --help|-h) usage; exit 0 ;;
    *) echo "$name: unknown argument $1" >&2; usage >&2; exit 2 ;;
  esac
done

source "$root/bench/setup.sh"
source "$root/bench/cgroup.sh"

service=
nginx=

clean_up_more() {
  stop_service
  [ -z "$nginx" ] || kill "$nginx" 2>/dev/null || true
  remove_cgroup
}

stop_service() {
  if [ -n "$service" ]; then
    kill "$service" 2>/dev/null || true
    wait "$service" 2>/dev/null || true
    service=
  fi
}

# Starts the service, in the cgroup if there is one; sets `url`.
start_service() {
  rm -rf "$work/exports"
  : >"$work/service.log"
  (
    if [ -n "$cgroup" ]; then echo "$BASHPID" >"$cgroup/cgroup.procs"; fi
    DATABASE_URL=$db_url PORT=0 EXPORT_DIR=$work/exports exec "$polystream" serve 2>"$work/service.log"
  ) &
  service=$!
  url=
  for _ in $(seq 600); do
    url=$(sed -n 's#.* listens on \(http://[^,]*\),.*#\1#p' "$work/service.log")
    [ -z "$url" ] || return 0
    kill -0 "$service" 2>/dev/null || die "the service does not start: $(tail -n 3 "$work/service.log")"
    sleep 0.1
  done
  die "the service does not listen"
}

json() { python3 -c "import json,sys; print(json.load(sys.stdin)$1)"; }

# Submits an export of the whole table; sets `id`.
submit() { # format
  id=$(curl -sSf "$url/exports" -H 'Content-Type: application/json' \
    -d "{\"format\":\"$1\",\"columns\":[{\"source\":\"id\"},{\"source\":\"created_at\"},{\"source\":\"name\"},{\"source\":\"value\"},{\"source\":\"metadata\"}]}" \
    | json '["exportId"]')
}

status_of() { curl -sSf "$url/exports/$id"; }

seconds_since() { awk -v a="$1" -v b="$(date +%s%N)" 'BEGIN { printf "%.2f", (b - a) / 1e9 }'; }

# Asks /health twenty times a second until the file "$work/stop" is there: milliseconds, one a line.
watch_health() {
  python3 - "$url" "$work/stop" >"$work/health" 2>"$work/health.failed" <<'END'
import http.client, os, sys, time, urllib.parse
host = urllib.parse.urlparse(sys.argv[1]).netloc
while not os.path.exists(sys.argv[2]):
    begun = time.monotonic()
    try:
        connection = http.client.HTTPConnection(host, timeout=10)
        connection.request("GET", "/health")
        answer = connection.getresponse()
        answer.read()
        connection.close()
        if answer.status != 200:
            raise OSError(answer.status)
    except OSError as e:
        print(e, file=sys.stderr, flush=True)
    print(f"{(time.monotonic() - begun) * 1000:.1f}", flush=True)
    time.sleep(0.05)
END
}

percentile() { sort -g "$2" | awk -v p="$1" '{ v[NR] = $1 } END { i = int(NR * p / 100 + 0.999999); print v[i < 1 ? 1 : i] }'; }

limited_format() { # format: a row of the table
  local format=$1 begun downloads=() i status state failures=0 sums
  begun=$(date +%s%N)
  submit "$format"
  for ((i = 0; i < clients; i++)); do
    (set -o pipefail; curl -sSf "$url/exports/$id/download" 2>>"$work/curl.failed" | cksum >"$work/sum.$i") &
    downloads+=($!)
  done
  while true; do
    status=$(status_of) || failures=$((failures + 1))
    state=$(json '["status"]' <<<"$status")
    case $state in pending|running) sleep 1 ;; *) break ;; esac
  done
  for i in "${downloads[@]}"; do
    wait "$i" || failures=$((failures + 1))
  done
  # One more, of the finished file: all have to be the same.
  curl -sSf "$url/exports/$id/download" | cksum >"$work/sum.whole" || failures=$((failures + 1))
  sums=$(sort -u "$work"/sum.* | wc -l)
  [ "$sums" -eq 1 ] || failures=$((failures + 1))
  [ "$state" = completed ] || failures=$((failures + 1))
  printf '| %s | %s | %s | %s | %s | %s |\n' "$format" "$state" "$(json '["rows"]' <<<"$status")" \
    "$(json '["durationSeconds"]' <<<"$status")" "$(seconds_since "$begun")" "$failures"
  [ "$failures" -eq 0 ] || failed=true
  rm -f "$work"/sum.*
  curl -sSf -X DELETE "$url/exports/$id" >/dev/null
}

measure_limit() {
  local watcher p99 kills peak
  make_cgroup
  start_service
  rm -f "$work/stop" "$work/curl.failed"
  watch_health &
  watcher=$!
  echo
  echo "The service inside a memory cgroup of $limit_mib MiB; each export downloaded by $clients clients while it runs:"
  echo
  echo "| format | status | rows | export, s | until all have it, s | failures |"
  echo "|---|---|---|---|---|---|"
  for format in $formats; do
    say "limit: $format"
    limited_format "$format"
  done
  touch "$work/stop"
  wait "$watcher"
  p99=$(percentile 99 "$work/health")
  kills=$(oom_kills)
  peak=$(awk '/VmHWM/ { print int($2 / 1024) }' "/proc/$service/status")
  echo
  echo "OOM kills: ${kills:-0}; most used, page cache included: $(awk -v b="$(most_used)" 'BEGIN { printf "%.0f", b / 1048576 }') MiB;" \
    "peak resident: $peak MiB. /health, $(wc -l <"$work/health") times: median $(percentile 50 "$work/health") ms," \
    "99th percentile $p99 ms, longest $(percentile 100 "$work/health") ms, $(wc -l <"$work/health.failed") failed."
  if [ "${kills:-0}" -ne 0 ] || [ -s "$work/health.failed" ] || awk -v p="$p99" 'BEGIN { exit !(p > 100) }'; then
    failed=true
  fi
  stop_service
  remove_cgroup
}

measure_latency() {
  local begun first whole own
  start_service
  submit csv # The first export of a process also loads classes.
  curl -sSf -o /dev/null "$url/exports/$id/download"
  curl -sSf -X DELETE "$url/exports/$id"
  echo
  echo "Submitted and downloaded at once, nothing limited (CSV, 3 runs after a first one):"
  echo
  echo "| first byte after, s | download ends after, s | the export's own time, s | ratio |"
  echo "|---|---|---|---|"
  for _ in 1 2 3; do
    say "latency"
    begun=$(date +%s%N)
    submit csv
    first=$(curl -sSf -o /dev/null -w '%{time_starttransfer} %{time_total}' "$url/exports/$id/download")
    whole=${first#* }
    while [ "$(status_of | json '["status"]')" = running ]; do sleep 0.1; done
    own=$(status_of | json '["durationSeconds"]')
    printf '| %.2f | %.2f | %.2f | %.2f |\n' "${first% *}" "$whole" "$own" "$(awk -v a="$whole" -v b="$own" 'BEGIN { print a / b }')"
    curl -sSf -X DELETE "$url/exports/$id"
  done
  stop_service
}

start_nginx() {
  local port
  port=$(free_port)
  mkdir -p "$work/nginx"
  cat >"$work/nginx/nginx.conf" <<END
daemon off; pid $work/nginx/pid; error_log $work/nginx/error.log; user root;
worker_processes 1;
events {}
http { access_log off; sendfile on; server { listen 127.0.0.1:$port; root $work/exports; } }
END
  nginx -p "$work/nginx" -c "$work/nginx/nginx.conf" 2>/dev/null &
  nginx=$!
  nginx_url=http://127.0.0.1:$port
  for _ in $(seq 50); do
    (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null && return 0
    sleep 0.1
  done
  die "nginx does not start: $(cat "$work/nginx/error.log")"
}

rate_of() { curl -sSf -o /dev/null -w '%{speed_download}' "$1"; }

measure_speed() {
  local file bytes ours=() theirs=() i
  start_service
  submit csv
  curl -sSf -o /dev/null "$url/exports/$id/download"
  file=$(ls "$work/exports" | grep '\.csv$')
  bytes=$(wc -c <"$work/exports/$file")
  [ -z "$(type -P nginx)" ] || start_nginx
  for i in 1 2 3 4 5; do
    say "speed"
    ours+=("$(rate_of "$url/exports/$id/download")")
    [ -z "$nginx" ] || theirs+=("$(rate_of "$nginx_url/$file")")
  done
  echo
  echo "A finished file of $bytes bytes over loopback, by curl, 5 times in turn:" \
    "$(awk -v b="$(median "${ours[@]}")" 'BEGIN { printf "%.2f", b / 1e9 }') GB/s (median)$(
      [ -z "$nginx" ] || awk -v a="$(median "${ours[@]}")" -v b="$(median "${theirs[@]}")" \
        'BEGIN { printf "; nginx with sendfile %.2f GB/s, so %.2f of it", b / 1e9, a / b }')."
  [ -z "$nginx" ] || kill "$nginx"
  nginx=
  stop_service
}

[[ $parts != *limit* ]] || require_cgroups
prepare
"$polystream" serve --version >/dev/null || die "the service does not build"
failed=false
out=$work/text
{
  echo "## The HTTP service"
  echo
  echo "$rows rows of \`records\`; $(environment)."
  echo "Command: \`bench/service.sh${arguments:+ $arguments}\`." | sed -E 's#[a-z:]*postgres(ql)?://[^ `]*#URL#; s#--work-dir [^ `]*#--work-dir DIR#'
} >"$out"
for part in $parts; do
  "measure_$part" >>"$out"
done
cat "$out"
if $write; then
  publish "$(cat "$out")"
fi
! $failed
