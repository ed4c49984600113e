#!/usr/bin/env bash
# Exports every relation of odd-tables.sql in every format that is text, by COPY and by cursor, and compares each
# file cell by cell with the database.
set -euo pipefail

bench=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
polystream=${POLYSTREAM:-$bench/../polystream}
db_url=
formats="csv json ndjson tsv xml"
reads="copy cursor"
only=
load=true

usage() {
  cat <<END
Usage: bench/verify-all.sh --db-url URL [options]

Makes the schema "odd" in that database anew (PostgreSQL 15 or later), exports every relation in it and
compares each file with the database (verify.py). Exits with 0 when all are equal.

  --db-url URL      postgresql://user:password@host:port/db
  --format F        csv, json, ndjson, tsv or xml; all by default
  --read R          copy or cursor; both by default
  --only REGEX      just the relations whose name matches
  --no-load         the schema is there already

Environment: POLYSTREAM, another launcher than ./polystream.
END
}

while [ $# -gt 0 ]; do
  case $1 in
    --db-url) db_url=$2; shift 2 ;;
    --format) formats=$2; shift 2 ;;
    --read) reads=$2; shift 2 ;;
    --only) only=$2; shift 2 ;;
    --no-load) load=false; shift ;;
    --help|-h) usage; exit 0 ;;
    *) echo "verify-all.sh: unknown argument $1" >&2; usage >&2; exit 2 ;;
  esac
done
[ -n "$db_url" ] || { echo "verify-all.sh: --db-url is missing" >&2; exit 2; }

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

sql() { psql -X -q -v ON_ERROR_STOP=1 -d "${db_url#jdbc:}" "$@"; }

if $load; then
  sql -f "$bench/odd-tables.sql"
fi

# The rows of several tables, or of a view, come in no order that two queries must share.
sql -A -t -0 -c "
  SELECT CASE WHEN c.relkind IN ('p', 'v') OR c.relhassubclass THEN 'any' ELSE 'same' END
         || ' odd.\"' || replace(c.relname, '\"', '\"\"') || '\"'
  FROM pg_class c WHERE c.relnamespace = 'odd'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
  ORDER BY c.relname" >"$work/relations"

equal=0
failed=0
while IFS= read -r -d '' line; do
  order=${line%% *}
  table=${line#* }
  [[ -z $only || $table =~ $only ]] || continue
  for format in $formats; do
    for read in $reads; do
      out=$work/out.$format
      if "$polystream" export --db-url "$db_url" --table "$table" --format "$format" --read "$read" \
            --overwrite --allow-empty --progress none -o "$out" </dev/null >"$work/log" 2>&1 \
          && "$bench/verify.py" --db-url "$db_url" --table "$table" --format "$format" --file "$out" \
            $([ "$order" = same ] || echo --unordered) </dev/null >"$work/log" 2>&1; then
        equal=$((equal + 1))
        printf 'ok      %-6s %-6s %s: %s\n' "$read" "$format" "$table" "$(tail -n 1 "$work/log")"
      else
        failed=$((failed + 1))
        printf 'FAILED  %-6s %-6s %s\n' "$read" "$format" "$table"
        sed 's/^/        /' "$work/log" | tail -n 12
      fi
      rm -f "$out"
    done
  done
done <"$work/relations"

echo "$equal exports equal to the database, $failed not"
[ "$failed" -eq 0 ] && [ "$equal" -gt 0 ]
