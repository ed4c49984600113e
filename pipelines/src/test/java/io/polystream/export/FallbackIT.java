package io.polystream.export;

import static io.polystream.testing.Patience.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.polystream.error.ErrorKind;
import io.polystream.source.ReadMode;
import io.polystream.testing.ExportedFile;
import io.polystream.testing.Gate;
import io.polystream.testing.PostgresExtension;
import io.polystream.testing.RunningExport;
import io.polystream.testing.TestExport;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A role that is allowed little, or given few connections: what comes out is still one moment. */
class FallbackIT {
  @RegisterExtension static final PostgresExtension postgres = new PostgresExtension();

  private static final String ROLE = "humble";
  private static final int ROWS = 40_000;
  private static final List<Integer> IDS = IntStream.rangeClosed(1, ROWS).boxed().toList();

  @BeforeAll
  static void createTables() throws SQLException {
    postgres.execute(
        "CREATE ROLE " + ROLE + " LOGIN",
        "CREATE TABLE item AS SELECT n AS id, repeat('x', 300) AS t FROM generate_series(1, "
            + ROWS
            + ") n",
        "CREATE VIEW item_view AS SELECT id, t FROM item",
        "GRANT SELECT ON item, item_view TO " + ROLE);
  }

  @AfterEach
  void allowAgain() throws SQLException {
    postgres.execute(
        "GRANT EXECUTE ON FUNCTION pg_export_snapshot, pg_current_wal_lsn,"
            + " pg_postmaster_start_time TO PUBLIC",
        "GRANT SELECT ON pg_locks TO PUBLIC",
        "ALTER ROLE " + ROLE + " CONNECTION LIMIT -1");
  }

  @AfterAll
  static void dropRole() throws SQLException {
    postgres.execute("DROP OWNED BY " + ROLE, "DROP ROLE " + ROLE);
  }

  private static TestExport export(String table) {
    return TestExport.of(postgres, table).as(ROLE).parallelism(3);
  }

  private static void allowConnections(int count) throws SQLException {
    postgres.execute("ALTER ROLE " + ROLE + " CONNECTION LIMIT " + count);
  }

  private static void requireOneTransaction(ExportedFile file, String... words) throws IOException {
    assertThat(file.csvColumn("id").stream().map(Integer::parseInt).toList()).isEqualTo(IDS);
    assertThat(file.manifest().at("/consistency/level").asText()).isEqualTo("transaction");
    assertThat(file.manifest().at("/consistency/snapshotId").isMissingNode()).isTrue();
    assertThat(file.manifest().path("readers").asInt()).isEqualTo(1);
    assertThat(file.partitions()).isEqualTo(1);
    assertThat(file.warnings())
        .singleElement()
        .asString()
        .contains(words)
        .endsWith("; one reader in one transaction");
    assertThat(file.summary().warnings()).isEqualTo(file.warnings());
  }

  // ---------------------------------------------------------------- no snapshot

  @ParameterizedTest
  @EnumSource(names = {"COPY", "CURSOR"})
  void aRoleThatMayNotExportASnapshotReadsInOneTransaction(ReadMode mode) throws Exception {
    postgres.execute("REVOKE EXECUTE ON FUNCTION pg_export_snapshot FROM PUBLIC");

    for (String table : List.of("item", "item_view")) {
      requireOneTransaction(
          export(table).read(mode).run(), "permission denied for function pg_export_snapshot");
    }
  }

  @Test
  void aServerThatCannotBeToldFromOthersSharesNoSnapshot() throws Exception {
    postgres.execute("REVOKE EXECUTE ON FUNCTION pg_postmaster_start_time FROM PUBLIC");

    requireOneTransaction(export("item").run(), "pg_postmaster_start_time");
  }

  @Test
  void aRoleThatMayNotAskForTheLogsPositionExportsWithoutIt() throws Exception {
    postgres.execute("REVOKE EXECUTE ON FUNCTION pg_current_wal_lsn FROM PUBLIC");

    ExportedFile file = export("item").run();

    assertThat(file.rows()).isEqualTo(ROWS);
    assertThat(file.manifest().at("/consistency/level").asText()).isEqualTo("snapshot");
    assertThat(file.manifest().at("/consistency/walPosition").isMissingNode()).isTrue();
    assertThat(file.warnings()).isEmpty();
  }

  // ---------------------------------------------------------------- few connections

  @ParameterizedTest
  @CsvSource({"2, 1", "3, 2"})
  void fewConnectionsAreFewReadersInOneSnapshot(int connections, int readers) throws Exception {
    allowConnections(connections);

    ExportedFile file = export("item").run();

    assertThat(file.csvColumn("id").stream().map(Integer::parseInt).toList()).isEqualTo(IDS);
    assertThat(file.manifest().at("/consistency/level").asText()).isEqualTo("snapshot");
    assertThat(file.manifest().path("readers").asInt()).isEqualTo(readers);
    assertThat(file.partitions()).isGreaterThan(2);
    assertThat(file.warnings())
        .containsExactly(
            "readers: "
                + readers
                + " instead of 3: too many connections for role \""
                + ROLE
                + "\"");
  }

