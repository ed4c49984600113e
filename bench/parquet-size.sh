#!/usr/bin/env bash
# Compares the size of Parquet files with DuckDB's of the same rows and codec; the result goes into
# docs/benchmarks.md.
set -euo pipefail

name=parquet-size.sh
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
arguments="$*"
db_url=
rows=10000000
codecs="snappy zstd gzip none"
write=true

usage() {
  cat <<END
Usage: bench/parquet-size.sh [options]

Exports the demo table as Parquet with each codec, has DuckDB write the rows of that file again with
the same codec, in the same order, and prints both sizes; exits with 1 when ours is larger by more
than a tenth.

  --db-url URL      this database instead of a PostgreSQL of its own; the table records is made there
                    if it is missing
  --rows N          rows of the demo table (10000000); a table that has rows stays as it is
  --codec C         snappy, zstd, gzip or none, or several in quotes; all by default
  --work-dir DIR    for the server and the files, about 5 GB (TMPDIR or /tmp)
  --no-report       print only

Environment: POLYSTREAM, another launcher than ./polystream.
END
}

while [ $# -gt 0 ]; do
  case $1 in
    --db-url) db_url=$2; shift 2 ;;
    --rows) rows=$2; shift 2 ;;
    --codec) codecs=$2; shift 2 ;;
    --work-dir) work_parent=$2; shift 2 ;;
    --no-report) write=false; shift ;;
    --help|-h) usage; exit 0 ;;
    *) echo "$name: unknown argument $1" >&2; usage >&2; exit 2 ;;
  esac
done

source "$root/bench/setup.sh"

prepare
failed=false
out=$work/text
{
  echo "## Size of Parquet beside DuckDB"
  echo
  echo "$rows rows of \`records\`; $(environment)."
  echo "Command: \`bench/parquet-size.sh${arguments:+ $arguments}\`." | sed -E 's#[a-z:]*postgres(ql)?://[^ `]*#URL#; s#--work-dir [^ `]*#--work-dir DIR#'
  echo
  echo "| codec | PolyStream, bytes | DuckDB, bytes | ratio |"
  echo "|---|---|---|---|"
} >"$out"
for codec in $codecs; do
  say "$codec"
  ours=$work/out/ours.parquet
  theirs=$work/out/theirs.parquet
  run "$polystream" export --db-url "$db_url" --table records --parquet-codec "$codec" -o "$ours" \
    --overwrite --quiet
  duckdb "COPY (SELECT * FROM '$ours') TO '$theirs' (FORMAT parquet, CODEC '${codec/none/uncompressed}')" >&2
  ours_bytes=$(wc -c <"$ours")
  theirs_bytes=$(wc -c <"$theirs")
  rm -f "$ours" "$theirs"
  ratio=$(awk -v a="$ours_bytes" -v b="$theirs_bytes" 'BEGIN { printf "%.3f", a / b }')
  echo "| $codec | $ours_bytes | $theirs_bytes | $ratio |" >>"$out"
  awk -v r="$ratio" 'BEGIN { exit !(r > 1.1) }' && failed=true
done
cat "$out"
if $write; then
  publish "$(cat "$out")"
fi
! $failed
