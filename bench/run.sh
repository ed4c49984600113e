#!/usr/bin/env bash
# Measures PolyStream beside psql's \copy; the result goes into docs/benchmarks.md.
set -euo pipefail

name=run.sh
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
arguments="$*"
db_url=
rows=10000000
pairs=3
formats="csv tsv json ndjson xml parquet csv_gzip csv_zstd"
reads="copy cursor"
write=true

usage() {
  cat <<END
Usage: bench/run.sh [options]

Exports the demo table in turn by psql's \\copy and by PolyStream and prints seconds (medians), ratios
and peak memory as a table, which also goes into docs/benchmarks.md. Nothing is limited.
A round has every format once; so TSV stands beside CSV as well, and NDJSON beside JSON.

  --db-url URL      this database instead of a PostgreSQL of its own; the table records is made there
                    if it is missing
  --rows N          rows of the demo table (10000000); a table that has rows stays as it is
  --pairs N         runs of each (3)
  --format F        csv, tsv, json, ndjson, xml, parquet, csv_gzip or csv_zstd, or several in quotes; all
                    by default
  --read R          copy or cursor; both by default
  --work-dir DIR    for the server and the files, about 5 GB (TMPDIR or /tmp)
  --no-report       print only

Environment: POLYSTREAM, another launcher than ./polystream.
END
}

while [ $# -gt 0 ]; do
  case $1 in
    --db-url) db_url=$2; shift 2 ;;
    --rows) rows=$2; shift 2 ;;
    --pairs) pairs=$2; shift 2 ;;
    --format) formats=$2; shift 2 ;;
    --read) reads=$2; shift 2 ;;
    --work-dir) work_parent=$2; shift 2 ;;
    --no-report) write=false; shift ;;
    --help|-h) usage; exit 0 ;;
    *) echo "$name: unknown argument $1" >&2; usage >&2; exit 2 ;;
  esac
done

source "$root/bench/setup.sh"

copy_csv() { sql -c "\\copy records to '$1' csv header"; }
copy_tsv() { sql -c "\\copy records to '$1'"; }
copy_json() { sql -c "\\copy (select row_to_json(r) from records r) to '$1'"; }
copy_ndjson() { copy_json "$@"; }
copy_xml() { copy_csv "$@"; } # psql has neither.
copy_parquet() { copy_csv "$@"; }
copy_csv_gzip() { sql -c '\copy records to stdout csv header' | gzip >"$1"; }
copy_csv_zstd() { copy_csv "$1.csv" && mv "$1.csv" "$1"; } # The peer is psql without compression.
export_by() {
  # shellcheck disable=SC2046 # the flags are words
  "$polystream" export --db-url "$db_url" --table records $(export_flags "$2") --read "$1" -o "$3" \
    --overwrite --progress none --summary json 2>"$work/summary"
}

# Seconds until an export to standard output has written its first byte.
first_byte() {
  local start end
  start=$(date +%s%N)
  "$polystream" export --db-url "$db_url" --table records -o - --quiet 2>/dev/null | head -c 1 >/dev/null
  end=$(date +%s%N)
  awk -v ns=$((end - start)) 'BEGIN { printf "%.2f", ns / 1e9 }'
}

# Runs a command that writes the file $2 of a format; sets `seconds` and checks the number of rows.
measure() {
  local format=$1 file=$2 start end lines
  shift 2
  start=$(date +%s%N)
  run "$@" || die "failed: $* $(tail -n 3 "$work/summary" 2>/dev/null)"
  end=$(date +%s%N)
  seconds=$(awk -v ns=$((end - start)) 'BEGIN { printf "%.2f", ns / 1e9 }')
  lines=$(rows_in "$format" "$file")
  rm -f "$file"
  [ "$lines" -eq "$rows" ] || die "$lines rows instead of $rows: $*"
}

prepare
backwards() { tr ' ' '\n' <<<"$*" | tac | paste -sd ' '; }

for format in $formats; do
  declare -A times_$format peaks_$format ratios_$format
done

# A format that differs from another in little: it should take no longer.
declare -A sibling=([tsv]=csv [ndjson]=json [csv_gzip]=csv [csv_zstd]=csv)
declare -A peer_format=([xml]=csv [parquet]=csv [csv_zstd]=csv)
declare -A beside=() # format and read: the ratios to the sibling