  @ParameterizedTest
  @EnumSource(names = {"COPY", "CURSOR"})
  void oneConnectionReadsWhatItHasLockedItself(ReadMode mode) throws Exception {
    allowConnections(1);

    for (String table : List.of("item", "item_view")) {
      requireOneTransaction(
          export(table).read(mode).run(), "too many connections for role \"" + ROLE + "\"");
      postgres.requireNoConnections();
    }
  }

  @Test
  void oneConnectionReadsWithAPredicateAndALimit() throws Exception {
    allowConnections(1);

    ExportedFile file = export("item").where("id > 100").limit(10).run();

    assertThat(file.csvColumn("id")).hasSize(10).startsWith("101");
    assertThat(file.summary().limited()).isTrue();
  }

  @Test
  void aRowThatMustBeReadWholeMayBeAsLargeAsAViewsWithOneConnection() throws Exception {
    postgres.execute(
        "CREATE TABLE large (id int, t text)",
        "ALTER TABLE large ALTER t SET STORAGE EXTERNAL",
        "INSERT INTO large VALUES (1, repeat('y', 12000000)), (2, 'small')",
        "GRANT SELECT ON large TO " + ROLE);
    allowConnections(2);
    ExportedFile file = export("large").run();
    assertThat(file.csvColumn("t").get(0)).hasSize(12_000_000);
    assertThat(file.manifest().at("/consistency/level").asText()).isEqualTo("transaction");
    postgres.requireNoConnections();

    postgres.execute("INSERT INTO large VALUES (3, repeat('y', 20000000))");
    assertThat(export("large").failsWith(ErrorKind.QUERY))
        .hasMessageContaining("column \"t\" of public.large, row 3: too large to hold")
        .hasMessageContaining("there is no second connection in its snapshot");
    postgres.requireNoConnections();

    allowConnections(3);
    assertThat(export("large").run().csvColumn("t").get(2)).hasSize(20_000_000);
  }

  // ---------------------------------------------------------------- one moment

  @ParameterizedTest
  @ValueSource(strings = {"slow", "slow_view"})
  void theOnlyTransactionLocksOutWhatWouldTakeRowsAway(String table) throws Exception {
    createSlowTable();
    allowConnections(1);
    try (Gate gate = Gate.shut(postgres);
        Connection other = postgres.connect();
        Statement statement = other.createStatement()) {
      RunningExport export =
          RunningExport.start(postgres, export(table).where("id <> 1000 OR " + Gate.PASSED));
      export.awaitPlan();
      postgres.execute(
          "UPDATE slow SET id = -id WHERE id % 2 = 0", "DELETE FROM slow WHERE id > 0");
      Thread truncating = new Thread(() -> execute(statement, "TRUNCATE slow"));
      truncating.start();
      await("TRUNCATE to wait").until(() -> waits("AccessExclusiveLock") == 1);
      assertThat(export.isDone()).isFalse();
      gate.open();

      List<String> ids = export.await().csvColumn("id");

      assertThat(ids.stream().map(Integer::parseInt))
          .containsExactlyElementsOf(IntStream.rangeClosed(1, 2000).boxed().toList());
      truncating.join();
    }
  }

  private static void createSlowTable() throws SQLException {
    postgres.execute(
        "DROP TABLE IF EXISTS slow CASCADE",
        "CREATE TABLE slow AS SELECT n AS id, 'old' AS t FROM generate_series(1, 2000) n",
        "CREATE VIEW slow_view AS SELECT id, t FROM slow",
        "GRANT SELECT ON slow, slow_view TO " + ROLE);
  }

  private static void execute(Statement statement, String sql) {
    try {
      statement.execute(sql);
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  private static long waits(String mode) throws SQLException {
    return postgres.queryLong(
        "SELECT count(*) FROM pg_locks WHERE NOT granted AND database ="
            + " (SELECT oid FROM pg_database WHERE datname = current_database()) AND mode = '"
            + mode
            + "'");
  }

  // ---------------------------------------------------------------- the role's own settings

  @ParameterizedTest
  @ValueSource(ints = {-1, 1})
  void theLimitsAndDefaultsOfARoleAreNotForAnExport(int connections) throws Exception {
    String[] settings = {
      "statement_timeout = '1s'",
      "idle_in_transaction_session_timeout = '1s'",
      "transaction_timeout = '1500ms'",
      "lock_timeout = '100ms'",
      "default_transaction_isolation = 'serializable'",
      "default_transaction_deferrable = on",
      "default_transaction_read_only = on"
    };
    for (String setting : settings) {
      postgres.execute("ALTER ROLE " + ROLE + " SET " + setting);
    }
    allowConnections(connections);
    try (Connection other = postgres.connect();
        Statement statement = other.createStatement()) {
      other.setAutoCommit(false);
      statement.execute("LOCK TABLE item IN ACCESS EXCLUSIVE MODE");
      RunningExport export =
          RunningExport.start(
              postgres, export("item").where("id % 1000 <> 0 OR pg_sleep(0.05) IS NOT NULL"));
      await("the export to wait").until(() -> waits("AccessShareLock") == 1);
      // Longer than any of the limits.
      statement.execute("SELECT pg_sleep(2)");
      other.rollback();

      assertThat(export.await().rows()).isEqualTo(ROWS);
    } finally {
      postgres.execute("ALTER ROLE " + ROLE + " RESET ALL");
    }
  }
}
