#!/usr/bin/env bash
# Proves the memory limit; the result goes into docs/benchmarks.md.
set -euo pipefail

name=memory.sh
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
arguments="$*"
db_url=
rows=10000000
small_rows=1000000
limit_mib=256
formats="csv tsv json ndjson xml parquet csv_gzip csv_zstd"
reads="copy"
samples=7
parts="limit heap"
write=true

usage() {
  cat <<END
Usage: bench/memory.sh [options]

Two proofs, for each format; exits with 1 when one fails:
  limit   an export of the demo table inside a memory cgroup (v1 or v2; needs root). The page cache
          counts, so the use reaches the limit and failcnt grows; only an OOM kill is a failure
  heap    the live heap after full collections while rows flow: the same, within 10 percent, for the
          demo table and for one of $small_rows rows. Needs jcmd (a JDK)

  --db-url URL      this database instead of a PostgreSQL of its own. The table records is made there
                    if it is missing, and the schema polystream_bench for the time of the run
  --rows N          rows of the demo table (10000000); a table that has rows stays as it is
  --limit-mib N     of the cgroup (256)
  --format F        csv, tsv, json, ndjson, xml, parquet, csv_gzip or csv_zstd; all by default
  --read R          copy (default), cursor, or "copy cursor"
  --only PART       limit or heap
  --work-dir DIR    for the server and the files, about 5 GB (TMPDIR or /tmp)
  --no-report       print only

Environment: POLYSTREAM, another launcher than ./polystream.
END
}

while [ $# -gt 0 ]; do
  case $1 in
    --db-url) db_url=$2; shift 2 ;;
    --rows) rows=$2; shift 2 ;;
    --limit-mib) limit_mib=$2; shift 2 ;;
    --format) formats=$2; shift 2 ;;
    --read) reads=$2; shift 2 ;;
    --only) parts=$2; shift 2 ;;
    --work-dir) work_parent=$2; shift 2 ;;
    --no-report) write=false; shift ;;
    --help|-h) usage; exit 0 ;;
    *) echo "$name: unknown argument $1" >&2; usage >&2; exit 2 ;;
  esac
done

source "$root/bench/setup.sh"
source "$root/bench/cgroup.sh"

schema_made=false

clean_up_more() {
  remove_cgroup
  if $schema_made; then
    sql -c "SET client_min_messages = warning" -c "DROP SCHEMA polystream_bench CASCADE" || true
  fi
}

# ---------------------------------------------------------------- the limit

export_in_cgroup() {
  echo "$BASHPID" >"$cgroup/cgroup.procs"
  export_table records "$@"
}

export_table() { # table, read, format, file
  exec "$polystream" export --db-url "$db_url" --table "$1" $(export_flags "$3") --read "$2" -o "$4" \
    --overwrite --progress none --summary json 2>"$work/summary"
}

limit_row() { # read, format
  local file=$work/out/limited.$2 status=0 exported kills
  make_cgroup
  run export_in_cgroup "$1" "$2" "$file" || status=$?
  exported=$(summary_number rows "$work/summary")
  kills=$(oom_kills)
  kills=${kills:-0}
  printf '| %s | %s | %s | %d | %.0f | %s | %s | %s | %s |\n' "$2" "$1" "${exported:-none}" "$limit_mib" \
    "$(awk -v b="$(most_used)" 'BEGIN { print b / 1048576 }')" "$(times_at_limit)" "$kills" "$status" \
    "$(awk -v b="$(summary_number peakMemoryBytes "$work/summary")" 'BEGIN { printf "%.0f", b / 1048576 }')"
  if [ "$status" -ne 0 ] || [ "$kills" -ne 0 ] || [ "$exported" != "$rows" ]; then
    say "FAILED: $2 by $1 within $limit_mib MiB: exit code $status, $kills OOM kills: $(tail -n 2 "$work/summary")"
    failed=true
  fi
  rm -f "$file"
  remove_cgroup
}

# ---------------------------------------------------------------- the live heap

# The Java process among a process and its descendants.
java_of() {
  local pid
  if [ "$(cat "/proc/$1/comm" 2>/dev/null)" = java ]; then
    echo "$1"
    return
  fi
  for pid in $(cat "/proc/$1/task/$1/children" 2>/dev/null); do
    java_of "$pid"
  done
}

rows_flow() { # file: whether its work directory holds data
  [ -n "$(find "$(dirname "$1")" -path "$(dirname "$1")/.$(basename "$1").polystream-*" -type f -size +1024k 2>/dev/null)" ]
}

