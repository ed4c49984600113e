# Sourced by run.sh and memory.sh: a database with the demo table, and the report in docs/benchmarks.md.
# Expects `name` (the script's), `root` (the project's folder), `db_url` and `rows`; makes `work`.

export LC_ALL=C
polystream=${POLYSTREAM:-$root/polystream}
report=$root/docs/benchmarks.md
work=
child=
server_user=

die() {
  echo "$name: $*" >&2
  exit 2
}

say() {
  echo "$*" >&2
}

# Runs a command in a process group of its own, so that clean_up can end all of it at once.
run() {
  local status=0
  set -m
  "$@" </dev/null &
  child=$!
  set +m
  wait "$child" || status=$?
  child=
  return "$status"
}

clean_up() {
  if [ -n "$child" ]; then
    kill -- "-$child" 2>/dev/null || true
    wait "$child" 2>/dev/null || true
  fi
  if declare -F clean_up_more >/dev/null; then
    clean_up_more
  fi
  if [ -n "$work" ]; then
    if [ -f "$work/data/postmaster.pid" ]; then
      as_server "$pg_bin/pg_ctl" -D "$work/data" -m immediate -w stop >/dev/null || true
    fi
    rm -rf "$work"
  fi
}

# PostgreSQL refuses to run as root.
as_server() {
  if [ -n "$server_user" ]; then
    (cd / && runuser -u "$server_user" -- "$@")
  else
    "$@"
  fi
}

