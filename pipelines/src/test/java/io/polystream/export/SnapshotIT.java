package io.polystream.export;

import static io.polystream.testing.Patience.await;
import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import io.polystream.source.ReadMode;
import io.polystream.testing.ExportedFile;
import io.polystream.testing.Gate;
import io.polystream.testing.Patience;
import io.polystream.testing.PostgresExtension;
import io.polystream.testing.RunningExport;
import io.polystream.testing.TestExport;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever others do to a table while it is exported: the file is one moment of it. */
class SnapshotIT {
  @RegisterExtension static final PostgresExtension postgres = new PostgresExtension();

  private static final int ACCOUNTS = 100_000;
  private static final int SLOW_ROWS = 20_000;

  /** Keeps an export of the slow table in its second partition until the gate is open. */
  private static final String GATED = "id <> 10000 OR " + Gate.PASSED;

  private ExecutorService threads;

  @BeforeEach
  void startThreads() {
    threads = Executors.newCachedThreadPool();
  }

  @AfterEach
  void stopThreads() {
    threads.shutdownNow();
  }

  // ---------------------------------------------------------------- rows that change

  @ParameterizedTest
  @EnumSource(names = {"COPY", "CURSOR"})
  void theFileIsTheSnapshotWhileRowsComeGoMoveAndChange(ReadMode mode) throws Exception {
    postgres.execute(
        "DROP TABLE IF EXISTS accounts",
        "CREATE TABLE accounts (id bigint PRIMARY KEY, amount bigint NOT NULL, note text)"
            + " WITH (autovacuum_enabled = false)",
        "INSERT INTO accounts SELECT n, 1000, repeat('n', n % 90) FROM generate_series(1, "
            + ACCOUNTS
            + ") n");
    AtomicLong commits = new AtomicLong();
    AtomicLong nextId = new AtomicLong(ACCOUNTS);
    List<Future<?>> writers = new ArrayList<>();
    for (int seed = 0; seed < 2; seed++) {
      writers.add(threads.submit(writer(new Random(seed), nextId, commits)));
    }
    awaitMore(commits, 50);

    List<String> snapshot;
    ExportedFile file;
    try (Gate gate = Gate.shut(postgres)) {
      RunningExport export =
          RunningExport.start(
              postgres,
              TestExport.of(postgres, "accounts")
                  .read(mode)
                  .where("id % 10000 <> 0 OR " + Gate.PASSED));
      snapshot = export.queryInSnapshot("SELECT id || ',' || amount || ',' || note FROM accounts");
      gate.awaitReaders(2);
      awaitMore(commits, 50);
      gate.open();
      file = export.await();
    }
    threads.shutdownNow();
    for (Future<?> writer : writers) {
      ended(writer);
    }

    List<List<String>> rows = file.csvRows();
    assertThat(rows.stream().map(row -> String.join(",", row)))
        .containsExactlyInAnyOrderElementsOf(snapshot);
    assertThat(rows.stream().map(row -> row.get(0)).distinct()).hasSize(ACCOUNTS);
    assertThat(rows.stream().mapToLong(row -> Long.parseLong(row.get(1))).sum())
        .isEqualTo(1000L * ACCOUNTS);
    assertThat(file.partitions()).isGreaterThan(2);
    assertThat(file.manifest().at("/consistency/level").asText()).isEqualTo("snapshot");
    assertThat(file.manifest().at("/consistency/snapshotId").asText()).isNotEmpty();
    assertThat(file.manifest().at("/consistency/walPosition").asText()).matches("\\w+/\\w+");
  }

  private static void awaitMore(AtomicLong count, int more) {
    long before = count.get();
    await(more + " more").until(() -> count.get() >= before + more);
  }

  private static void ended(Future<?> task) throws Exception {
    task.get(Patience.LONGEST.toMillis(), MILLISECONDS);
  }

  /**
   * Every transaction keeps the number of rows and the sum of amounts: it moves an amount, replaces
   * a row by a new one, and makes rows longer, so that they move to other pages.
   */
  private static Callable<Void> writer(Random random, AtomicLong nextId, AtomicLong commits) {
    return () -> {
      try (Connection connection = postgres.connect();
          PreparedStatement move =
              connection.prepareStatement(
                  "UPDATE accounts SET amount = amount + ?, note = note || ? WHERE id = ?");
          PreparedStatement replace =
              connection.prepareStatement(
                  "WITH gone AS (DELETE FROM accounts WHERE id = ? RETURNING amount, note)"
                      + " INSERT INTO accounts SELECT ?, amount, note FROM gone")) {
        connection.setAutoCommit(false);
        while (!Thread.currentThread().isInterrupted()) {
          long one = 1L + random.nextInt(ACCOUNTS / 2);
          long other = one + ACCOUNTS / 2;
          // Both rows are there, or neither changes.
          if (update(move, -random.nextInt(5), one, "m") > 0) {
            connection.rollback();
          }
          int amount = random.nextInt(100);
          int moved =
              update(move, -amount, one, "much longer than before; ")
                  + update(move, amount, other, "+");
          if (moved != 2) {
            connection.rollback();
            continue;
          }
          replace.setLong(1, 1L + random.nextInt(ACCOUNTS));
          replace.setLong(2, nextId.incrementAndGet());
          replace.executeUpdate();
          connection.commit();
          commits.incrementAndGet();
        }
      } catch (SQLException deadlock) {
        if (!"40P01".equals(deadlock.getSQLState())) {
          throw deadlock;
        }
      }
      return null;
    };
  }