# Exports again and again until there are enough samples; sets `live`, in bytes.
sample_heap() { # table, read, format
  local file=$work/out/heap.$3 attempt pid bytes status
  live=
  for ((attempt = 0; attempt < 3 * samples && $(wc -w <<<"$live") < samples; attempt++)); do
    set -m
    export_table "$@" "$file" </dev/null &
    child=$!
    set +m
    while kill -0 "$child" 2>/dev/null; do
      pid=$(java_of "$child" | head -n 1)
      if [ -z "$pid" ] || ! rows_flow "$file"; then
        sleep 0.05
        continue
      fi
      # A class histogram is taken after a full collection; its last line is the total.
      bytes=$("$jcmd" "$pid" GC.class_histogram 2>/dev/null | awk '$1 == "Total" { print $3 }') || true
      if [ -n "$bytes" ] && rows_flow "$file"; then
        live+=" $bytes"
      fi
      sleep 0.3
    done
    status=0
    wait "$child" || status=$?
    child=
    rm -f "$file"
    [ "$status" -eq 0 ] || die "the export failed: $(tail -n 2 "$work/summary")"
  done
  [ -n "$live" ] || die "no sample of the heap of $1: is the table too small?"
}

mib() { awk -v b="$1" 'BEGIN { printf "%.2f", b / 1048576 }'; }

heap_row() { # read, format
  local small large ratio
  sample_heap polystream_bench.records "$@"
  small=$live
  sample_heap records "$@"
  large=$live
  ratio=$(awk -v a="$(median $large)" -v b="$(median $small)" 'BEGIN { printf "%.3f", a / b }')
  printf '| %s | %s | %s (%s-%s, n=%d) | %s (%s-%s, n=%d) | %s |\n' "$2" "$1" \
    "$(mib "$(median $small)")" "$(mib "$(smallest $small)")" "$(mib "$(largest $small)")" "$(wc -w <<<"$small")" \
    "$(mib "$(median $large)")" "$(mib "$(smallest $large)")" "$(mib "$(largest $large)")" "$(wc -w <<<"$large")" "$ratio"
  if awk -v r="$ratio" 'BEGIN { exit !(r > 1.1 || r < 0.9) }'; then
    say "FAILED: $2 by $1: the live heap differs by more than 10 percent"
    failed=true
  fi
}

# ---------------------------------------------------------------- both

jcmd=${JAVA_HOME:+$JAVA_HOME/bin/}jcmd
[[ $parts != *heap* ]] || command -v "$jcmd" >/dev/null || die "no jcmd: install a JDK or use --only limit"
[[ $parts != *limit* ]] || require_cgroups

prepare
failed=false
out=$work/text
{
  echo "## Memory"
  echo
  echo "$rows rows of \`records\`; $(environment)."
  echo "Command: \`bench/memory.sh${arguments:+ $arguments}\`." | sed -E 's#[a-z:]*postgres(ql)?://[^ `]*#URL#; s#--work-dir [^ `]*#--work-dir DIR#'
} >"$out"

if [[ $parts == *limit* ]]; then
  {
    echo
    echo "The whole process inside a memory cgroup, where the page cache counts and is reclaimed at the limit:"
    echo
    echo "| format | read by | rows | limit, MiB | most used, MiB | times at the limit | OOM kills | exit code | peak resident, MiB |"
    echo "|---|---|---|---|---|---|---|---|---|"
  } >>"$out"
  for format in $formats; do
    for read in $reads; do
      say "limit: $format by $read"
      limit_row "$read" "$format" >>"$out"
    done
  done
fi

if [[ $parts == *heap* ]]; then
  sql -c "SET client_min_messages = warning" -c "CREATE SCHEMA polystream_bench" || die "cannot make the schema polystream_bench"
  schema_made=true
  run sql -c "SET client_min_messages = warning" -c "SET search_path = polystream_bench" \
    -c "SET polystream.rows = $small_rows" -f "$root/init-db.sql"
  {
    echo
    echo "The live heap in MiB after full collections while rows flow: median (lowest-highest, samples)."
    echo
    echo "| format | read by | $small_rows rows | $rows rows | ratio |"
    echo "|---|---|---|---|---|"
  } >>"$out"
  for format in $formats; do
    for read in $reads; do
      say "heap: $format by $read"
      heap_row "$read" "$format" >>"$out"
    done
  done
fi

cat "$out"
if $write; then
  publish "$(cat "$out")"
fi
! $failed