for ((pair = 1; pair <= pairs; pair++)); do
  order="psql $reads"
  format_order=$formats
  # Every other round the other way round, so that neither gains from its place.
  if [ $((pair % 2)) -eq 0 ]; then
    order=$(backwards $order)
    format_order=$(backwards $formats)
  fi
  declare -A round_seconds=()
  for format in $format_order; do
    declare -n times=times_$format peaks=peaks_$format ratios=ratios_$format
    declare -A round=()
    for who in $order; do
      if [ "$who" = psql ]; then
        measure "${peer_format[$format]:-$format}" "$work/out/psql.$format" "copy_$format" "$work/out/psql.$format"
      else
        measure "$format" "$work/out/polystream.$format" export_by "$who" "$format" "$work/out/polystream.$format"
        [ "$(summary_number rows "$work/summary")" = "$rows" ] || die "the summary counts other rows: $(tail -n 1 "$work/summary")"
        peaks[$who]+=" $(summary_number peakMemoryBytes "$work/summary")"
      fi
      round[$who]=$seconds
      round_seconds[$format,$who]=$seconds
      times[$who]+=" $seconds"
      say "$format, round $pair of $pairs: $who $seconds s"
    done
    for read in $reads; do
      ratios[$read]+=" $(awk -v a="${round[$read]}" -v b="${round[psql]}" 'BEGIN { printf "%.3f", a / b }')"
    done
  done
  for format in $formats; do
    for read in $reads; do
      other=${round_seconds[${sibling[$format]:-},$read]:-}
      [ -z "$other" ] || beside[$format,$read]+=" $(awk -v a="${round_seconds[$format,$read]}" -v b="$other" 'BEGIN { printf "%.3f", a / b }')"
    done
  done
done

first_bytes=
for ((i = 0; i < 5; i++)); do
  first_bytes+=" $(first_byte)"
done

declare -A peer=([xml]='`\copy records … csv header`' [parquet]='`\copy records … csv header`' [csv_gzip]='`\copy … csv header` \| `gzip`' [csv_zstd]='`\copy records … csv header`' [csv]='`\copy records … csv header`' [tsv]='`\copy records …`' [ndjson]='`\copy (select row_to_json(r) …)`' [json]='`\copy (select row_to_json(r) …)`')
text=$(
  echo "## Speed beside \`psql\`"
  echo
  echo "$rows rows of \`records\`, $pairs rounds; $(environment)."
  echo "Command: \`bench/run.sh${arguments:+ $arguments}\`." | sed -E 's#[a-z:]*postgres(ql)?://[^ `]*#URL#; s#--work-dir [^ `]*#--work-dir DIR#'
  echo
  echo "| format | read by | peer | peer, s | PolyStream, s | ratio (lowest-highest) | rows/s | peak memory, MiB |"
  echo "|---|---|---|---|---|---|---|---|"
  for format in $formats; do
    declare -n times=times_$format peaks=peaks_$format ratios=ratios_$format
    for read in $reads; do
      seconds=$(median ${times[$read]})
      printf '| %s | %s | %s | %.2f | %.2f | %.2f (%.2f-%.2f) | %.0f | %.0f |\n' "$format" "$read" "${peer[$format]}" \
        "$(median ${times[psql]})" "$seconds" "$(median ${ratios[$read]})" \
        "$(smallest ${ratios[$read]})" "$(largest ${ratios[$read]})" \
        "$(awk -v n="$rows" -v s="$seconds" 'BEGIN { print n / s }')" \
        "$(awk -v b="$(largest ${peaks[$read]})" 'BEGIN { print b / 1048576 }')"
    done
  done
  if [ ${#beside[@]} -gt 0 ]; then
    echo
    echo "| format | beside | read by | ratio (lowest-highest) |"
    echo "|---|---|---|---|"
    for format in $formats; do
      for read in $reads; do
        found=${beside[$format,$read]:-}
        [ -z "$found" ] || printf '| %s | %s | %s | %.2f (%.2f-%.2f) |\n' "$format" "${sibling[$format]}" "$read" \
          "$(median $found)" "$(smallest $found)" "$(largest $found)"
      done
    done
  fi
  echo
  echo "The first byte on standard output (\`-o -\`) came after $(median $first_bytes) s ($(smallest $first_bytes)-$(largest $first_bytes), 5 runs)."
  echo
  echo "Seconds and ratios are medians (of each round's ratio), memory is the largest resident size."
)
printf '%s\n' "$text"
if $write; then
  publish "$text"
fi
