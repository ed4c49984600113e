package io.polystream.export;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.polystream.testing.ExportedFile;
import io.polystream.testing.PostgresExtension;
import io.polystream.testing.TestExport;
import java.io.IOException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * DuckDB, which shares no code with PolyStream, finds in its files what is in the database, by sums
 * over many rows; {@link RandomRowsIT} has readers that look at every cell.
 */
class IndependentReadersIT {
  @RegisterExtension static final PostgresExtension postgres = new PostgresExtension();

  @BeforeAll
  static void fillTable() throws SQLException {
    postgres.execute(
        """
        CREATE TABLE measured AS
        SELECT n AS id, (n % 65536 - 32768)::int2 AS small, (n * 21474 - 1000000000)::int4 AS medium,
               ((n * 7919 % 100003) * 0.0001 - 3)::numeric(18,4) AS amount,
               sqrt(n) * 10 ^ (n % 40 - 20) AS ratio, NULLIF(n % 3 = 0, n % 9 = 0) AS flag,
               CASE n % 11 WHEN 0 THEN NULL WHEN 1 THEN '' WHEN 2 THEN E'a "b",\\r\\n' || n
                 WHEN 3 THEN '🐘é' || chr(1 + n % 31) || n ELSE md5(n::text) END AS name,
               rpad('c' || n % 100, 8)::char(8) AS code, date '1890-01-01' + n AS day,
               timestamp '1950-01-01' + n * interval '7 hours 1.000001 seconds' AS taken,
               timestamptz '1990-06-01 12:00:00+05:30' + n * interval '47 minutes' AS moment,
               time '00:00' + n * interval '0.863 seconds' AS clock, md5('k' || n)::uuid AS key,
               decode(repeat(md5('b' || n), n % 4), 'hex') AS body,
               jsonb_build_object('n', n, 'text', 'a "b"' || n, 'list', jsonb_build_array(n, null))
                 AS document,
               CASE WHEN n % 5 > 0 THEN ARRAY['t' || n, 'a, "b"', NULL] END AS tags
          FROM generate_series(1, 50000) n\
        """);
  }

  /** As DuckDB and PostgreSQL both spell it; the hashes cover every character of every row. */
  private static final String MEASURES =
      """
      count(*), count(flag), count(name), count(tags), sum(id), min(small), max(small), sum(medium),
      sum(amount), min(amount), max(amount), min(day), max(day), min(taken), max(taken), min(clock),
      max(clock), sum(CASE WHEN flag THEN 1 ELSE 0 END), sum(length(name)),
      sum(CASE WHEN name = '' THEN 1 ELSE 0 END), min(ratio), max(ratio)\
      """;

  private static final List<String> TEXT_COLUMNS =
      List.of("name", "concat(code)", "CAST(key AS text)");

  @Test
  void duckDbReadsTheSameFromCsvAsPostgresHas() throws IOException, SQLException {
    ExportedFile file = TestExport.of(postgres, "measured").run();
    assertThat(file.partitions()).isGreaterThan(1);

    requireSameMeasures(
        "read_csv('"
            + file.path()
            + "', auto_detect = false, header = true, delim = ',', quote = '\"', escape = '\"',"
            + " new_line = '\\r\\n', nullstr = '', allow_quoted_nulls = false, parallel = false,"
            + " columns = {"
            + duckDbColumns("VARCHAR", "VARCHAR")
            + "})",
        "from_json(tags, '[\"VARCHAR\"]')");
  }

  @Test
  void duckDbReadsTheSameFromJsonAsPostgresHas() throws IOException, SQLException {
    ExportedFile file = TestExport.of(postgres, "measured").format("json").run();

    requireSameMeasures(
        "read_json('"
            + file.path()
            + "', format = 'array', columns = {"
            + duckDbColumns("JSON", "VARCHAR[]")
            + "})",
        "tags");
  }

  @Test
  void duckDbReadsTheSameFromNdjsonAsPostgresHas() throws IOException, SQLException {
    ExportedFile file = TestExport.of(postgres, "measured").format("ndjson").run();

    requireSameMeasures(
        "read_json('"
            + file.path()
            + "', format = 'newline_delimited', columns = {"
            + duckDbColumns("JSON", "VARCHAR[]")
            + "})",
        "tags");
  }

  @Test
  void duckDbReadsTheSameFromParquetAsPostgresHas() throws IOException, SQLException {
    ExportedFile file = TestExport.of(postgres, "measured").format("parquet").run();

    requireSameMeasures(
        "(SELECT * REPLACE (strftime(make_timestamp(epoch_us(moment)), '%Y-%m-%dT%H:%M:%SZ') AS"
            + " moment, to_base64(body) AS body) FROM read_parquet('"
            + file.path()
            + "'))",
        "tags");
  }

