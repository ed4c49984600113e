#!/usr/bin/env python3
"""Compares an exported file cell by cell with the table it came from.

It shares nothing with PolyStream: psql's \\copy delivers the rows, and the rules for how a value is
written are applied again here. Both sides are streamed, so memory does not grow with the rows
(--unordered keeps the rows whose counterpart was not seen yet).

Exit codes: 0 equal, 1 different, 2 wrong arguments or the database could not be read.

  bench/verify.py --db-url postgresql://user@host/db --table records --file records.csv --format csv
"""
import argparse
import base64
import hashlib
import io
import itertools
import json
import os
import re
import subprocess
import sys
import xml.etree.ElementTree

CHUNK_CHARS = 1 << 20
LONGEST_CHARS = 1 << 28  # of a cell or row; without it a broken file would be read to its end
SESSION = """
SET timezone = 'UTC'; SET datestyle = 'ISO, YMD'; SET intervalstyle = 'iso_8601';
SET bytea_output = 'hex'; SET extra_float_digits = 1; SET statement_timeout = 0;
SET synchronize_seqscans = off; SET max_parallel_workers_per_gather = 0;
SET enable_indexscan = off; SET enable_indexonlyscan = off; SET enable_bitmapscan = off;
"""


class CannotCompare(Exception):
    pass


# ---------------------------------------------------------------- the database's side


class Database:
    def __init__(self, url):
        self.url = re.sub("^jdbc:", "", url)

    def rows(self, query):
        """Yields each row as a list of texts, None for NULL."""
        command = ["psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", self.url,
                   "-c", "SET client_encoding = 'UTF8';" + SESSION, "-c", f"COPY ({query}) TO STDOUT"]
        with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE) as psql:
            for line in io.TextIOWrapper(psql.stdout, encoding="utf-8", newline="\n"):
                yield [copy_text(cell) for cell in line[:-1].split("\t")]
        if psql.returncode:
            raise CannotCompare(f"psql ended with {psql.returncode}")


COPY_ESCAPES = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}


def copy_text(cell):
    if "\\" not in cell:
        return cell
    if cell == "\\N":
        return None
    return re.sub(r"\\(.)", lambda m: COPY_ESCAPES.get(m[1], m[1]), cell, flags=re.DOTALL)


class Types:
    """The catalog's types, to find out what a domain or an array is made of."""

    def __init__(self, database):
        self.types = {row[0]: row for row in database.rows(
            "SELECT t.oid, CASE WHEN t.typnamespace = 'pg_catalog'::regnamespace THEN t.typname END,"
            " t.typbasetype, t.typelem, e.typdelim, e.typarray = t.oid"
            " FROM pg_type t LEFT JOIN pg_type e ON e.oid = t.typelem")}

    def reader(self, oid):
        """Returns (name of the base type, None for others; function from PostgreSQL's text to a JSON value)."""
        _, name, base, element, delimiter, is_array = self.types[oid]
        if base != "0":
            return self.reader(base)
        if is_array != "t":
            return name, JSON_VALUES.get(name) or TEXTS.get(name, str)
        read_element = self.reader(element)[1]
        tokens = array_tokens(delimiter)
        return "array", lambda text: array_value(text, tokens, delimiter, read_element)


def array_tokens(delimiter):
    return re.compile(r'"((?:[^"\\]|\\.)*)"|([{}%s])|([^{}"%s]+)' % (delimiter, delimiter), re.DOTALL)


def array_value(text, tokens, delimiter, read_element):
    if text.startswith("["):  # lower bounds other than 1 are not exported
        text = text[text.index("=") + 1:]
    stack = [[]]
    for token in tokens.finditer(text):
        quoted, mark, plain = token.groups()
        if mark == "{":
            stack.append([])
        elif mark == "}":
            done = stack.pop()
            stack[-1].append(done)
        elif quoted is not None:
            stack[-1].append(read_element(re.sub(r"\\(.)", r"\1", quoted, flags=re.DOTALL)))
        elif plain is not None:
            stack[-1].append(None if plain == "NULL" else read_element(plain))
    return stack[0][0]


