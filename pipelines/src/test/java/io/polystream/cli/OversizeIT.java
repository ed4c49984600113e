package io.polystream.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.polystream.error.ErrorKind;
import io.polystream.source.ReadMode;
import io.polystream.testing.ExportedFile;
import io.polystream.testing.PostgresExtension;
import io.polystream.testing.TestExport;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Cells and rows that do not fit into memory are exported in pieces, or refused by name. Whether
 * memory holds is tried in a process with the launcher's flags.
 */
class OversizeIT {
  @RegisterExtension static final PostgresExtension postgres = new PostgresExtension();

  private static final int MEBIBYTE = 1 << 20;

  /** Of 13 bytes with characters of 1, 2 and 4, so that any cut goes through one of them. */
  private static final String UNIT = "E'aé🐘\"\\\\\\n,b'";

  private static final int UNIT_BYTES = 13;

  // ---------------------------------------------------------------- cells of every size

  @BeforeAll
  static void createMixedTable() throws SQLException {
    postgres.execute(
        "CREATE TABLE mixed (id int, t text, b bytea, j jsonb, a text[], after int)",
        // As it is, compressed, and both in one table.
        "ALTER TABLE mixed ALTER t SET STORAGE EXTERNAL, ALTER b SET STORAGE EXTERNAL,"
            + " ALTER a SET STORAGE EXTERNAL");
    List<Integer> sizes =
        new ArrayList<>(
            List.of(
                0,
                1,
                100,
                5_000,
                65_535,
                65_536,
                65_537,
                131_072,
                192 * 1024,
                192 * 1024 + 1,
                MEBIBYTE,
                2 * MEBIBYTE + 1,
                4 * MEBIBYTE + 1,
                20 * MEBIBYTE));
    Random random = new Random(4711);
    List<List<Integer>> perColumn = new ArrayList<>();
    for (int column = 0; column < 4; column++) {
      Collections.shuffle(sizes, random);
      perColumn.add(List.copyOf(sizes));
    }
    for (int row = 0; row < sizes.size(); row++) {
      postgres.execute(
          "INSERT INTO mixed SELECT %d, %s, decode(repeat('00ff10a7', %d), 'hex'), %s, %s, %d"
              .formatted(
                  row,
                  text(perColumn.get(0).get(row)),
                  Math.min(6_000_000, perColumn.get(1).get(row)) / 4,
                  "jsonb_build_object('n', 1.50, 'k', %s)"
                      .formatted(text(Math.min(6_000_000, perColumn.get(2).get(row)))),
                  // An array is held whole, so it may not be the largest.
                  "array_fill(%s, ARRAY[10])"
                      .formatted(text(Math.min(5_000_000, perColumn.get(3).get(row)) / 10)),
                  row));
    }
    postgres.execute(
        "INSERT INTO mixed SELECT n, 'small', '\\x00', '{\"k\": \"\"}', '{}', n"
            + " FROM generate_series(100, 3000) n");
  }

  /** SQL for a text of about so many bytes. */
  private static String text(int bytes) {
    return "repeat(%s, %d) || repeat('.', %d)"
        .formatted(UNIT, bytes / UNIT_BYTES, bytes % UNIT_BYTES);
  }

  @Test
  void cellsOfEverySizeComeThroughInCsv() throws Exception {
    ExportedFile file = TestExport.of(postgres, "mixed").read(ReadMode.COPY).run();
    ExportedFile byCursor = TestExport.of(postgres, "mixed").read(ReadMode.CURSOR).run();
    assertThat(Files.mismatch(file.path(), byCursor.path())).isNegative();

    List<String> found = new ArrayList<>();
    for (List<String> row : file.csvRows()) {
      JsonNode document = ExportedFile.json(row.get(3).getBytes(UTF_8));
      JsonNode array = ExportedFile.json(row.get(4).getBytes(UTF_8));
      found.add(
          fingerprint(
              row.get(0),
              row.get(1).getBytes(UTF_8),
              Base64.getDecoder().decode(row.get(2)),
              document,
              array,
              row.get(5)));
    }
    assertThat(found).isEqualTo(expectedFingerprints());
  }

  @Test
  void cellsOfEverySizeComeThroughInJson() throws Exception {
    ExportedFile file = TestExport.of(postgres, "mixed").read(ReadMode.CURSOR).format("json").run();

    List<String> found = new ArrayList<>();
    file.forEachJsonRow(
        row ->
            found.add(
                fingerprint(
                    row.path("id").asText(),
                    row.path("t").textValue().getBytes(UTF_8),
                    Base64.getDecoder().decode(row.path("b").textValue()),
                    row.path("j"),
                    row.path("a"),
                    row.path("after").asText())));
    assertThat(found).isEqualTo(expectedFingerprints());
  }