  private static int update(PreparedStatement move, int amount, long id, String note)
      throws SQLException {
    move.setInt(1, amount);
    move.setString(2, note);
    move.setLong(3, id);
    return move.executeUpdate();
  }

  // ---------------------------------------------------------------- statements that wait

  private static void createSlowTable() throws SQLException {
    postgres.execute(
        "DROP TABLE IF EXISTS slow CASCADE",
        "CREATE TABLE slow (id int PRIMARY KEY, t text)",
        "INSERT INTO slow SELECT n, repeat('x', 600) FROM generate_series(1, " + SLOW_ROWS + ") n");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "TRUNCATE slow",
        "ALTER TABLE slow ADD added int DEFAULT 5",
        "ALTER TABLE slow ALTER id TYPE bigint",
        "DROP TABLE slow",
        "VACUUM FULL slow"
      })
  void whatWouldTakeRowsAwayWaitsUntilTheExportEnds(String statement) throws Exception {
    createSlowTable();

    requireWaits(TestExport.of(postgres, "slow").where(GATED), statement, "slow");
  }

  @Test
  void truncatingWhatIsBelowAViewWaits() throws Exception {
    createSlowTable();
    postgres.execute("CREATE VIEW over_slow AS SELECT id, t FROM slow WHERE " + GATED);

    requireWaits(TestExport.of(postgres, "over_slow"), "TRUNCATE slow", "slow");
  }

  @Test
  void refreshingAMaterializedViewWaits() throws Exception {
    createSlowTable();
    postgres.execute("CREATE MATERIALIZED VIEW kept AS SELECT id, t FROM slow");

    requireWaits(
        TestExport.of(postgres, "kept").where(GATED), "REFRESH MATERIALIZED VIEW kept", "kept");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "PARTITION BY RANGE (id) | PARTITION OF tree FOR VALUES FROM (1) TO (1000000)",
        "                        | () INHERITS (tree)"
      })
  void truncatingALeafWaits(String parentClause, String leafClause) throws Exception {
    postgres.execute(
        "DROP TABLE IF EXISTS tree CASCADE",
        "CREATE TABLE tree (id int, t text) " + (parentClause == null ? "" : parentClause),
        "CREATE TABLE leaf " + leafClause,
        "INSERT INTO leaf SELECT n, repeat('x', 600) FROM generate_series(1, " + SLOW_ROWS + ") n");

    requireWaits(TestExport.of(postgres, "tree").where(GATED), "TRUNCATE leaf", "leaf");
  }

  /** What is read in chunks comes over one more connection, and late. */
  @ParameterizedTest
  @EnumSource(names = {"COPY", "CURSOR"})
  void aRowTooLargeToHoldIsReadWhileATruncateWaits(ReadMode mode) throws Exception {
    createSlowTable();
    postgres.execute(
        "ALTER TABLE slow ALTER t SET STORAGE EXTERNAL",
        "UPDATE slow SET t = repeat('y', 6000000) WHERE id = " + SLOW_ROWS);

    requireWaits(TestExport.of(postgres, "slow").where(GATED).read(mode), "TRUNCATE slow", "slow");
  }

  @Test
  void exportsGoOnThoughSomebodyWantsTheTableForHimselfAgainAndAgain() throws Exception {
    postgres.execute(
        "CREATE TABLE wanted (id int, t text)",
        "INSERT INTO wanted SELECT n, repeat('x', 600) FROM generate_series(1, 20000) n");
    AtomicLong locked = new AtomicLong();
    Future<Void> other =
        threads.submit(
            () -> {
              try (Connection connection = postgres.connect();
                  Statement statement = connection.createStatement()) {
                connection.setAutoCommit(false);
                while (!Thread.currentThread().isInterrupted()) {
                  statement.execute("LOCK TABLE wanted IN ACCESS EXCLUSIVE MODE");
                  connection.commit();
                  locked.incrementAndGet();
                  // Now and then longer than an export needs to lock the table for good.
                  Thread.sleep(2 * (locked.get() % 50));
                }
              } catch (InterruptedException e) {
                // That is enough.
              }
              return null;
            });
    awaitMore(locked, 10);

    for (int i = 0; i < 4; i++) {
      assertThat(TestExport.of(postgres, "wanted").run().rows()).isEqualTo(20_000);
    }
    threads.shutdownNow();
    ended(other);
  }

  private void requireWaits(TestExport gatedExport, String statement, String relation)
      throws Exception {
    Future<?> waiting;
    ExportedFile file;
    try (Gate gate = Gate.shut(postgres)) {
      RunningExport export = RunningExport.start(postgres, gatedExport);
      export.awaitPlan();
      waiting =
          threads.submit(
              () -> {
                postgres.execute(statement);
                return null;
              });
      await("lock request of " + statement).until(() -> waits("AccessExclusiveLock", relation));
      assertThat(export.isDone()).isFalse();
      gate.open();
      file = export.await();
    }

    assertThat(file.csvColumn("id").stream().map(Integer::parseInt).sorted())
        .containsExactlyElementsOf(IntStream.rangeClosed(1, SLOW_ROWS).boxed().toList());
    ended(waiting);
  }

  private static boolean waits(String mode, String relation) throws SQLException {
    return postgres.queryLong(
            "SELECT count(*) FROM pg_locks WHERE NOT granted AND mode = '%s' AND relation = %s"
                .formatted(mode, "to_regclass('" + relation + "')"))
        > 0;
  }

  // ---------------------------------------------------------------- between lookup and lock

  @ParameterizedTest
  @ValueSource(
      strings = {
        "TRUNCATE replaced; INSERT INTO replaced SELECT n, 'new' FROM generate_series(1, 70000) n",
        "DROP TABLE replaced; CREATE TABLE replaced (id int, t text);"
            + " INSERT INTO replaced SELECT n, 'new' FROM generate_series(1, 70000) n",
        "ALTER TABLE replaced ALTER id TYPE bigint, ADD extra int DEFAULT 3;"
            + " DELETE FROM replaced; INSERT INTO replaced SELECT n, 'new' FROM generate_series(1, 70000) n"
      })
  void whatCommitsBetweenLookupAndLockIsInTheFile(String change) throws Exception {
    postgres.execute(
        "DROP TABLE IF EXISTS replaced",
        "CREATE TABLE replaced (id int, t text)",
        "INSERT INTO replaced SELECT -n, 'old' FROM generate_series(1, 100) n");
    RunningExport export;
    try (Connection other = postgres.connect();
        Statement statement = other.createStatement()) {
      other.setAutoCommit(false);
      statement.execute(change);
      // The catalog still shows the old table; its lock is not to be had.
      export = RunningExport.start(postgres, TestExport.of(postgres, "replaced"));
      await("the export to wait for the lock")
          .until(
              () ->
                  postgres.queryLong(
                          "SELECT count(*) FROM pg_locks JOIN pg_stat_activity USING (pid)"
                              + " WHERE NOT granted AND application_name = 'polystream'"
                              + " AND mode = 'AccessShareLock'")
                      == 1);
      other.commit();
    }

    ExportedFile file = export.await();

    assertThat(file.csvColumn("t").stream().distinct()).containsExactly("new");
    assertThat(file.csvColumn("id").stream().map(Integer::parseInt).sorted())
        .containsExactlyElementsOf(IntStream.rangeClosed(1, 70_000).boxed().toList());
    assertThat(file.csvHeader()).isEqualTo(columnsOf("replaced"));
  }

  private static List<String> columnsOf(String table) throws SQLException {
    List<String> names = new ArrayList<>();
    try (Connection connection = postgres.connect();
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery("SELECT * FROM " + table + " LIMIT 0")) {
      for (int i = 1; i <= rows.getMetaData().getColumnCount(); i++) {
        names.add(rows.getMetaData().getColumnName(i));
      }
    }
    return names;
  }

  @Test
  void twoExportsOfOneTableDoNotHinderEachOther() throws Exception {
    createSlowTable();
    try (Gate gate = Gate.shut(postgres)) {
      RunningExport one =
          RunningExport.start(postgres, TestExport.of(postgres, "slow").where(GATED));
      gate.awaitReaders(1);

      ExportedFile other = TestExport.of(postgres, "slow").run();

      assertThat(one.isDone()).isFalse();
      assertThat(other.rows()).isEqualTo(SLOW_ROWS);
      gate.open();
      assertThat(one.await().rows()).isEqualTo(SLOW_ROWS);
    }
  }
}