# ---------------------------------------------------------------- how values are written

def boolean_text(text):
    return "true" if text == "t" else "false"


def base64_text(text):
    return base64.b64encode(bytes.fromhex(text[2:])).decode()


def iso_date_time(text):
    """ISO 8601 with astronomical years: 44 BC is -0043, and years above 9999 have a sign."""
    if text.endswith("infinity"):
        return text
    before_christ = text.endswith(" BC")
    if before_christ:
        text = text[:-3]
    year, rest = text.split("-", 1)
    if before_christ:
        year = "%s%04d" % ("-" if year != "0001" else "", int(year) - 1)
    elif len(year) > 4:
        year = "+" + year
    if rest.endswith("+00"):
        rest = rest[:-3] + "Z"
    return year + "-" + rest.replace(" ", "T")


# Types not named here are written as PostgreSQL prints them.
TEXTS = {"bool": boolean_text, "bytea": base64_text,
         "date": iso_date_time, "timestamp": iso_date_time, "timestamptz": iso_date_time}


def json_number(text):
    """JSON has no NaN and no infinities: they are strings. bytes stand for numbers, see read_json_text."""
    return text if text[-1].isalpha() else text.encode()


def reject_constant(name):
    raise json.JSONDecodeError("not JSON: " + name, name, 0)


# Numbers keep their text (as bytes, so that none equals a string), objects their order and duplicates.
DECODER = json.JSONDecoder(parse_int=str.encode, parse_float=str.encode,
                           parse_constant=reject_constant, object_pairs_hook=tuple)
NUMBERS = ["int2", "int4", "int8", "float4", "float8", "numeric", "oid"]
JSON_VALUES = {"bool": lambda text: text == "t", "json": DECODER.decode, "jsonb": DECODER.decode,
               **{name: json_number for name in NUMBERS}}

TOKENS = re.compile(r'("[^"\\]*(?:\\.[^"\\]*)*")|[ \t\r\n]+')


def compact(text):
    """JSON without white space between its tokens."""
    return TOKENS.sub(r"\1", text)


def expected_rows(rows, columns, file_format):
    """Yields what the file must hold: JSON values, for CSV and TSV texts (arrays stay values), for XML elements."""
    def text_cell(name, read):
        if name == "array":
            return read
        return compact if name in ("json", "jsonb") else TEXTS.get(name, str)

    def xml_cell(name, read):
        if name not in ("array", "json", "jsonb"):
            read = TEXTS.get(name, str)
        return lambda text: as_xml(read(text))

    kinds = {"csv": text_cell, "tsv": text_cell, "xml": xml_cell}
    cells = [kinds[file_format](*column) if file_format in kinds else column[1] for column in columns]
    for row in rows:
        yield [None if text is None else cell(text) for cell, text in zip(cells, row)]


NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def xml_character(found):
    """Half of a surrogate pair stays JSON's escape; what else XML cannot have becomes U+FFFD."""
    return "\\u%04x" % ord(found[0]) if "\ud800" <= found[0] <= "\udfff" else "\ufffd"


def as_xml(value):
    """What XML leaves of a JSON value: texts, None, and tuples of (name, value) for nested elements."""
    if value is None:
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, bytes):
        return value.decode()  # a number
    if isinstance(value, str):
        return NOT_IN_XML.sub(xml_character, value)
    pairs = ((f"item_{i}", item) for i, item in enumerate(value)) if isinstance(value, list) else value
    return tuple((NOT_IN_XML.sub(xml_character, name), as_xml(member)) for name, member in pairs) or ""


# ---------------------------------------------------------------- the file's side

class FormatError(Exception):
    pass


