package io.polystream.export;

import static org.assertj.core.api.Assertions.assertThat;

import io.polystream.source.ReadMode;
import io.polystream.testing.ExportedFile;
import io.polystream.testing.PostgresExtension;
import io.polystream.testing.TestExport;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.postgresql.PGConnection;

/** PostgreSQL's own text COPY writes the files we write, and reads them back as they were. */
class TsvIT {
  @RegisterExtension static final PostgresExtension postgres = new PostgresExtension();

  /** Names with every character that COPY escapes, and with what means something to COPY. */
  private static final String ODD_NAMES =
      "U&\"tab\\0009feed\\000areturn\\000d\" text, U&\"\\005cN\" text, U&\"\\005c.\" text,"
          + " U&\"b\\0008f\\000cv\\000b\\0001\" text";

  @BeforeAll
  static void fillTables() throws SQLException {
    postgres.execute(
        // Every character of one byte alone, first, last and between others; then some others.
        """
        CREATE TABLE texts AS
        SELECT n AS id, chr(n) AS alone, chr(n) || 'x' AS first, 'x' || chr(n) AS last,
               'é' || chr(n) || '🐘' || chr(n) || chr(n) AS between, chr(n) || '.' AS ends_data
          FROM generate_series(1, 300) n""",
        """
        INSERT INTO texts VALUES
          (1001, '', '\\N', '\\.', E'\\\\\\n', E'a\\n\\\\.\\nb'),
          (1002, NULL, 'NULL', '\\\\N', E'\\\\\\\\', NULL),
          (1003, NULL, NULL, NULL, NULL, NULL),
          (1004, '', '', '', '', ''),
          (1005, E'\\u2028\\u2029\\u0085\\ufeff', '"', '''', ',', ' ')""",
        "CREATE TABLE single (t text)",
        "INSERT INTO single SELECT alone FROM texts",
        "CREATE TABLE spelled_alike (small int2, medium int4, big int8, amount numeric,"
            + " ratio float8, single float4, name varchar(20), padded char(9), key uuid, day date,"
            + " clock time, address inet, spot point, range int4range, words tsvector)",
        """
        INSERT INTO spelled_alike
        SELECT n % 30000, n * 21474, n * 1000000007::int8, n * 0.0100, sqrt(n) * 10 ^ (n % 40 - 20),
               n / 3.0, E'a\\tb\\\\' || n, 'c' || n % 100, md5('k' || n)::uuid, date '1890-01-01' + n,
               time '00:00' + n * interval '0.5 seconds', '10.0.0.1/8', point(n, 0.5),
               int4range(n, n + 5), to_tsvector('simple', 'a back\\slash ' || n)
          FROM generate_series(1, 50000) n""",
        "INSERT INTO spelled_alike VALUES (NULL)",
        "INSERT INTO spelled_alike VALUES (1, 2, 3, 'NaN', '-Infinity', '-0', '', '', NULL)",
        "CREATE TABLE odd_names (" + ODD_NAMES + ")",
        "INSERT INTO odd_names VALUES ('a', 'b', 'c', 'd'), (NULL, '', E'\\t', '\\N')");
  }

  @ParameterizedTest
  @EnumSource(
      value = ReadMode.class,
      names = {"COPY", "CURSOR"})
  void aFileIsWhatCopyWritesWhereTypesAreSpelledAlike(ReadMode mode)
      throws IOException, SQLException {
    for (String table : List.of("texts", "single", "spelled_alike", "odd_names")) {
      ExportedFile file = TestExport.of(postgres, table).format("tsv").read(mode).run();

      assertThat(file.path()).as(table).hasBinaryContent(copyOut(table, "FORMAT text, HEADER"));
      assertThat(file.partitions() > 1).isEqualTo(table.equals("spelled_alike"));
    }
  }

  @Test
  void withoutAHeaderItIsWhatCopyWritesWithout() throws IOException, SQLException {
    ExportedFile file =
        TestExport.of(postgres, "texts")
            .format("tsv")
            .formatOptions(Map.of("header", "false"))
            .run();

    assertThat(file.path()).hasBinaryContent(copyOut("texts", "FORMAT text"));
  }

  @Test
  void copyReadsEveryTextBackAsItWas() throws IOException, SQLException {
    for (String table : List.of("texts", "single", "spelled_alike", "odd_names")) {
      ExportedFile file = TestExport.of(postgres, table).format("tsv").run();
      postgres.execute("CREATE TABLE back_" + table + " (LIKE " + table + ")");

      copyIn("back_" + table, file);

      String left = "SELECT row(t.*)::text FROM " + table + " t";
      String right = "SELECT row(t.*)::text FROM back_" + table + " t";
      assertThat(
              postgres.queryLong(
                  ("SELECT count(*) FROM ((%1$s EXCEPT ALL %2$s) UNION ALL"
                          + " (%2$s EXCEPT ALL %1$s)) differences")
                      .formatted(left, right)))
          .as(table)
          .isZero();
      assertThat(postgres.queryLong("SELECT count(*) FROM back_" + table))
          .isEqualTo(file.rows())
          .isPositive();
    }
  }

  @Test
  void noLineEndsTheDataEarly() throws IOException {
    for (String table : List.of("texts", "single")) {
      assertThat(TestExport.of(postgres, table).format("tsv").run().text().split("\n"))
          .doesNotContain("\\.");
    }
  }

  private static byte[] copyOut(String table, String options) throws SQLException, IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (Connection connection = postgres.connect()) {
      connection
          .unwrap(PGConnection.class)
          .getCopyAPI()
          .copyOut("COPY " + table + " TO STDOUT (" + options + ")", bytes);
    }
    return bytes.toByteArray();
  }

  /** Names in the header have to be those of the table. */
  private static void copyIn(String table, ExportedFile file) throws SQLException, IOException {
    try (Connection connection = postgres.connect();
        InputStream bytes = Files.newInputStream(file.path())) {
      connection
          .unwrap(PGConnection.class)
          .getCopyAPI()
          .copyIn("COPY " + table + " FROM STDIN (FORMAT text, HEADER MATCH)", bytes);
    }
  }
}
