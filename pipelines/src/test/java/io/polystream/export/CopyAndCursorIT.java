package io.polystream.export;

import static org.assertj.core.api.Assertions.assertThat;

import io.polystream.error.PolyStreamException;
import io.polystream.format.Format;
import io.polystream.format.Formats;
import io.polystream.source.ReadMode;
import io.polystream.testing.ExportedFile;
import io.polystream.testing.PostgresExtension;
import io.polystream.testing.TestExport;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Every odd table that bench/ knows: however its rows are read, the file is the same. */
class CopyAndCursorIT {
  @RegisterExtension static final PostgresExtension postgres = new PostgresExtension();

  private static final Path ODD_TABLES = Path.of("..", "bench", "odd-tables.sql");

  private static final AtomicInteger ROLES = new AtomicInteger();

  @BeforeAll
  static void loadOddTables() throws SQLException, IOException {
    postgres.executeFile(ODD_TABLES);
  }

  /** Between them these ask a row for whatever a format can ask. */
  static Stream<Arguments> everyRelationInTwoFormats() throws SQLException {
    return everyRelationIn(Stream.of("csv", "json").map(Formats::byName).toList());
  }

  static Stream<Arguments> everyRelationInEveryFormat() throws SQLException {
    return everyRelationIn(Formats.all());
  }

  private static Stream<Arguments> everyRelationIn(List<Format> formats) throws SQLException {
    List<String> relations =
        postgres.queryColumn(
            "SELECT format('%I.%I', 'odd', relname) FROM pg_class"
                + " WHERE relnamespace = 'odd'::regnamespace AND relkind IN ('r', 'p', 'v', 'm', 'f')"
                + " ORDER BY relname");
    assertThat(relations).hasSizeGreaterThan(60);
    return relations.stream()
        .flatMap(relation -> formats.stream().map(format -> Arguments.of(relation, format.name())));
  }

  @ParameterizedTest(name = "{0} as {1}")
  @MethodSource("everyRelationInTwoFormats")
  void copyWithTwoReadersAndACursorWithOneGiveTheSameBytes(String relation, String format)
      throws IOException, SQLException {
    ExportedFile reference = export(relation, format, ReadMode.COPY, 2);

    assertThat(reference.rows()).isEqualTo(postgres.queryLong("SELECT count(*) FROM " + relation));
    requireSameBytes(reference, export(relation, format, ReadMode.CURSOR, 1));
  }

  @Tag("soak")
  @ParameterizedTest(name = "{0} as {1}")
  @MethodSource("everyRelationInEveryFormat")
  void everyNumberOfReadersGivesTheSameBytesAgainAndAgain(String relation, String format)
      throws IOException {
    Optional<String> refusal = refusal(relation, format, ReadMode.AUTO, 1);
    for (int readers = 1; readers <= ExportRequest.Reading.MOST_READERS; readers++) {
      for (ReadMode mode : List.of(ReadMode.COPY, ReadMode.CURSOR)) {
        if (refusal.isPresent()) {
          assertThat(refusal(relation, format, mode, readers)).isPresent();
        } else {
          requireSameBytes(
              export(relation, format, ReadMode.AUTO, 1), export(relation, format, mode, readers));
        }
      }
    }
  }

  /** What is said of values that the format has no type for. */
  private static Optional<String> refusal(
      String relation, String format, ReadMode mode, int readers) throws IOException {
    try {
      export(relation, format, mode, readers);
      return Optional.empty();
    } catch (PolyStreamException e) {
      assertThat(e).hasMessageContaining("or choose another format");
      return Optional.of(e.getMessage());
    }
  }

  /**
   * A table is read in the order of its pages; what the planner may spread over workers is a view.
   */
  @Test
  void aViewHasItsRowsInTheSameOrderEachTime() throws IOException, SQLException {
    postgres.execute(
        "CREATE TABLE base AS SELECT n AS id, repeat('x', 100) AS t FROM generate_series(1, 100000) n",
        "CREATE VIEW filtered AS SELECT id, t FROM base WHERE id % 3 = 0",
        "ANALYZE base");
    String role = roleWith("parallel_setup_cost = 0", "parallel_tuple_cost = 0");

    ExportedFile reference =
        TestExport.of(postgres, "filtered").as(role).read(ReadMode.CURSOR).run();
    for (int i = 0; i < 5; i++) {
      requireSameBytes(
          reference, TestExport.of(postgres, "filtered").as(role).read(ReadMode.COPY).run());
    }
  }

  @Test
  void whatARoleHasSetForItsSessionsChangesNoByte() throws IOException, SQLException {
    String role =
        roleWith(
            "DateStyle = 'German, DMY'",
            "TimeZone = 'Asia/Kathmandu'",
            "IntervalStyle = 'sql_standard'",
            "bytea_output = 'escape'",
            "extra_float_digits = -10",
            "xmlbinary = 'hex'",
            "default_transaction_isolation = 'serializable'",
            "default_transaction_deferrable = on",
            "default_transaction_read_only = on",
            "search_path = ''",
            "standard_conforming_strings = off",
            "quote_all_identifiers = on",
            "enable_seqscan = off",
            "work_mem = '64kB'");
    for (String relation :
        List.of(
            "every_type",
            "every_array",
            "own_types",
            "moments",
            "times",
            "floats",
            "float_arrays",
            "bytes",
            "documents",
            "\"quo\"\"te\"",
            "a_view",
            "wide_cells")) {
      ExportedFile reference = export("odd." + relation, "csv", ReadMode.COPY, 2);
      for (ReadMode mode : List.of(ReadMode.COPY, ReadMode.CURSOR)) {
        requireSameBytes(
            reference, TestExport.of(postgres, "odd." + relation).as(role).read(mode).run());
      }
    }
  }