class TextFile:
    """What CSV and TSV have in common: cells that are texts, arrays as JSON."""

    def __init__(self, path, columns):
        self.path = path
        self.arrays = [i for i, (name, _) in enumerate(columns) if name == "array"]

    def rows(self, records):
        for row in records:
            for i in self.arrays:
                if i < len(row) and row[i] is not None:
                    row[i] = self.array(row[i])
            yield row

    @staticmethod
    def array(text):
        """A text that is not compact JSON stays a text, and so is no match."""
        try:
            return DECODER.decode(text) if compact(text) == text else text
        except json.JSONDecodeError:
            return text


class TsvFile(TextFile):
    """PostgreSQL's text COPY, strictly: LF ends every line, and what has an escape is escaped."""

    NOT_ESCAPED = re.compile("[\b\f\r\v]")
    CELL = re.compile(r"[^\\]*(?:\\[bfnrtv\\][^\\]*)*")

    def records(self):
        with open(self.path, encoding="utf-8", newline="\n") as file:
            for number, line in enumerate(iter(lambda: file.readline(LONGEST_CHARS), ""), 1):
                if line[-1] != "\n":
                    raise FormatError(f"line {number} does not end: {shown(line)}")
                if self.NOT_ESCAPED.search(line):
                    raise FormatError(f"line {number} has a character that is not escaped: {shown(line)}")
                yield [self.cell(cell, number) for cell in line[:-1].split("\t")]

    def cell(self, cell, number):
        if cell != "\\N" and not self.CELL.fullmatch(cell):
            raise FormatError(f"line {number} has an escape that COPY does not write: {shown(cell)}")
        return copy_text(cell)


class CsvFile(TextFile):
    """RFC 4180, strictly, with NULL as nothing and the empty string as "" ."""

    def __init__(self, path, columns, line_ending):
        super().__init__(path, columns)
        self.field = re.compile('(?:"([^"]*(?:""[^"]*)*)"|([^",\r\n]*))(,|%s)' % line_ending)
        self.needless_quotes = 0

    def records(self):
        with open(self.path, encoding="utf-8", newline="") as file:
            buffer, at, size, row, number = "", 0, CHUNK_CHARS, [], 1
            while True:
                match = self.field.match(buffer, at)
                if match:
                    row.append(self.cell(*match.groups()[:2]))
                    at = match.end()
                    size = CHUNK_CHARS
                    if match[3] != ",":
                        yield row
                        row = []
                        number += 1
                    continue
                chunk = file.read(size) if len(buffer) - at < LONGEST_CHARS else ""
                if chunk:
                    buffer, at, size = buffer[at:] + chunk, 0, size * 2
                elif at == len(buffer) and not row:
                    return
                else:
                    raise FormatError(f"record {number} of the file (the header is one) is not a whole CSV record: "
                                      + shown(buffer[at:]))

    def cell(self, quoted, plain):
        if quoted is None:
            return plain or None
        if quoted and quoted != "\\." and not re.search('[",\r\n]', quoted):
            self.needless_quotes += 1
        return quoted.replace('""', '"')


class JsonObjects:
    """Objects with the columns as members, without white space between the tokens."""

    def __init__(self, path, names):
        self.path = path
        self.names = names

    def cells(self, pairs, text, number):
        if not isinstance(pairs, tuple):
            raise FormatError(f"row {number} is not an object: {shown(text)}")
        if compact(text) != text:
            raise FormatError(f"row {number} has white space between its tokens: {shown(text)}")
        names = [name for name, _ in pairs]
        if names != self.names:
            raise FormatError(f"row {number} has the members {names}, not {self.names}")
        return [value for _, value in pairs]


class NdjsonFile(JsonObjects):
    """One object per line; LF ends every line."""

    def rows(self):
        with open(self.path, encoding="utf-8", newline="\n") as file:
            for number, line in enumerate(iter(lambda: file.readline(LONGEST_CHARS), ""), 1):
                if line[-1] != "\n" or "\r" in line:
                    raise FormatError(f"line {number} does not end, or has a CR: {shown(line)}")
                try:
                    yield self.cells(DECODER.decode(line[:-1]), line[:-1], number)
                except json.JSONDecodeError as error:
                    raise FormatError(f"line {number} is not JSON: {error.msg}") from None


