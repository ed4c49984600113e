package io.polystream.export;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.polystream.error.ErrorKind;
import io.polystream.error.PolyStreamException;
import io.polystream.error.Problem;
import io.polystream.export.RequestDocument.Door;
import io.polystream.format.Formats;
import io.polystream.output.Compression;
import io.polystream.source.ColumnPath;
import io.polystream.source.DatabaseUrl;
import io.polystream.source.Filter;
import io.polystream.source.Filter.Condition;
import io.polystream.source.Filter.Operator;
import io.polystream.source.Filter.Value;
import io.polystream.source.ReadMode;
import io.polystream.source.TableName;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.io.PipedInputStream;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class RequestDocumentTest {
  @Test
  void everyFieldIsRead() {
    RequestDocument request =
        parse(
            """
            {"schemaVersion": 1, "table": "sales.orders",
             "columns": [{"source": "id", "target": "ID"}, {"source": "metadata.tags.0"}],
             "filter": [{"column": "total", "op": "ge", "value": 1.50}],
             "where": "id > 5", "limit": 10, "format": "csv", "compression": "gzip",
             "compressionLevel": 9, "allowEmpty": true, "read": "cursor", "parallelism": 2,
             "header": false, "lineEnding": "lf",
             "database": "postgresql://me:s3cr3t@h/d",
             "output": {"file": "a.csv", "overwrite": true, "manifest": "m.json",
                        "maxFileBytes": "1.5MiB", "maxFileRows": 7}}""");

    assertThat(request.table()).contains(TableName.parse("sales.orders"));
    assertThat(request.columns())
        .containsExactly(
            new ColumnSelection(ColumnPath.parse("id"), Optional.of("ID"), "/columns/0/source"),
            new ColumnSelection(
                ColumnPath.parse("metadata.tags.0"), Optional.empty(), "/columns/1/source"));
    assertThat(request.filter())
        .contains(
            new Filter.And(
                List.of(condition("total", Operator.GE, "/filter/0", new Value.Numeric("1.50")))));
    assertThat(request.where()).contains("id > 5");
    assertThat(request.limit()).hasValue(10);
    assertThat(request.format()).contains(Formats.byName("csv"));
    assertThat(request.compression())
        .isEqualTo(
            new RequestDocument.Compressing(
                Optional.of(Compression.Method.GZIP), OptionalInt.of(9)));
    assertThat(request.allowEmpty()).contains(true);
    assertThat(request.reading())
        .isEqualTo(new RequestDocument.Reading(Optional.of(ReadMode.CURSOR), OptionalInt.of(2)));
    assertThat(request.formatOptions()).isEqualTo(Map.of("header", "false", "lineEnding", "lf"));
    assertThat(request.database().url()).contains(DatabaseUrl.parse("postgresql://me:s3cr3t@h/d"));
    assertThat(request.output())
        .isEqualTo(
            new RequestDocument.Output(
                Optional.of("a.csv"),
                Optional.of(true),
                Optional.of("m.json"),
                OptionalLong.of(1_572_864),
                OptionalLong.of(7)));
    assertThat(request.toString()).doesNotContain("s3cr3t");
  }

  @Test
  void nothingHasToBeSaid() {
    assertThat(parse("{}")).isEqualTo(RequestDocument.EMPTY);
    assertThat(parse(" {\"output\": {}} ")).isEqualTo(RequestDocument.EMPTY);
  }

  @ParameterizedTest
  @EnumSource(Operator.class)
  void everyOperatorIsRead(Operator operator) {
    String value =
        switch (operator.operand()) {
          case NONE -> "";
          case ONE -> ",\"value\":\"x\"";
          case LIST -> ",\"value\":[\"x\",1,true]";
        };
    List<Value> values =
        switch (operator.operand()) {
          case NONE -> List.of();
          case ONE -> List.of(new Value.Text("x"));
          case LIST -> List.of(new Value.Text("x"), new Value.Numeric("1"), new Value.Truth(true));
        };
    assertThat(filter("{\"column\":\"c\",\"op\":\"" + operator.text() + "\"" + value + "}"))
        .isEqualTo(new Condition(ColumnPath.parse("c"), operator, values, "/filter"));
  }

  @Test
  void conditionsNestAndKnowWhereTheyAreWritten() {
    Filter filter =
        filter(
            """
            {"or": [{"and": [{"column": "a", "op": "isNull"}]},
                    [{"column": "b", "op": "eq", "value": "x"},
                     {"column": "c.d", "op": "eq", "value": true}]]}""");
    assertThat(filter)
        .isEqualTo(
            new Filter.Or(
                List.of(
                    new Filter.And(List.of(condition("a", Operator.IS_NULL, "/filter/or/0/and/0"))),
                    new Filter.And(
                        List.of(
                            condition("b", Operator.EQ, "/filter/or/1/0", new Value.Text("x")),
                            condition(
                                "c.d", Operator.EQ, "/filter/or/1/1", new Value.Truth(true)))))));
  }

  @ParameterizedTest
  @CsvSource({
    "1, 1",
    "-1.50, -1.50",
    "9007199254740993, 9007199254740993",
    "123456789012345678901234567890.123456789, 123456789012345678901234567890.123456789",
    "0.1000, 0.1000",
    "1e400, 1E+400"
  })
  void numbersKeepTheirDigits(String written, String text) {
    assertThat(filter("{\"column\":\"c\",\"op\":\"eq\",\"value\":" + written + "}"))
        .isEqualTo(condition("c", Operator.EQ, "/filter", new Value.Numeric(text)));
  }

  @Test
  void aFilterTravels() throws IOException, ClassNotFoundException {
    Filter filter =
        filter(
            """
            [{"or":[{"column":"a.b","op":"in","value":["x",1.5,true]},{"column":"c","op":"isNull"}]}]""");
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
      out.writeObject(filter);
    }
    try (ObjectInputStream in =
        new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
      assertThat(in.readObject()).isEqualTo(filter);
    }
  }

  @Test
  void everyFieldThatIsWrongIsNamedAtOnce() {
    refused(
        """
        {"schemaVersion": 2, "table": "a.b.c", "tabel": 1, "a/b~c": 1,
         "columns": [{"source": "id", "target": "a"}, "name", {"target": ""}, {"source": "x", "target": "a"},
                     {"source": "\\"x", "as": 1}],
         "filter": [{"column": "a", "op": "equals", "value": 1}, {"op": "eq"}, {"or": []}, 7,
                    {"column": "a", "op": "in", "value": []}, {"column": "a", "op": "eq", "value": null},
                    {"column": "a", "op": "isNull", "value": 1}, {"column": "a", "op": "in", "value": ["x", {}]},
                    {"and": [{"column": "a", "op": "isNull"}], "column": "b"}, {"or": {}},
                    {"column": 5, "op": "like", "value": ["x"]}, {"column": "a", "op": "eq", "value": "\\u0000"},
                    {"column": "a", "op": "in", "value": "x"}],
         "where": " ", "limit": 0, "format": "yaml", "compression": 9, "compressionLevel": 20, "allowEmpty": "no",
         "read": "guess", "parallelism": 5, "header": "yes", "lineEnding": "cr", "database": "mysql://me:s3cr3t@h/d",
         "output": {"file": "", "overwrite": "yes", "manifest": "\\u0000", "mode": 1, "maxFileBytes": "7 parsecs",
                    "maxFileRows": 0}}""",
        "request r.json: /tabel: unknown field: a request has schemaVersion, table, columns, filter,"
            + " limit, format, compression, compressionLevel, allowEmpty, header, lineEnding,"
            + " parquetCodec, parquetDecimal, xmlRoot, xmlRecord, xmlInvalidChars, where,"
            + " database, output, read, parallelism",
        "/a~1b~0c: unknown field",
        "/schemaVersion: must be 1, not 2",
        "/table: table \"a.b.c\": write table or schema.table",
        "/columns/1: must be an object with source and target, not \"name\"",
        "/columns/2/target: is empty",
        "/columns/2/source: is missing",
        "/columns/3/target: \"a\" is the target of /columns/0, too",
        "/columns/4/as: unknown field: a column has source, target",
        "/columns/4/source: column \"x: the closing quote is missing",
        "/filter/0/op: unknown operator \"equals\": use one of eq, ne, lt, le, gt, ge, in, like, isNull,"
            + " isNotNull",
        "/filter/1/column: is missing",
        "/filter/1/value: is missing",
        "/filter/2/or: is empty: leave it out for all rows",
        "/filter/3: must be an array of conditions, or an object",
        "/filter/4/value: is empty, and no row would be exported",
        "/filter/5/value: null compares with nothing: use isNull or isNotNull",
        "/filter/6/value: isNull takes no value",
        "/filter/7/value/1: must be a string, a number, true or false, not an object",
        "/filter/8/column: unknown field: an object with and has and",
        "/filter/9/or: must be an array of conditions, not an object",
        "/filter/10/column: must be a string, not 5",
        "/filter/10/value: must be a string, a number, true or false, not an array",
        "/filter/11/value: a text cannot have the character U+0000",
        "/filter/12/value: in takes an array of values, not \"x\"",
        "/where: is empty",
        "/limit: must be a whole number of 1 or more, not 0",
        "/format: unknown format \"yaml\"",
        "/compression: must be a string, not 9",
        "/compressionLevel: must be a whole number from 1 to 19, not 20",
        "/allowEmpty: must be true or false, not \"no\"",
        "/read: must be one of auto, copy, cursor, not \"guess\"",
        "/parallelism: must be a whole number from 1 to 4, not 5",
        "/header: header must be true or false, not \"yes\"",
        "/lineEnding: lineEnding must be crlf or lf, not \"cr\"",
        "/database: the database URL must begin with postgresql://",
        "/output/mode: unknown field: output has file, overwrite, manifest, maxFileBytes, maxFileRows",
        "/output/manifest: a path cannot have the character U+0000 in it",
        "/output/maxFileBytes: \"7 parsecs\" is not a size: write bytes, or a number with kB",
        "/output/maxFileRows: must be a whole number of 1 or more, not 0",
        "/output/file: is empty",
        "/output/overwrite: must be true or false, not \"yes\"");
  }

  @Test
  void anOptionMustBeOneOfTheFormatThatIsNamed() {
    refused(
        "{\"format\": \"json\", \"header\": false}",
        "/header: format json does not take the option header");
    refused(
        "{\"format\": \"parquet\", \"parquetCodec\": \"lzo\", \"compression\": \"gzip\"}",
        "/parquetCodec: parquetCodec must be one of snappy, zstd, gzip, none, not \"lzo\"",
        "/compression: a parquet file is compressed inside, not as a whole: leave compression out,"
            + " and choose how with parquetCodec (snappy, zstd, gzip, none)");
    assertThat(parse("{\"header\": \"false\"}").formatOptions())
        .isEqualTo(Map.of("header", "false"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{'compression': 'br'}|/compression: unknown compression \"br\"",
        "{'limit': 1.5}|must be a whole number",
        "{'limit': '5'}|must be a whole number",
        "{'limit': 99999999999999999999}|must be a whole number",
        "{'limit': null}|must be a whole number",
        "{'table': null}|/table: must be a string, not null",
        "{'columns': []}|/columns: is empty: leave it out for all columns",
        "{'columns': {}}|/columns: must be an array",
        "{'filter': []}|/filter: is empty: leave it out for all rows",
        "{'filter': 'id > 5'}|/filter: must be an array of conditions",
        "{'output': 'x.csv'}|/output: must be an object, not \"x.csv\"",
        "[]|the whole: must be an object",
        "5|the whole: must be an object",
        "{'table': 'a', 'table': 'b'}|line 1, column 23: not JSON as it should be: Duplicate field 'table'",
        "{'output': {'file': 'a', 'file': 'b'}}|Duplicate field 'file'",
        "{'table': 'a'} {}|not JSON as it should be",
        "{'table': |not JSON as it should be: Unexpected end-of-input",
        "{'filter': [{'column': 'a', 'op': 'eq', 'value': NaN}]}|Non-standard token 'NaN': write it as a string",
        "{'table': 'a'|not JSON as it should be",
        "{'table': a}|not JSON as it should be",
        "{table: 1}|not JSON as it should be",
      })
  void whatElseIsWrongIsSaidInOneLine(String json, String problem) {
    refused(json.replace('\'', '"'), problem);
  }

  @Test
  void whatMayHoldAPasswordIsNotRepeated() {
    refused("\"postgresql://me:s3cr3t@h/d\"", "the whole: must be an object");
    refused("[\"postgresql://me:s3cr3t@h/d\"]", "the whole: must be an object");
    refused(
        "{\"database\": {\"url\": \"postgresql://me:s3cr3t@h/d\"}}",
        "/database: must be a string, not an object");
    refused("{\"database\": \"postgres//me:s3cr3t@h/d\"}", "/database: the database URL must");
    refused("{\"databse\": \"postgresql://me:s3cr3t@h/d\"}", "/databse: unknown field");
  }

  @Test
  void nothingIsRefused() {
    refused("", "request r.json: the whole: must be an object");
  }

  @Test
  void depthNumberAndLengthAreBounded() {
    refused("[".repeat(1000) + "]".repeat(1000), "not JSON as it should be");
    String condition = "{\"column\":\"a\",\"op\":\"isNull\"}";
    assertThat(filter("[".repeat(15) + condition + "]".repeat(15))).isNotNull();
    refused(
        "{\"filter\":" + "[".repeat(16) + condition + "]".repeat(16) + "}",
        "is nested deeper than 16 levels");
    refused(
        "{\"filter\":[" + (condition + ",").repeat(1000) + condition + "]}",
        "/filter: has 1001 conditions, more than 1000");
    refused(
        "{\"columns\":[" + "{\"source\":\"a\"},".repeat(1600) + "{\"source\":\"a\"}]}",
        "/columns: has 1601 columns, more than 1600");
    refused(
        "{\"table\":\"" + "a".repeat(RequestDocument.MOST_BYTES) + "\"}",
        "request r.json: a document has at most 1048576 bytes");
    refused("{" + unknownFields(200) + "}", "; and 150 more");
  }

  private static String unknownFields(int count) {
    StringBuilder fields = new StringBuilder();
    for (int i = 0; i < count; i++) {
      fields.append(i == 0 ? "" : ",").append("\"x").append(i).append("\":1");
    }
    return fields.toString();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{'compression': 'bzip2'}|/compression: unknown compression \"bzip2\": use one of none, gzip, zstd",
        "{'compression': 'gzip', 'compressionLevel': 10}|/compressionLevel: compression level of gzip must be 1 to 9, not 10",
        "{'compression': 'none', 'compressionLevel': 1}|/compressionLevel: a compression level without a compression",
        "{'compressionLevel': '9'}|/compressionLevel: must be a whole number from 1 to 19, not \"9\"",
        "{'output': {'maxFileBytes': 0}}|/output/maxFileBytes: must be a whole number of 1 or more, not 0",
        "{'output': {'maxFileBytes': '0.1'}}|/output/maxFileBytes: must be 1 byte or more, not 0",
        "{'output': {'maxFileBytes': '99999999TB'}}|\"99999999TB\" is more bytes than a file can have",
        "{'output': {'maxFileBytes': true}}|/output/maxFileBytes: must be a whole number of 1 or more, not true",
        "{'parallelism': 1.5}|/parallelism: must be a whole number from 1 to 4, not 1.5",
        "{'read': 1}|/read: must be a string, not 1",
      })
  void whatDoesNotFitIsSaidWithItsPointer(String json, String problem) {
    refused(json.replace('\'', '"'), problem);
  }

  @Test
  void aDatabaseMayBeAUrlOrAName() {
    assertThat(parse("{\"database\":\"shop\"}").database())
        .isEqualTo(new RequestDocument.DatabaseReference(Optional.empty(), Optional.of("shop")));
    assertThat(parse("{\"database\":\" postgresql://h/d \"}").database())
        .isEqualTo(
            new RequestDocument.DatabaseReference(
                Optional.of(DatabaseUrl.parse("postgresql://h/d")), Optional.empty()));
    refused("{\"database\":\"a shop\"}", "/database: the database URL must begin with");
  }

  @Test
  void itMayBeYaml() {
    RequestDocument request =
        parse(
            """
            # nightly
            table: sales.orders
            columns:
              - {source: id, target: ID}
              - source: metadata.tags.0
            filter:
              - {column: total, op: ge, value: 1.50}
            limit: 10
            header: false
            output:
              file: out/
              maxFileBytes: 1GiB
            """);
    assertThat(request)
        .isEqualTo(
            parse(
                """
                {"table": "sales.orders",
                 "columns": [{"source": "id", "target": "ID"}, {"source": "metadata.tags.0"}],
                 "filter": [{"column": "total", "op": "ge", "value": 1.50}], "limit": 10,
                 "header": false, "output": {"file": "out/", "maxFileBytes": 1073741824}}"""));
  }

  @Test
  void inYamlEveryProblemHasItsLine() {
    refused(
        """
        tabel: orders

        columns:
          - source: id
          - target: x
        output:
          file: ""
        limit: ten
        """,
        "request r.json: line 1: /tabel: unknown field",
        "line 5: /columns/1/source: is missing",
        "line 7: /output/file: is empty",
        "line 8: /limit: must be a whole number");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "table: a\\ntable: b|line 2, column 6: not YAML as it should be: Duplicate field 'table'",
        "table: &x a\\nwhere: *x|line 2, column 10: not YAML as it should be: write the value itself",
        "table: a\\n---\\ntable: b|not YAML as it should be",
        "table: a\\nlimit: 010|line 2, column 11: not YAML as it should be: 010 may mean something else",
        "filter: [{column: a, op: eq, value: 0x10}]|0x10 may mean something else: write a number as",
        "filter: [{column: a, op: eq, value: 0b11}]|0b11 may mean something else",
        "filter: [{column: a, op: eq, value: 1_000}]|1_000 may mean something else",
        "filter: [{column: a, op: eq, value: +1}]|+1 may mean something else",
        "filter: [{column: a, op: eq, value: .5}]|.5 may mean something else",
        "filter: [{column: a, op: eq, value: yes}]|yes may mean something else: write true or false",
        "filter: [{column: a, op: eq, value: off}]|off may mean something else: write true or false",
        "filter: [{column: a, op: eq, value: .nan}]|.nan may mean something else",
        "table: [a|not YAML as it should be",
        "table: a\\n\\twhere: b|not YAML as it should be",
        "table: s3cr3t: b|line 1, column 14: not YAML as it should be: mapping values are not allowed here",
        "- table|the whole: must be an object",
        "table:|line 1: /table: is empty",
      })
  void whatIsNoGoodYamlIsSaidInOneLine(String yaml, String problem) {
    refused(yaml.replace("\\n", "\n").replace("\\t", "\t"), problem);
  }

  @Test
  void likeComparesWithText() {
    assertThatThrownBy(() -> filter("[{\"column\":\"t\",\"op\":\"like\",\"value\":1}]"))
        .hasMessageContaining("/filter/0/value: like takes a string, not 1");
  }

  @Test
  void aServiceTakesNoYaml() {
    assertThatThrownBy(() -> parse("table: t", Door.SERVICE))
        .hasMessageContaining("not JSON as it should be");
  }

  @Test
  void aServiceTakesNoSqlNoDatabaseAndNoFiles() {
    assertThatThrownBy(
            () ->
                parse(
                    "{\"where\":\"true\",\"database\":\"postgresql://h/d\",\"output\":{},"
                        + "\"read\":\"copy\",\"parallelism\":1}",
                    Door.SERVICE))
        .hasMessageContaining("/where: only the command line takes it")
        .hasMessageContaining("/database: only the command line takes it")
        .hasMessageContaining("/output: only the command line takes it")
        .hasMessageContaining("/read: only the command line takes it")
        .hasMessageContaining("/parallelism: only the command line takes it")
        .hasMessageContaining("/format: is missing")
        .hasMessageContaining("/columns: is missing")
        .satisfies(
            e ->
                assertThat(((PolyStreamException) e).problems())
                    .contains(new Problem("/columns", "is missing")));
    assertThat(parse("{\"format\":\"csv\",\"limit\":5}", Door.SERVICE_QUERY).limit()).hasValue(5);
    assertThatThrownBy(() -> parse("{\"fileName\":\"x\"}")).hasMessageContaining("/fileName");
  }

  @Test
  void aServiceIsToldOfACompressionInTheDocumentOrNowhere() {
    String request = "{\"format\":\"csv\",\"compressionLevel\":5}";
    assertThat(parse(request).compression().level()).hasValue(5);
    assertThatThrownBy(() -> parse(request, Door.SERVICE_QUERY))
        .hasMessageContaining("/compressionLevel: a compression level without a compression");
  }

  @ParameterizedTest
  @ValueSource(strings = {"\\u0000", "\\ud83d", "a\\udc00"})
  void namesHaveNoCharactersThatThereAreNot(String name) {
    refused(
        """
        {"table": "t%1$s", "columns": [{"source": "c%1$s"}, {"source": "id", "target": "t%1$s"}]}"""
            .formatted(name),
        "/table: a name cannot have the character U+0000, or half of a surrogate pair, in it",
        "/columns/0/source: a name cannot have",
        "/columns/1/target: a name cannot have");
  }

  @ParameterizedTest
  @ValueSource(strings = {"a/b", "..", ".hidden", "a\\\\b", "a\\nb", "a\\u202eb", ""})
  void aDownloadIsCalledWhatAFileMayBe(String name) {
    String request = "{\"format\":\"csv\",\"fileName\":\"%s\"}";
    assertThatThrownBy(() -> parse(request.formatted(name), Door.SERVICE_QUERY))
        .hasMessageContaining("/fileName");
    assertThat(parse(request.formatted("Größe 1.csv"), Door.SERVICE_QUERY).output().file())
        .hasValue("Größe 1.csv");
  }

  @Test
  void anUnreadableDocumentIsAMatterOfStorage() {
    InputStream broken = new PipedInputStream();
    assertThatThrownBy(() -> RequestDocument.parse(broken, "request r.json", Door.COMMAND_LINE))
        .isInstanceOfSatisfying(
            PolyStreamException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.STORAGE))
        .hasMessage("cannot read request r.json");
  }

  private static Condition condition(
      String column, Operator operator, String pointer, Value... values) {
    return new Condition(ColumnPath.parse(column), operator, List.of(values), pointer);
  }

  private static Filter filter(String json) {
    return parse("{\"filter\":" + json + "}").filter().orElseThrow();
  }

  private static RequestDocument parse(String json) {
    return parse(json, Door.COMMAND_LINE);
  }

  private static RequestDocument parse(String json, Door door) {
    return RequestDocument.parse(
        new ByteArrayInputStream(json.getBytes(UTF_8)), "request r.json", door);
  }

  private static void refused(String json, String... problems) {
    assertThatThrownBy(() -> parse(json))
        .isInstanceOfSatisfying(
            PolyStreamException.class,
            e -> {
              assertThat(e.kind()).isEqualTo(ErrorKind.CONFIGURATION);
              assertThat(e.getMessage()).doesNotContain("\n", "s3cr3t").contains(problems);
            });
  }
}