  @Test
  void theLimitsARoleHasForItsShortStatementsAreNotForAnExport() throws IOException, SQLException {
    postgres.execute("CREATE TABLE long AS SELECT n AS id FROM generate_series(1, 10) n");
    String role =
        roleWith(
            "statement_timeout = '1s'",
            "idle_in_transaction_session_timeout = '1s'",
            "idle_session_timeout = '1s'",
            "transaction_timeout = '1s'",
            "lock_timeout = '1s'");

    for (ReadMode mode : List.of(ReadMode.COPY, ReadMode.CURSOR)) {
      assertThat(
              TestExport.of(postgres, "long")
                  .as(role)
                  .read(mode)
                  .where("pg_sleep(0.15) IS NOT NULL")
                  .run()
                  .rows())
          .isEqualTo(10);
    }
  }

  static Stream<Arguments> pathsInEveryFormat() {
    Map<String, String> columnsOf =
        Map.of(
            "odd.documents", "b.a,b.b:second,b.\"a\"\"b\",b.1,b,b.2.b.0.c",
            "odd.wide_cells", "id,j.0,j.39999.text:last,j:whole,after",
            "odd.own_types", "f.k,f,p,h");
    return columnsOf.keySet().stream()
        .flatMap(
            relation ->
                Formats.all().stream()
                    .map(format -> Arguments.of(relation, columnsOf.get(relation), format.name())));
  }

  @ParameterizedTest(name = "{0} as {2}")
  @MethodSource("pathsInEveryFormat")
  void valuesInsideJsonGiveTheSameBytesToo(String relation, String columns, String format)
      throws IOException {
    TestExport export = TestExport.of(postgres, relation).columns(columns).format(format);
    ExportedFile reference = export.read(ReadMode.COPY).parallelism(1).run();

    assertThat(reference.rows()).isPositive();
    requireSameBytes(reference, export.read(ReadMode.CURSOR).parallelism(2).run());
    requireSameBytes(reference, export.read(ReadMode.COPY).parallelism(4).run());
  }

  /** SQL calls it NULL, but in an ordinary row its text is what is exported. */
  @Test
  void aCompositeOfNothingButNullsIsAValueBesideACellTooLargeToHoldToo()
      throws IOException, SQLException {
    postgres.execute(
        "CREATE TYPE couple AS (a int, b text)",
        "CREATE TABLE couples (id int, c couple, n couple, t text)",
        "ALTER TABLE couples ALTER t SET STORAGE EXTERNAL",
        "INSERT INTO couples SELECT n, ROW(NULL, NULL)::couple, NULL, repeat('x', n * 1000000)"
            + " FROM generate_series(0, 3, 3) n");
    for (ReadMode mode : List.of(ReadMode.COPY, ReadMode.CURSOR)) {
      ExportedFile file = TestExport.of(postgres, "couples").columns("id,c,n").read(mode).run();
      assertThat(file.csvColumn("c")).as("small").containsExactly("(,)", "(,)");
      ExportedFile large = TestExport.of(postgres, "couples").read(mode).run();
      assertThat(large.csvColumn("c")).as("large").containsExactly("(,)", "(,)");
      assertThat(large.csvColumn("n")).containsExactly(null, null);
    }
  }

  /** A superuser whose sessions begin with these settings. */
  private static String roleWith(String... settings) throws SQLException {
    String role = "role_" + ROLES.incrementAndGet();
    postgres.execute("CREATE ROLE " + role + " LOGIN SUPERUSER");
    for (String setting : settings) {
      postgres.execute("ALTER ROLE " + role + " SET " + setting);
    }
    return role;
  }

  private static ExportedFile export(String relation, String format, ReadMode mode, int readers)
      throws IOException {
    ExportedFile exported =
        TestExport.of(postgres, relation).format(format).read(mode).parallelism(readers).run();
    assertThat(exported.manifest().path("read").asText())
        .isEqualTo(mode == ReadMode.CURSOR ? "cursor" : "copy");
    assertThat(exported.manifest().path("readers").asInt())
        .isEqualTo(Math.min(readers, exported.partitions()));
    return exported;
  }

  private static void requireSameBytes(ExportedFile reference, ExportedFile other)
      throws IOException {
    long mismatch = Files.mismatch(reference.path(), other.path());
    assertThat(mismatch)
        .as(() -> "first byte that differs:\n" + around(reference, other))
        .isNegative();
    assertThat(other.rows()).isEqualTo(reference.rows());
    assertThat(other.warnings()).isEqualTo(reference.warnings());
  }

  private static String around(ExportedFile reference, ExportedFile other) {
    try {
      int mismatch = (int) Files.mismatch(reference.path(), other.path());
      return excerpt(reference, mismatch) + "\nand\n" + excerpt(other, mismatch);
    } catch (IOException e) {
      return e.toString();
    }
  }

  private static String excerpt(ExportedFile file, int at) throws IOException {
    byte[] bytes = Files.readAllBytes(file.path());
    int from = Math.max(0, at - 60);
    int to = Math.min(bytes.length, at + 60);
    return new String(bytes, from, Math.max(0, to - from), java.nio.charset.StandardCharsets.UTF_8);
  }
}