class JsonFile(JsonObjects):
    """One array of objects."""

    def rows(self):
        with open(self.path, encoding="utf-8", newline="") as file:
            self.file, self.buffer, self.at = file, "", 0
            if self.next_mark() != "[":
                raise FormatError("the file does not start with [")
            number = 0
            if self.next_mark(peek=True) == "]":
                self.next_mark()
            else:
                mark = ","
                while mark == ",":
                    number += 1
                    yield self.row(number)
                    mark = self.next_mark()
                if mark != "]":
                    raise FormatError(f"after row {number}: expected , or ] but found {shown(mark)}")
            if self.next_mark():
                raise FormatError("the file goes on after ]")

    def next_mark(self, peek=False):
        """The next character that is not white space, '' at the end."""
        while True:
            match = re.compile(r"[ \t\r\n]*").match(self.buffer, self.at)
            self.at = match.end()
            if self.at < len(self.buffer):
                mark = self.buffer[self.at]
                self.at += 0 if peek else 1
                return mark
            if not self.more(CHUNK_CHARS):
                return ""

    def more(self, size):
        chunk = self.file.read(size) if len(self.buffer) - self.at < LONGEST_CHARS else ""
        self.buffer, self.at = self.buffer[self.at:] + chunk, 0
        return chunk

    def row(self, number):
        self.next_mark(peek=True)
        size = CHUNK_CHARS
        while True:
            try:
                pairs, end = DECODER.raw_decode(self.buffer, self.at)
                break
            except json.JSONDecodeError as error:
                cut = error.msg.startswith("Unterminated") or error.pos > len(self.buffer) - 10
                if not cut or not self.more(size):
                    raise FormatError(f"row {number} is not whole JSON: {error.msg}") from None
                size *= 2
        text, self.at = self.buffer[self.at:end], end
        return self.cells(pairs, text, number)


class XmlFile:
    """An element per row, a line each, in it one per column; names as docs/type-mapping.md maps them."""

    NIL = "{http://www.w3.org/2001/XMLSchema-instance}nil"
    ESCAPE = re.compile("_x([0-9A-F]{4}|[0-9A-F]{6})_")

    def __init__(self, path, names):
        self.path = path
        self.names = names

    def rows(self):
        try:
            events = xml.etree.ElementTree.iterparse(self.path, ("start", "end"))
            _, root = next(events)
            if root.tag != "records" or root.attrib:
                raise FormatError(f"the file is one of {root.tag} {root.attrib}, not of records")
            number = depth = 0
            for event, element in events:
                depth += 1 if event == "start" else -1
                if depth == 0 and event == "end":
                    number += 1
                    yield self.row(element, number)
                    root.clear()
        except xml.etree.ElementTree.ParseError as error:
            raise FormatError(f"the file is not well-formed: {error}") from None

    def row(self, element, number):
        if element.tag != "record" or element.attrib or element.text:
            raise FormatError(f"row {number} is {element.tag} {element.attrib} with {shown(element.text)}")
        pairs = self.members(element)
        names = [name for name, _ in pairs]
        if names != self.names:
            raise FormatError(f"row {number} has the elements {names}, not {self.names}")
        return [value for _, value in pairs]

    def members(self, element):
        if any(child.tail for child in element):
            raise FormatError(f"text between elements of {element.tag}")
        return tuple((self.unmapped(child.tag), self.value(child)) for child in element)

    def value(self, element):
        if element.attrib:
            if element.attrib != {self.NIL: "true"} or element.text or len(element):
                raise FormatError(f"an element {element.tag} with {element.attrib} and {shown(element.text)}")
            return None
        if len(element):
            if element.text:
                raise FormatError(f"text and elements in {element.tag}")
            return self.members(element)
        return element.text or ""

    def unmapped(self, name):
        return "" if name == "_x_" else self.ESCAPE.sub(lambda found: chr(int(found[1], 16)), name)


# ---------------------------------------------------------------- comparing