find_postgres() {
  local initdb
  initdb=$(command -v initdb || ls -d /usr/lib/postgresql/*/bin/initdb 2>/dev/null | sort -V | tail -n 1) || true
  [ -n "$initdb" ] || die "no initdb in PATH or /usr/lib/postgresql: install PostgreSQL's server or give --db-url"
  pg_bin=$(dirname "$initdb")
  if [ "$EUID" -eq 0 ]; then
    server_user=nobody
    ! id postgres >/dev/null 2>&1 || server_user=postgres
  fi
}

free_port() {
  local port
  while true; do
    port=$((20000 + RANDOM % 12000))
    if ! (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then
      echo "$port"
      return
    fi
  done
}

# A server of our own, on loopback and behind a password, so that no other user of the machine gets in.
start_server() {
  find_postgres
  local port password
  port=$(free_port)
  password=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
  mkdir "$work/data"
  (umask 077 && echo "$password" >"$work/password")
  if [ -n "$server_user" ]; then
    chown "$server_user" "$work" "$work/data" "$work/password"
  fi
  as_server "$pg_bin/initdb" -D "$work/data" -U polystream -A scram-sha-256 --pwfile "$work/password" \
    -E UTF8 --locale=C >/dev/null
  cat >>"$work/data/postgresql.conf" <<END
port = $port
listen_addresses = '127.0.0.1'
unix_socket_directories = ''
shared_buffers = $(awk '/MemTotal/ { mb = $2 / 4096; print int(mb < 1024 ? mb : 1024) }' /proc/meminfo)MB
max_wal_size = 8GB
fsync = off
autovacuum = off
END
  as_server "$pg_bin/pg_ctl" -D "$work/data" -l "$work/data/log" -w start >/dev/null \
    || die "PostgreSQL did not start: $(tail -n 3 "$work/data/log")"
  export PGPASSWORD=$password
  db_url="postgresql://polystream@127.0.0.1:$port/postgres"
}

# The flags of what the tables call a format: csv_gzip is CSV, compressed.
export_flags() {
  case $1 in
    *_*) echo "--format ${1%_*} --compression ${1#*_}" ;;
    *) echo "--format $1" ;;
  esac
}

# How many rows of `records` a file of such a format has: all but Parquet have a line for each.
rows_in() {
  case $1 in
    parquet) duckdb "SELECT count(*) FROM '$2' WHERE metadata->>'description' LIKE 'Description of record%'" ;;
    *_gzip) zcat "$2" | LC_ALL=C grep -c 'Description of record' || true ;;
    *_zstd) zstdcat "$2" | LC_ALL=C grep -c 'Description of record' || true ;;
    *) LC_ALL=C grep -c 'Description of record' "$2" || true ;;
  esac
}

# What DuckDB answers, in text: by its own program, or by the driver that the tests have fetched.
duckdb() {
  local jar
  if [ -n "$(type -P duckdb)" ]; then
    command duckdb -noheader -list -c "$1"
  else
    jar=$(find "${HOME:-/}/.m2/repository/org/duckdb" -name 'duckdb_jdbc-*.jar' 2>/dev/null | sort -V | tail -n 1)
    [ -n "$jar" ] || die "no duckdb, which reads Parquet: install it, or run mvn verify, which fetches its driver"
    "${JAVA_HOME:+$JAVA_HOME/bin/}java" -cp "$jar" "$root/bench/DuckDb.java" "$1"
  fi
}

sql() { psql -X -q -v ON_ERROR_STOP=1 -d "${db_url#jdbc:}" "$@"; }

# Makes `work`, starts a server unless there is --db-url, fills `records`; then `rows` is what is there.
prepare() {
  work=$(TMPDIR=${work_parent:-${TMPDIR:-/tmp}} mktemp -d)
  trap clean_up EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM
  mkdir "$work/out"
  if [ -z "$db_url" ]; then
    start_server
  fi
  command -v psql >/dev/null || PATH=$pg_bin:$PATH
  "$polystream" --version >/dev/null || die "$polystream does not run"

  say "seeding records, $rows rows, unless it has rows"
  run sql -c "SET client_min_messages = warning" -c "SET polystream.rows = $rows" -f "$root/init-db.sql"
  run sql -c "VACUUM (ANALYZE) records"
  sql -c "CHECKPOINT" 2>/dev/null || true # only some users may
  rows=$(sql -A -t -c "SELECT count(*) FROM records")
  say "records has $rows rows"
}

summary_number() {
  sed -n "\$s/.*\"$1\" *: *\([0-9.]*\).*/\1/p" "$2"
}

# A number of the sorted ones given: the middle one, or the mean of the two in the middle.
median() {
  printf '%s\n' "$@" | sort -g | awk '{ v[NR] = $1 } END { print NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2 }'
}

smallest() { printf '%s\n' "$@" | sort -g | head -n 1; }
largest() { printf '%s\n' "$@" | sort -g | tail -n 1; }

environment() {
  local java=${JAVA_HOME:+$JAVA_HOME/bin/}java
  echo "$(date -u +%F), $(nproc) cores ($(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1))," \
    "$(awk '/MemTotal/ { printf "%.0f GiB", $2 / 1048576 }' /proc/meminfo)," \
    "PostgreSQL $(sql -A -t -c 'SHOW server_version' | cut -d ' ' -f 1)," \
    "JDK $("$java" -version 2>&1 | sed -n '1s/.*"\(.*\)".*/\1/p')"
}

# Replaces this script's section of docs/benchmarks.md by the text given, or adds it.
publish() {
  local begin="<!-- bench/$name: begin -->" end="<!-- bench/$name: end -->"
  mkdir -p "$(dirname "$report")"
  if [ ! -f "$report" ]; then
    cat >"$report" <<'END'
# Benchmarks

Measured, never guessed. PolyStream and its peer run in turn on one machine against the same server, so
read the ratios, not the seconds: these drift with the machine's load. A time is that of the whole
process, from the start of the command to its end. The scripts write the sections below.
END
  fi
  if ! grep -qF "$begin" "$report"; then
    printf '\n%s\n%s\n' "$begin" "$end" >>"$report"
  fi
  TEXT=$1 awk -v begin="$begin" -v end="$end" '
    $0 == begin { print; print ENVIRON["TEXT"]; inside = 1 }
    $0 == end { inside = 0 }
    !inside' "$report" >"$work/report"
  cat "$work/report" >"$report"
}
