package io.polystream.export;

import static io.polystream.testing.Patience.await;
import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.polystream.error.ErrorKind;
import io.polystream.error.PolyStreamException;
import io.polystream.format.Encoding;
import io.polystream.source.ColumnPath;
import io.polystream.source.Database;
import io.polystream.source.Databases;
import io.polystream.source.Partition;
import io.polystream.source.ReadMode;
import io.polystream.source.ReadPlan;
import io.polystream.source.ReadRequest;
import io.polystream.source.Snapshot;
import io.polystream.source.TableName;
import io.polystream.testing.ExportedFile;
import io.polystream.testing.Gate;
import io.polystream.testing.Patience;
import io.polystream.testing.PostgresExtension;
import io.polystream.testing.RunningExport;
import io.polystream.testing.TestExport;
import java.io.IOException;
import java.nio.file.Files;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every row exactly once, whatever the shape of the table, and page ranges that are cheap. */
class PartitioningIT {
  @RegisterExtension static final PostgresExtension postgres = new PostgresExtension();

  // ---------------------------------------------------------------- shapes

  private static final String ONE = "1";
  private static final String MANY = "[2-9]|\\d{2,}";

  /**
   * Columns {@code id} and {@code t}, filled with rows of 240 bytes, 33 per page.
   *
   * @param relation what is exported
   * @param partitions a pattern for how many there must be
   */
  private static Arguments shape(
      String name, String relation, String partitions, String... statements) {
    return Arguments.of(Named.of(name, relation), partitions, List.of(statements));
  }

  private static String fill(String table, int from, int to) {
    return "INSERT INTO %s (id, t) SELECT n, repeat('x', 208) FROM generate_series(%d, %d) n"
        .formatted(table, from, to);
  }