def json_text(value):
    if isinstance(value, bytes):
        return value.decode()  # a number
    if isinstance(value, list):
        return "[" + ", ".join(map(json_text, value)) + "]"
    if isinstance(value, tuple):
        return "{" + ", ".join(f"{json_text(name)}: {json_text(member)}" for name, member in value) + "}"
    return json.dumps(value, ensure_ascii=False)


def shown(value, start=0):
    text = "NULL" if value is None else json_text(value)
    if len(text) <= 120:
        return text
    start = max(0, start - 20)
    return ("..." if start else "") + text[start:start + 100] + f"... ({len(text)} characters)"


def shown_apart(want, got):
    """Both values, long ones from where they part."""
    part = len(os.path.commonprefix([json_text(want), json_text(got)]))
    return f"expected {shown(want, part)}, found {shown(got, part)}"


class TooMany(Exception):
    pass


class Report:
    def __init__(self, names, limit):
        self.names, self.limit = names, limit
        self.rows = self.cells = self.differences = 0

    def equal(self, rows=1):
        self.rows += rows
        self.cells += len(self.names) * rows

    def difference(self, text):
        self.differences += 1
        print(text)
        if self.differences >= self.limit:
            raise TooMany()

    def rows_differ(self, number, expected, actual):
        self.equal()
        if len(actual) != len(expected):
            self.difference(f"row {number}: {len(actual)} cells instead of {len(expected)}")
        for name, want, got in zip(self.names, expected, actual):
            if want != got:
                self.difference(f'row {number}, column "{name}": {shown_apart(want, got)}')


def compare_in_order(expected, actual, report):
    """After a difference, looks one row ahead to tell a missing or additional row from a changed one."""
    number = 0
    previous = None
    want, got = next(expected, None), next(actual, None)
    while want is not None and got is not None:
        number += 1
        if want == got:
            report.equal()
            previous, want, got = want, next(expected, None), next(actual, None)
            continue
        next_want, next_got = next(expected, None), next(actual, None)
        if got == next_want:
            report.difference(f"before row {number}: a row is missing: {shown(want)}")
            number -= 1
            want, actual = next_want, push_back(next_got, actual)
        elif want == next_got:
            what = "is the row before it again" if got == previous else "is not in the table here"
            report.difference(f"row {number} {what}: {shown(got)}")
            got, expected = next_got, push_back(next_want, expected)
        else:
            report.rows_differ(number, want, got)
            previous, want, got = want, next_want, next_got
    for row in push_back(want, expected):
        report.difference(f"after row {number}: a row is missing: {shown(row)}")
    for row in push_back(got, actual):
        number += 1
        report.difference(f"row {number} is additional: {shown(row)}")


def push_back(row, rows):
    return rows if row is None else itertools.chain([row], rows)


def compare_unordered(expected, actual, report):
    """Cancels equal rows of both sides; what remains is missing or additional."""
    open_rows = {}

    def count(row, step, number):
        key = hashlib.blake2b(repr(row).encode("utf-8", "surrogatepass"), digest_size=16).digest()
        balance, *first = open_rows.pop(key, (0, number, shown(row)))
        if balance + step:
            open_rows[key] = balance + step, *first
        return balance * step < 0

    for number, (want, got) in enumerate(itertools.zip_longest(expected, actual), 1):
        if want is not None and count(want, 1, number):
            report.equal()
        if got is not None and count(got, -1, number):
            report.equal()
    for balance, number, row in open_rows.values():
        what = "is missing from the file" if balance > 0 else "is not in the table, or there less often"
        report.difference(f"a row {what} (row {number}, {abs(balance)} x): {row}")


# ---------------------------------------------------------------- the command

def split_columns(text):
    """id:ID,"a,b":"c" as [(source, target or None)]."""
    item = re.compile(r'\s*("(?:[^"]|"")*"|[^",:]+)\s*')

    def name(raw):
        raw = raw.strip()
        return raw[1:-1].replace('""', '"') if raw.startswith('"') else raw

    pairs, at = [], 0
    while at <= len(text):
        names = []
        for _ in range(2):
            match = item.match(text, at)
            if not match:
                raise CannotCompare(f"--columns is not a list of names: {text}")
            names.append(name(match[1]))
            at = match.end() + 1
            if text[at - 1:at] != ":":
                break
        pairs.append((names[0], names[1] if len(names) > 1 else None))
    return pairs