  /** DuckDB cuts TSV into cells, and leaves the backslashes to the query: see type-mapping.md. */
  @Test
  void duckDbReadsTheSameFromTsvAsPostgresHas() throws IOException, SQLException {
    ExportedFile file = TestExport.of(postgres, "measured").format("tsv").run();

    requireSameMeasures(
        "(SELECT * REPLACE ("
            + unescaped("name")
            + " AS name, "
            + unescaped("document")
            + " AS document, "
            + unescaped("tags")
            + " AS tags) FROM read_csv('"
            + file.path()
            + "', auto_detect = false, header = true, delim = '\t', quote = '', escape = '',"
            + " new_line = '\\n', nullstr = '\\N', parallel = false, columns = {"
            + duckDbColumns("VARCHAR", "VARCHAR")
            + "}))",
        "from_json(tags, '[\"VARCHAR\"]')");
  }

  /** Doubled backslashes are put aside as a character that no text has. */
  private static String unescaped(String column) {
    String sql = "replace(" + column + ", '\\\\', chr(57344))";
    String letters = "bfnrtv";
    int[] characters = {8, 12, 10, 13, 9, 11};
    for (int i = 0; i < characters.length; i++) {
      sql = "replace(%s, '\\%s', chr(%d))".formatted(sql, letters.charAt(i), characters[i]);
    }
    return "replace(" + sql + ", chr(57344), '\\')";
  }

  private static String duckDbColumns(String documentType, String tagsType) {
    return "id: 'BIGINT', small: 'SMALLINT', medium: 'INTEGER', amount: 'DECIMAL(18,4)',"
        + " ratio: 'DOUBLE', flag: 'BOOLEAN', name: 'VARCHAR', code: 'VARCHAR', day: 'DATE',"
        + " taken: 'TIMESTAMP', moment: 'VARCHAR', clock: 'TIME', key: 'VARCHAR', body: 'VARCHAR',"
        + (" document: '" + documentType + "', tags: '" + tagsType + "'");
  }

  private static void requireSameMeasures(String duckDbSource, String duckDbTags)
      throws SQLException {
    List<String> expected = new ArrayList<>();
    List<String> found = new ArrayList<>();
    try (Connection connection = postgres.connect()) {
      expected.addAll(row(connection, "SELECT " + MEASURES + " FROM measured"));
      expected.addAll(
          row(
              connection,
              "SELECT "
                  + hashes("string_agg(md5(%s), '' ORDER BY id)")
                  + ", sum(extract(epoch FROM moment))::bigint, sum(octet_length(body)),"
                  + " md5(string_agg(encode(body, 'hex'), '' ORDER BY id)),"
                  + " md5(string_agg(document->>'text', '' ORDER BY id)),"
                  + " sum((document#>>'{list,0}')::bigint), sum(cardinality(tags)),"
                  + " md5(string_agg(tags[1] || tags[2], '' ORDER BY id)), count(tags[3])"
                  + " FROM measured"));
    }
    try (Connection duckDb = DriverManager.getConnection("jdbc:duckdb:");
        Statement statement = duckDb.createStatement()) {
      statement.execute("CREATE TABLE found AS SELECT * FROM " + duckDbSource);
      found.addAll(row(duckDb, "SELECT " + MEASURES + " FROM found"));
      found.addAll(
          row(
              duckDb,
              "SELECT "
                  + hashes("string_agg(md5(%s), '' ORDER BY id)")
                  + ", sum(epoch(strptime(moment, '%Y-%m-%dT%H:%M:%SZ')))::bigint,"
                  + " sum(octet_length(from_base64(body))),"
                  + " md5(string_agg(lower(hex(from_base64(body))), '' ORDER BY id)),"
                  + " md5(string_agg(document->>'text', '' ORDER BY id)),"
                  + " sum((document->>'$.list[0]')::bigint), sum(len("
                  + duckDbTags
                  + ")), md5(string_agg(("
                  + duckDbTags
                  + ")[1] || ("
                  + duckDbTags
                  + ")[2], '' ORDER BY id)), count(("
                  + duckDbTags
                  + ")[3]) FROM found"));
    }
    assertThat(found).isEqualTo(expected);
  }

  private static String hashes(String hash) {
    return TEXT_COLUMNS.stream()
        .map(column -> "md5(" + hash.formatted(column) + ")")
        .collect(Collectors.joining(", "));
  }

  private static List<String> row(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      rows.next();
      List<String> values = new ArrayList<>();
      for (int i = 1; i <= rows.getMetaData().getColumnCount(); i++) {
        Object value = rows.getObject(i);
        values.add(value instanceof Double number ? Double.toString(number) : rows.getString(i));
      }
      return Collections.unmodifiableList(values);
    }
  }

  @Test
  void theFileIsUtf8WithoutAByteOrderMark() throws IOException {
    ExportedFile file = TestExport.of(postgres, "measured").columns("id").run();

    assertThat(file.text().getBytes(UTF_8)[0]).isEqualTo((byte) 'i');
  }
}