  static Stream<Arguments> shapes() {
    return Stream.of(
        shape("empty", "s", ONE, "CREATE TABLE s (id int, t text)"),
        shape("one row", "s", ONE, "CREATE TABLE s (id int, t text)", fill("s", 1, 1)),
        shape("one page", "s", ONE, "CREATE TABLE s (id int, t text)", fill("s", 1, 33)),
        shape("two pages", "s", ONE, "CREATE TABLE s (id int, t text)", fill("s", 1, 34)),
        // A partition has 512 pages: one row less, and one more, than that holds.
        shape("a partition", "s", ONE, "CREATE TABLE s (id int, t text)", fill("s", 1, 512 * 33)),
        shape(
            "a partition and a row",
            "s",
            MANY,
            "CREATE TABLE s (id int, t text)",
            fill("s", 1, 512 * 33 + 1)),
        shape("many pages", "s", MANY, "CREATE TABLE s (id int, t text)", fill("s", 1, 60_000)),
        shape(
            "dead rows only",
            "s",
            MANY,
            "CREATE TABLE s (id int, t text) WITH (autovacuum_enabled = false)",
            fill("s", 1, 40_000),
            "DELETE FROM s"),
        shape(
            "rows on the last page only",
            "s",
            MANY,
            "CREATE TABLE s (id int, t text) WITH (autovacuum_enabled = false)",
            fill("s", 1, 40_000),
            "DELETE FROM s WHERE id < 39999"),
        shape(
            "rows on the first page only",
            "s",
            "\\d+",
            "CREATE TABLE s (id int, t text) WITH (autovacuum_enabled = false)",
            fill("s", 1, 40_000),
            "DELETE FROM s WHERE id > 3"),
        shape(
            "rows moved to other pages",
            "s",
            MANY,
            "CREATE TABLE s (id int, t text) WITH (autovacuum_enabled = false)",
            fill("s", 1, 30_000),
            "UPDATE s SET t = t || 'longer' WHERE id % 3 = 0"),
        shape(
            "rows updated in their page",
            "s",
            MANY,
            "CREATE TABLE s (id int, t text) WITH (fillfactor = 50)",
            fill("s", 1, 15_000),
            "UPDATE s SET t = 'hot' WHERE id % 2 = 0"),
        shape(
            "generated and dropped columns",
            "s",
            MANY,
            "CREATE TABLE s (gone text, id int, n int GENERATED ALWAYS AS (id * 2) STORED, t text)",
            fill("s", 1, 20_000),
            "ALTER TABLE s DROP gone, ADD later text DEFAULT 'later'"),
        shape(
            "partitioned in two levels",
            "s",
            MANY,
            "CREATE TABLE s (id int, t text) PARTITION BY RANGE (id)",
            "CREATE TABLE s_empty PARTITION OF s FOR VALUES FROM (MINVALUE) TO (0)",
            "CREATE TABLE s_small PARTITION OF s FOR VALUES FROM (0) TO (10)",
            "CREATE TABLE s_huge PARTITION OF s FOR VALUES FROM (10) TO (50000)",
            "CREATE TABLE s_deep PARTITION OF s FOR VALUES FROM (50000) TO (60000)"
                + " PARTITION BY HASH (id)",
            "CREATE TABLE s_deep0 PARTITION OF s_deep FOR VALUES WITH (MODULUS 2, REMAINDER 0)",
            "CREATE TABLE s_deep1 PARTITION OF s_deep FOR VALUES WITH (MODULUS 2, REMAINDER 1)",
            // Another order of columns, and one that is gone.
            "CREATE TABLE s_other (t text, gone int, id int)",
            "ALTER TABLE s_other DROP gone",
            "ALTER TABLE s ATTACH PARTITION s_other DEFAULT",
            fill("s", 1, 61_000)),
        shape(
            "partitioned without leaves",
            "s",
            ONE,
            "CREATE TABLE s (id int, t text) PARTITION BY RANGE (id)"),
        shape(
            "inherited",
            "s",
            MANY,
            "CREATE TABLE s (id int, t text)",
            "CREATE TABLE s_child (extra int) INHERITS (s)",
            "CREATE TABLE s_grandchild (more jsonb) INHERITS (s_child)",
            fill("s", 1, 3),
            fill("s_child", 4, 30_000),
            fill("s_grandchild", 30_001, 30_010)),
        shape(
            "without logging",
            "s",
            MANY,
            "CREATE UNLOGGED TABLE s (id int, t text)",
            fill("s", 1, 20_000)),
        shape(
            "a materialized view",
            "kept",
            MANY,
            "CREATE TABLE s (id int, t text)",
            fill("s", 1, 20_000),
            "CREATE MATERIALIZED VIEW kept AS SELECT * FROM s"),
        shape(
            "a view",
            "seen",
            ONE,
            "CREATE TABLE s (id int, t text)",
            fill("s", 1, 20_000),
            "CREATE VIEW seen AS SELECT * FROM s WHERE id % 2 = 0"),
        shape(
            "a view of two tables",
            "seen",
            ONE,
            "CREATE TABLE s (id int, t text)",
            fill("s", 1, 20_000),
            "CREATE VIEW seen AS SELECT s.id, other.t FROM s JOIN s other USING (id)"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("shapes")
  void everyRowIsThereExactlyOnce(String relation, String partitions, List<String> statements)
      throws SQLException, IOException {
    postgres.execute("DROP TABLE IF EXISTS s CASCADE");
    postgres.execute(statements.toArray(String[]::new));
    List<String> expected = postgres.queryColumn("SELECT id FROM " + relation + " ORDER BY id");

    for (ReadMode mode : List.of(ReadMode.COPY, ReadMode.CURSOR)) {
      ExportedFile file = TestExport.of(postgres, relation).read(mode).parallelism(3).run();

      assertThat(file.csvColumn("id").stream().sorted())
          .containsExactlyElementsOf(expected.stream().sorted().toList());
      assertThat(Integer.toString(file.partitions())).matches(partitions);
      assertThat(file.warnings()).isEmpty();
    }
  }

  @Test
  void aTableThatGrowsWhileItIsPlannedIsExportedAsItWasInTheSnapshot() throws Exception {
    postgres.execute(
        "CREATE TABLE growing (id serial, t text)",
        "ALTER TABLE growing ALTER t SET STORAGE PLAIN");
    ExecutorService threads = Executors.newSingleThreadExecutor();
    Future<Void> writer =
        threads.submit(
            () -> {
              try (Connection connection = postgres.connect();
                  Statement statement = connection.createStatement()) {
                while (!Thread.currentThread().isInterrupted()) {
                  statement.execute(
                      "INSERT INTO growing (t) SELECT repeat('x', 2000) FROM generate_series(1, 20)");
                  Thread.sleep(4);
                }
              } catch (InterruptedException e) {
                // That is enough.
              }
              return null;
            });
    await("a row").until(() -> postgres.queryLong("SELECT count(*) FROM growing") > 0);
    for (int i = 0; i < 5; i++) {
      try (Gate gate = Gate.shut(postgres)) {
        // The snapshot can be read as long as the export runs.
        RunningExport export =
            RunningExport.start(
                postgres,
                TestExport.of(postgres, "growing").where("ctid <> '(0,1)' OR " + Gate.PASSED));
        List<String> expected = export.queryInSnapshot("SELECT id FROM growing");
        gate.open();
        assertThat(export.await().csvColumn("id")).containsExactlyInAnyOrderElementsOf(expected);
      }
    }
    threads.shutdownNow();
    writer.get(Patience.LONGEST.toMillis(), MILLISECONDS);
  }

  @Test
  void rowsOfAForeignTableAndOfAForeignLeafAreThere() throws SQLException, IOException {
    assumeTrue(
        postgres.queryLong("SELECT count(*) FROM pg_available_extensions WHERE name = 'file_fdw'")
            == 1,
        "the server has no file_fdw");
    postgres.execute(
        "CREATE EXTENSION file_fdw",
        "CREATE SERVER files FOREIGN DATA WRAPPER file_fdw",
        "CREATE FOREIGN TABLE far (id int) SERVER files OPTIONS (program 'seq 1 5000')",
        "CREATE TABLE mixed (id int) PARTITION BY RANGE (id)",
        "CREATE TABLE near PARTITION OF mixed FOR VALUES FROM (10000) TO (20000)",
        "INSERT INTO near SELECT generate_series(10000, 19999)",
        "CREATE FOREIGN TABLE mixed_far PARTITION OF mixed FOR VALUES FROM (1) TO (10000)"
            + " SERVER files OPTIONS (program 'seq 1 5000')");

    assertThat(TestExport.of(postgres, "far").run().csvColumn("id").stream().distinct())
        .hasSize(5000);
    ExportedFile mixed = TestExport.of(postgres, "mixed").run();
    assertThat(mixed.csvColumn("id").stream().distinct()).hasSize(15_000);
    assertThat(mixed.rows()).isEqualTo(15_000);
    assertThat(mixed.partitions()).isEqualTo(1);
  }

  @Test
  void aTableWithoutRowsIsNoFileUnlessThatIsAllowed() throws SQLException, IOException {
    postgres.execute("CREATE TABLE IF NOT EXISTS nothing (id int, t text)");

    assertThat(TestExport.of(postgres, "nothing").refuseEmpty().failsWith(ErrorKind.NO_ROWS))
        .hasMessageContaining("public.nothing");
    assertThat(TestExport.of(postgres, "nothing").run().text()).isEqualTo("id,t\r\n");
    assertThat(TestExport.of(postgres, "nothing").format("json").run().jsonRows()).isEmpty();
  }

  // ---------------------------------------------------------------- roles

  @Test
  void aRoleUnderRowSecurityGetsItsRowsAndAWarning() throws SQLException, IOException {
    postgres.execute(
        "CREATE ROLE reader LOGIN",
        "CREATE TABLE secured (id int, owner name, t text)",
        "INSERT INTO secured SELECT n, CASE WHEN n % 3 = 0 THEN 'reader' ELSE 'other' END,"
            + " repeat('x', 200) FROM generate_series(1, 40000) n",
        "ALTER TABLE secured ENABLE ROW LEVEL SECURITY",
        "CREATE POLICY own ON secured USING (owner = current_user)",
        "GRANT SELECT ON secured TO reader");

    for (ReadMode mode : List.of(ReadMode.COPY, ReadMode.CURSOR)) {
      ExportedFile theirs = TestExport.of(postgres, "secured").as("reader").read(mode).run();
      assertThat(theirs.csvColumn("owner").stream().distinct()).containsExactly("reader");
      assertThat(theirs.csvColumn("id").stream().distinct()).hasSize(40_000 / 3);
      assertThat(theirs.rows()).isEqualTo(40_000 / 3);
      assertThat(theirs.warnings())
          .singleElement()
          .asString()
          .contains("row security", "public.secured");
      assertThat(theirs.summary().warnings()).isEqualTo(theirs.warnings());
    }
    ExportedFile all = TestExport.of(postgres, "secured").run();
    assertThat(all.rows()).isEqualTo(40_000);
    assertThat(all.partitions()).isGreaterThan(1);
    assertThat(all.warnings()).isEmpty();
  }

  @Test
  void aRoleThatMayReadSomeColumnsExportsThoseInOneSnapshot() throws SQLException, IOException {
    postgres.execute(
        "CREATE ROLE clerk LOGIN",
        "CREATE TABLE salaries (id int, name text, salary numeric)",
        "INSERT INTO salaries SELECT n, repeat('x', 200), n FROM generate_series(1, 40000) n",
        "GRANT SELECT (id, name) ON salaries TO clerk");

    ExportedFile file = TestExport.of(postgres, "salaries").as("clerk").columns("id,name").run();

    assertThat(file.csvColumn("id").stream().distinct()).hasSize(40_000);
    assertThat(file.manifest().at("/consistency/level").asText()).isEqualTo("snapshot");
    assertThat(TestExport.of(postgres, "salaries").as("clerk").failsWith(ErrorKind.QUERY))
        .hasMessageContaining("permission denied");
  }

  @Test
  void aRoleThatMayReadAViewOnlyExportsIt() throws SQLException, IOException {
    postgres.execute(
        "CREATE ROLE guest LOGIN",
        "CREATE TABLE hidden (id int)",
        "INSERT INTO hidden SELECT generate_series(1, 1000)",
        "CREATE VIEW shown AS SELECT id FROM hidden WHERE id <= 500",
        "GRANT SELECT ON shown TO guest");

    ExportedFile file = TestExport.of(postgres, "shown").as("guest").run();

    assertThat(file.rows()).isEqualTo(500);
    assertThat(file.manifest().at("/consistency/level").asText()).isEqualTo("snapshot");
    TestExport.of(postgres, "hidden").as("guest").failsWith(ErrorKind.QUERY);
  }

  // ---------------------------------------------------------------- predicates

  /** More rows than an index is preferred for, and two indexes to tempt the planner. */
  @BeforeAll
  static void createIndexedTable() throws SQLException {
    postgres.execute(
        "CREATE TABLE indexed (id int PRIMARY KEY, kind int, t text)",
        "INSERT INTO indexed SELECT n, n % 1000, repeat('x', 80) FROM generate_series(1, 120000) n",
        "CREATE INDEX ON indexed (kind)",
        "CREATE TABLE wanted_ids AS SELECT generate_series(1, 120000, 7) AS id",
        "ANALYZE indexed, wanted_ids");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "kind = 7",
        "id = 4711",
        "id IN (SELECT id FROM wanted_ids)",
        "EXISTS (SELECT FROM wanted_ids w WHERE w.id = indexed.id)",
        "id < (SELECT max(id) / 2 FROM wanted_ids)",
        "id NOT IN (SELECT id FROM wanted_ids)",
        "kind = 7 -- and nothing else",
        "kind = 7 /* nor this */",
        "kind = 7) OR (kind = 8",
        "kind = 7 OR id > 119990",
        "t LIKE '%''%' OR kind = 3",
        "ctid > '(17,0)' AND kind > 990",
        "indexed.kind = 7",
        "random() >= 0"
      })
  void aPredicateLetsThroughWhatSqlSays(String predicate) throws SQLException, IOException {
    List<String> expected =
        postgres.queryColumn("SELECT id FROM indexed WHERE (" + predicate + "\n) ORDER BY ctid");
    assertThat(expected).isNotEmpty();

    ExportedFile byCopy =
        TestExport.of(postgres, "indexed").where(predicate).read(ReadMode.COPY).run();
    ExportedFile byCursor =
        TestExport.of(postgres, "indexed").where(predicate).read(ReadMode.CURSOR).run();

    // A predicate that becomes a join has its rows in an order of its own.
    assertThat(byCopy.csvColumn("id")).containsExactlyInAnyOrderElementsOf(expected);
    assertThat(Files.mismatch(byCopy.path(), byCursor.path())).isNegative();
    assertThat(byCopy.manifest().path("where").asText()).isEqualTo(predicate);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "no_such_column = 1",
        "id = ",
        "id",
        "t > 5",
        "id = 1; SELECT 2",
        // Only when the rows flow.
        "1 / (id - 50000) >= -1",
      })
  void aPredicateThatTheDatabaseRefusesIsAFailedQuery(String predicate) throws SQLException {

    PolyStreamException failure =
        TestExport.of(postgres, "indexed").where(predicate).failsWith(ErrorKind.QUERY);

    assertThat(failure).hasMessageContaining("public.indexed").hasMessageContaining("SQLSTATE");
  }

  @Test
  void aPredicateThatLetsNothingThroughIsNamedInTheFailure() throws SQLException {

    assertThat(
            TestExport.of(postgres, "indexed")
                .where("id < 0")
                .refuseEmpty()
                .failsWith(ErrorKind.NO_ROWS))
        .hasMessageContaining("--where");
  }

  // ---------------------------------------------------------------- plans

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "id > 0",
        "kind >= 0",
        "kind < 990 AND id > 0",
        "id < (SELECT max(id) FROM wanted_ids)",
        "t LIKE 'x%' -- x"
      })
  void pageRangesAreTidRangeScansWhateverThePredicateAndItsIndexes(String predicate)
      throws SQLException {
    requireTidRangeScans("indexed", predicate, List.of("indexed"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"kind = 7", "id = 4711", "id BETWEEN 100 AND 200", "kind IN (1, 2)"})
  void aPredicateThatAnIndexFindsFastIsReadByTheIndexAtOnce(String predicate) throws SQLException {
    try (Database database = Databases.at(postgres.url());
        Snapshot snapshot = database.snapshot(TableName.parse("indexed"), 2);
        ReadPlan plan = snapshot.plan(idAndText(snapshot, predicate), ReadMode.AUTO)) {
      assertThat(plan.partitions()).containsExactly(new Partition.Whole());
      try (Connection reader = plan.readers(failure -> {}).getConnection()) {
        assertThat(explain(reader, plan.sql(new Partition.Whole())))
            .containsPattern("(Index|Bitmap Heap) Scan")
            .doesNotContain("Seq Scan");
      }
    }
  }

  @Test
  void pageRangesOfAPartitionedTableAreTidRangeScansOfItsLeaves() throws SQLException {
    postgres.execute(
        "CREATE TABLE ranged (id int PRIMARY KEY, t text) PARTITION BY RANGE (id)",
        "CREATE TABLE ranged_a PARTITION OF ranged FOR VALUES FROM (1) TO (30000)",
        "CREATE TABLE ranged_b PARTITION OF ranged FOR VALUES FROM (30000) TO (60001)",
        fill("ranged", 1, 60_000));

    requireTidRangeScans("ranged", "", List.of("ranged_a", "ranged_b"));
    requireTidRangeScans("ranged", "id % 2 = 0", List.of("ranged_a", "ranged_b"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"enable_tidscan = off", "enable_seqscan = off", "random_page_cost = 0"})
  void pageRangesAreTidRangeScansWhateverTheDatabasesSettings(String setting) throws SQLException {
    String name = postgres.queryText("SELECT current_database()");
    postgres.execute("ALTER DATABASE " + name + " SET " + setting);
    try {
      requireTidRangeScans("indexed", "kind >= 0", List.of("indexed"));
    } finally {
      postgres.execute("ALTER DATABASE " + name + " RESET ALL");
    }
  }

  /** As the readers themselves see it: on their connection, with their settings. */
  private static void requireTidRangeScans(String table, String predicate, List<String> relations)
      throws SQLException {
    try (Database database = Databases.at(postgres.url());
        Snapshot snapshot = database.snapshot(TableName.parse(table), 2);
        ReadPlan plan = snapshot.plan(idAndText(snapshot, predicate), ReadMode.AUTO)) {
      assertThat(plan.partitions()).hasSizeGreaterThan(2);
      try (Connection reader = plan.readers(failure -> {}).getConnection()) {
        for (Partition partition : plan.partitions()) {
          String explained = explain(reader, plan.sql(partition));
          for (String relation : relations) {
            assertThat(explained)
                .contains("Tid Range Scan on " + relation)
                .doesNotContainPattern(
                    "(Seq|Index|Index Only|Heap) Scan (using \\w+ )?on " + relation);
          }
        }
      }
    }
  }

  private static ReadRequest idAndText(Snapshot snapshot, String predicate) {
    return new ReadRequest(
        Stream.of("id", "t")
            .map(name -> snapshot.table().field(ColumnPath.parse(name)).orElseThrow())
            .toList(),
        Optional.empty(),
        predicate.isEmpty() ? Optional.empty() : Optional.of(predicate),
        Encoding.USUAL_PART_BYTES);
  }

  private static String explain(Connection reader, String sql) throws SQLException {
    try (Statement statement = reader.createStatement();
        ResultSet plan = statement.executeQuery("EXPLAIN " + sql)) {
      StringBuilder lines = new StringBuilder();
      while (plan.next()) {
        lines.append(plan.getString(1)).append('\n');
      }
      return lines.toString();
    }
  }
}