  private static String fingerprint(
      String id, byte[] text, byte[] bytes, JsonNode document, JsonNode array, String after) {
    StringBuilder joined = new StringBuilder();
    array.forEach(element -> joined.append(element.textValue()).append('|'));
    return String.join(
        " ",
        id,
        md5(text),
        md5(bytes),
        md5(document.path("k").textValue().getBytes(UTF_8)),
        md5(joined.toString().getBytes(UTF_8)),
        after);
  }

  private static List<String> expectedFingerprints() throws SQLException {
    return postgres.queryColumn(
        "SELECT concat_ws(' ', id, md5(t), md5(b), md5(j->>'k'),"
            + " md5(array_to_string(a, '|') || CASE WHEN a = '{}' THEN '' ELSE '|' END), after)"
            + " FROM mixed ORDER BY ctid");
  }

  private static String md5(byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("MD5").digest(bytes));
    } catch (NoSuchAlgorithmException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  // ---------------------------------------------------------------- in the launcher's memory

  @Test
  void aCellOf100MegabytesGoesThroughAProcessOf96Megabytes() throws Exception {
    requireLargeCell(text(100 * MEBIBYTE), "copy", "csv");
  }

  @Tag("soak")
  @ParameterizedTest
  @CsvSource({"copy, json", "cursor, csv", "cursor, json"})
  void aCellOf100MegabytesGoesThroughTheOtherWay(String read, String format) throws Exception {
    requireLargeCell(text(100 * MEBIBYTE), read, format);
  }

  private static void requireLargeCell(String value, String read, String format) throws Exception {
    postgres.execute(
        "DROP TABLE IF EXISTS large",
        "CREATE TABLE large (id int, c text)",
        "ALTER TABLE large ALTER c SET STORAGE EXTERNAL",
        "INSERT INTO large VALUES (1, 'before')",
        "INSERT INTO large SELECT 2, " + value,
        "INSERT INTO large VALUES (3, 'after')");
    Path file = postgres.directory().resolve("large." + format);

    export("large", file, "--read", read).requireDone();

    String fingerprints = "string_agg(md5(c), ',' ORDER BY id) FROM ";
    String expected = postgres.queryText("SELECT " + fingerprints + "large");
    String source =
        format.equals("csv")
            ? "read_csv('%s', auto_detect = false, header = true, delim = ',', quote = '\"',"
                + " escape = '\"', new_line = '\\r\\n', parallel = false,"
                + " max_line_size = 300000000, buffer_size = 600000000,"
                + " columns = {id: 'INT', c: 'VARCHAR'})"
            : "read_json('%s', format = 'array', maximum_object_size = 300000000,"
                + " columns = {id: 'INT', c: 'VARCHAR'})";
    assertThat(duckDb(fingerprints + source, file)).isEqualTo(expected);
  }

  private static Outcome export(String table, Path file, String... more) throws Exception {
    List<String> args =
        new ArrayList<>(List.of("--table", table, "-o", file.toString(), "--quiet"));
    args.addAll(List.of(more));
    return CliProcess.setup()
        .jvmFlags("-Xmx96m")
        .run(Cli.exportArgs(postgres.urlText(), args.toArray(String[]::new)));
  }

  @Test
  void manyMediumCellsGoThroughAProcessOf96Megabytes() throws Exception {
    requireMediumCells(40, "cursor");
  }

  @Tag("soak")
  @ParameterizedTest
  @CsvSource({"copy", "cursor"})
  void moreMediumCellsGoThroughAProcessOf96Megabytes(String read) throws Exception {
    requireMediumCells(200, read);
  }

  private static void requireMediumCells(int rows, String read) throws Exception {
    postgres.execute(
        "DROP TABLE IF EXISTS medium",
        "CREATE TABLE medium (id int, t text)",
        "ALTER TABLE medium ALTER t SET STORAGE EXTERNAL",
        "INSERT INTO medium SELECT n, repeat(md5(n::text), 98304) FROM generate_series(1, "
            + rows
            + ") n");
    Path file = postgres.directory().resolve("medium.csv");

    export("medium", file, "--read", read, "--parallelism", "4").requireDone();

    // Header, and per row the number, a comma, 3 MiB and CRLF.
    long numbers = IntStream.rangeClosed(1, rows).map(n -> Integer.toString(n).length()).sum();
    assertThat(file).hasSize(6 + numbers + rows * (3L + 98304 * 32));
  }

  /** Every reader has buffers for each column of its row group. */
  @Test
  void parquetOf1600ColumnsGoesThroughAProcessOf96Megabytes() throws Exception {
    postgres.execute(
        "DROP TABLE IF EXISTS broad",
        "CREATE TABLE broad ("
            + IntStream.range(0, 1600)
                .mapToObj(i -> "c" + i + (i % 100 == 0 ? " text" : " int"))
                .collect(Collectors.joining(", "))
            + ")",
        "INSERT INTO broad SELECT "
            + IntStream.range(0, 1600)
                .mapToObj(i -> i % 100 == 0 ? "'t' || n" : "n + " + i)
                .collect(Collectors.joining(", "))
            + " FROM generate_series(1, 4000) n");
    Path file = postgres.directory().resolve("broad.parquet");

    export("broad", file, "--parallelism", "4").requireDone();

    assertThat(duckDb("concat_ws(' ', count(*), sum(c1), sum(c1599), max(c1500)) FROM '%s'", file))
        .isEqualTo(
            postgres.queryText(
                "SELECT concat_ws(' ', count(*), sum(c1), sum(c1599), max(c1500)) FROM broad"));
  }

  /** Each is in memory several times while its page is made. */
  @Test
  void parquetsLargestCellsGoThroughAProcessOf96Megabytes() throws Exception {
    postgres.execute(
        "DROP TABLE IF EXISTS heavy",
        "CREATE TABLE heavy (id int, t text)",
        "ALTER TABLE heavy ALTER t SET STORAGE EXTERNAL",
        "INSERT INTO heavy SELECT n, repeat(md5(n::text), 262144) FROM generate_series(1, 12) n");
    Path file = postgres.directory().resolve("heavy.parquet");

    export("heavy", file, "--parallelism", "4").requireDone();

    assertThat(duckDb("string_agg(md5(t), '' ORDER BY id) FROM '%s'", file))
        .isEqualTo(postgres.queryText("SELECT string_agg(md5(t), '' ORDER BY id) FROM heavy"));
  }

  private static String duckDb(String selected, Path file) throws SQLException {
    try (Connection duckDb = DriverManager.getConnection("jdbc:duckdb:");
        Statement statement = duckDb.createStatement();
        ResultSet found = statement.executeQuery("SELECT " + selected.formatted(file))) {
      found.next();
      return found.getString(1);
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"COPY", "CURSOR"})
  void aRowTooLargeToHoldOf1600ColumnsIsExported(ReadMode mode) throws Exception {
    String columns =
        IntStream.range(0, 1600)
            .mapToObj(i -> "c" + i + (i % 2 == 0 ? " text" : " int"))
            .collect(Collectors.joining(", "));
    postgres.execute(
        "DROP TABLE IF EXISTS wide",
        "CREATE TABLE wide (" + columns + ")",
        "ALTER TABLE wide ALTER c800 SET STORAGE EXTERNAL",
        "INSERT INTO wide (c0, c1, c800, c1598, c1599) SELECT 'x' || n, n,"
            + " repeat('y', n / 5 * 5000000), 'z', -n FROM generate_series(1, 5) n");

    ExportedFile file = TestExport.of(postgres, "wide").read(mode).run();

    List<List<String>> rows = file.csvRows();
    assertThat(rows).hasSize(5).allSatisfy(row -> assertThat(row).hasSize(1600));
    List<String> last = rows.get(4);
    assertThat(last.get(0)).isEqualTo("x5");
    assertThat(last.get(1)).isEqualTo("5");
    assertThat(last.get(2)).isNull();
    assertThat(last.get(800)).hasSize(5_000_000);
    assertThat(last.get(1599)).isEqualTo("-5");
    assertThat(rows.get(0).get(800)).isEmpty();
  }

  @Test
  void theLastRowMayBeTheLargeOne() throws Exception {
    postgres.execute(
        "CREATE TABLE ends (id int, t text)",
        "ALTER TABLE ends ALTER t SET STORAGE EXTERNAL",
        "INSERT INTO ends SELECT n, repeat('x', 100) FROM generate_series(1, 30000) n",
        "INSERT INTO ends SELECT 30001, repeat('y', 9000000)");

    ExportedFile copy = TestExport.of(postgres, "ends").read(ReadMode.COPY).run();
    ExportedFile cursor = TestExport.of(postgres, "ends").read(ReadMode.CURSOR).run();

    assertThat(copy.rows()).isEqualTo(30_001);
    assertThat(copy.csvRows().get(30_000).get(1)).hasSize(9_000_000);
    assertThat(Files.mismatch(copy.path(), cursor.path())).isNegative();
  }

  /** Rows of two leaves have the same ctid. */
  @ParameterizedTest
  @EnumSource(names = {"COPY", "CURSOR"})
  void rowsTooLargeToHoldOfEveryLeafAreTheirOwn(ReadMode mode) throws Exception {
    postgres.execute(
        "DROP TABLE IF EXISTS tree",
        "CREATE TABLE tree (id int, t text) PARTITION BY LIST (id)",
        "CREATE TABLE tree_1 PARTITION OF tree FOR VALUES IN (1)",
        // Its columns lie in another order.
        "CREATE TABLE tree_2 (gone int, t text, id int)",
        "ALTER TABLE tree_2 DROP gone",
        "ALTER TABLE tree ATTACH PARTITION tree_2 FOR VALUES IN (2)",
        "CREATE TABLE tree_3 PARTITION OF tree FOR VALUES IN (3)",
        "INSERT INTO tree SELECT n, repeat('\"' || n, 1500000) FROM generate_series(1, 3) n",
        "INSERT INTO tree SELECT n, 'small' FROM generate_series(1, 3) n");

    ExportedFile file = TestExport.of(postgres, "tree").read(mode).run();

    assertThat(
            file.csvRows().stream().map(row -> row.get(0) + " " + md5(row.get(1).getBytes(UTF_8))))
        .containsExactlyInAnyOrderElementsOf(
            postgres.queryColumn("SELECT id || ' ' || md5(t) FROM tree"));
  }

  @ParameterizedTest
  @EnumSource(names = {"COPY", "CURSOR"})
  void columnsAreChosenFromRowsTooLargeToHold(ReadMode mode) throws Exception {
    postgres.execute(
        "DROP TABLE IF EXISTS chosen",
        "CREATE TABLE chosen (id int, a text, b bytea, c text, d jsonb)",
        "INSERT INTO chosen SELECT 1, repeat('a', 2500000), NULL, '', '{\"d\":  1}'",
        "INSERT INTO chosen SELECT 2, NULL, 'b', repeat('c', 2500000), NULL",
        "INSERT INTO chosen VALUES (3, 'a', NULL, 'c', 'null')");

    ExportedFile file =
        TestExport.of(postgres, "chosen").columns("d:x,c,c:again,id,b").read(mode).run();

    String wide = "c".repeat(2_500_000);
    assertThat(file.text())
        .isEqualTo(
            "x,c,again,id,b\r\n\"{\"\"d\"\":1}\",\"\",\"\",1,\r\n,"
                + wide
                + ","
                + wide
                + ",2,Yg==\r\nnull,c,c,3,\r\n");
  }

  // ---------------------------------------------------------------- refused by name

  @ParameterizedTest
  @EnumSource(names = {"COPY", "CURSOR"})
  void aViewsRowTooLargeToHoldIsRefusedByColumnAndRow(ReadMode mode) throws SQLException {
    postgres.execute(
        "CREATE TABLE IF NOT EXISTS below AS SELECT n AS id, 'é'::text AS small, repeat('x', n / 7"
            + " * 17000000) AS \"the wide one\" FROM generate_series(1, 7) n",
        "CREATE OR REPLACE VIEW over_below AS SELECT * FROM below ORDER BY id");

    assertThat(TestExport.of(postgres, "over_below").read(mode).failsWith(ErrorKind.QUERY))
        .hasMessageContaining("column \"the wide one\" of public.over_below, row 7")
        .hasMessageContaining("--columns");
  }

  @Test
  void aViewsLargeRowsThatFitAreExported() throws SQLException, IOException {
    postgres.execute(
        "CREATE TABLE fitting AS SELECT n AS id, repeat('x', 15000000) AS t"
            + " FROM generate_series(1, 3) n",
        "CREATE VIEW over_fitting AS SELECT * FROM fitting");

    assertThat(TestExport.of(postgres, "over_fitting").read(ReadMode.COPY).run().rows())
        .isEqualTo(3);
  }

  @ParameterizedTest
  @EnumSource(names = {"COPY", "CURSOR"})
  void anArrayTooLargeToHoldIsRefusedByColumnAndRow(ReadMode mode) throws SQLException {
    postgres.execute(
        "CREATE TABLE IF NOT EXISTS lists (id int, list text[])",
        "TRUNCATE lists",
        "INSERT INTO lists VALUES (1, '{a}')",
        "INSERT INTO lists SELECT 2, array_fill(repeat('x', 1000), ARRAY[12000])");

    assertThat(TestExport.of(postgres, "lists").read(mode).failsWith(ErrorKind.QUERY))
        .hasMessageContaining("column \"list\" of public.lists, row (0,2)")
        .hasMessageContaining("array")
        .hasMessageContaining("--columns");
    assertThat(postgres.queryLong("SELECT count(*) FROM lists")).isEqualTo(2);
  }

  @Test
  void whatIsTooLargeCanBeLeftOut() throws SQLException, IOException {
    postgres.execute(
        "CREATE TABLE leavable AS SELECT n AS id,"
            + " CASE WHEN n = 2 THEN array_fill(repeat('x', 1000), ARRAY[12000]) END AS list"
            + " FROM generate_series(1, 3) n");

    assertThat(TestExport.of(postgres, "leavable").columns("id").run().rows()).isEqualTo(3);
    assertThat(TestExport.of(postgres, "leavable").where("id <> 2").run().rows()).isEqualTo(2);
  }
}