def quote_name(name):
    return '"' + name.replace('"', '""') + '"'


def quote_text(text):
    return "'" + text.replace("'", "''") + "'"


def chosen(columns, wanted):
    """The (source, target, type) of each exported column."""
    types = {name: oid for name, oid in columns}
    if not wanted:
        return [(name, name, oid) for name, oid in columns]
    result = []
    for source, target in split_columns(wanted):
        source = source if source in types else source.lower()
        if source not in types:
            raise CannotCompare(f"the table has no column {source}")
        result.append((source, target or source, types[source]))
    return result


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--db-url", required=True)
    parser.add_argument("--table", required=True, help='as in SQL: records, odd."A table"')
    parser.add_argument("--file", required=True)
    parser.add_argument("--format", required=True, choices=["csv", "json", "ndjson", "tsv", "xml"])
    parser.add_argument("--columns", help="as given to the export: id:ID,name")
    parser.add_argument("--where", help="as given to the export")
    parser.add_argument("--line-ending", choices=["crlf", "lf"], default="crlf", help="of the CSV file")
    parser.add_argument("--no-header", action="store_true", help="the CSV or TSV file has none")
    parser.add_argument("--unordered", action="store_true", help="the rows may come in any order")
    parser.add_argument("--differences", type=int, default=10, help="how many to show before giving up")
    return parser.parse_args()


def main():
    args = arguments()
    database = Database(args.db_url)
    relation = f"{quote_text(args.table)}::regclass"
    (table,), *_ = database.rows(
        "SELECT format('%I.%I', n.nspname, c.relname) FROM pg_class c JOIN pg_namespace n"
        f" ON n.oid = c.relnamespace WHERE c.oid = {relation}")
    columns = chosen(list(database.rows(
        f"SELECT attname, atttypid FROM pg_attribute WHERE attrelid = {relation}"
        " AND attnum > 0 AND NOT attisdropped ORDER BY attnum")), args.columns)

    types = Types(database)
    readers = [types.reader(oid) for _, _, oid in columns]
    names = [target for _, target, _ in columns]
    query = "SELECT " + ", ".join(quote_name(source) for source, _, _ in columns) + f" FROM {table}"
    if args.where:
        query += f" WHERE {args.where}"
    expected = expected_rows(database.rows(query), readers, args.format)

    report = Report(names, args.differences)
    try:
        if args.format in ("csv", "tsv"):
            file = (TsvFile(args.file, readers) if args.format == "tsv" else
                    CsvFile(args.file, readers, "\r\n" if args.line_ending == "crlf" else "\n"))
            records = file.records()
            header = names if args.no_header else next(records, None)
            if header != names:
                report.difference(f"the header is {header}, not {names}")
            actual = file.rows(records)
        else:
            kinds = {"json": JsonFile, "ndjson": NdjsonFile, "xml": XmlFile}
            actual = kinds[args.format](args.file, names).rows()
        (compare_unordered if args.unordered else compare_in_order)(expected, actual, report)
    except (FormatError, UnicodeDecodeError) as error:
        report.differences += 1
        print(error)
    except TooMany:
        print(f"stopped after {report.differences} differences")

    if args.format == "csv" and file.needless_quotes:
        print(f"note: {file.needless_quotes} cells are quoted without need")
    print(f"{'DIFFERENT' if report.differences else 'equal'}: {report.rows} rows, {report.cells} cells compared,"
          f" {report.differences} differences")
    return 1 if report.differences else 0


if __name__ == "__main__":
    sys.setrecursionlimit(20000)
    try:
        sys.exit(main())
    except (CannotCompare, OSError) as error:
        print(f"verify.py: {error}", file=sys.stderr)
        sys.exit(2)
