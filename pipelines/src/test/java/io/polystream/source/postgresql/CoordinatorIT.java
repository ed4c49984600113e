package io.polystream.source.postgresql;

import static io.polystream.testing.Patience.await;
import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import io.polystream.source.Consistency;
import io.polystream.source.TableName;
import io.polystream.testing.Patience;
import io.polystream.testing.PostgresExtension;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a transaction that reads by itself sees of changes that commit while it waits. */
class CoordinatorIT {
  @RegisterExtension static final PostgresExtension postgres = new PostgresExtension();

  private static final String ROLE = "coordinating";
  private static final String NEW_ROWS =
      " SELECT n AS id, 'new' AS t FROM generate_series(1, 500) n";

  @BeforeAll
  static void createRole() throws SQLException {
    postgres.execute("CREATE ROLE " + ROLE + " LOGIN");
  }

  @AfterAll
  static void dropRole() throws SQLException {
    postgres.execute("DROP OWNED BY " + ROLE, "DROP ROLE " + ROLE);
  }

  @BeforeEach
  void createTables() throws SQLException {
    postgres.execute(
        "DROP VIEW IF EXISTS item_view",
        "DROP MATERIALIZED VIEW IF EXISTS kept",
        "DROP TABLE IF EXISTS item, own_columns CASCADE",
        "CREATE TABLE item AS SELECT n AS id, 'old' AS t FROM generate_series(1, 2000) n",
        "CREATE VIEW item_view AS SELECT id, t FROM item",
        "CREATE MATERIALIZED VIEW kept AS SELECT id, t FROM item",
        "CREATE TABLE own_columns AS SELECT * FROM item",
        "GRANT SELECT ON item, item_view, kept TO " + ROLE,
        "GRANT SELECT (id, t) ON own_columns TO " + ROLE);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        // What LOCK TABLE is for: the snapshot comes after the lock.
        "true  | item        | TRUNCATE item; INSERT INTO item",
        // Locked by a SELECT, whose snapshot is older than the lock.
        "false | own_columns | TRUNCATE own_columns; INSERT INTO own_columns",
        "false | item_view   | TRUNCATE item; INSERT INTO item",
        "false | item_view   | DROP TABLE item CASCADE; CREATE VIEW item_view AS",
        "false | kept        | DROP MATERIALIZED VIEW kept; CREATE MATERIALIZED VIEW kept AS",
      })
  void rowsThatCommitWhileItWaitsForTheLockAreSeen(boolean atOnce, String table, String change)
      throws Exception {
    PostgresConnections connections = new PostgresConnections(postgres.url(ROLE));
    try (Coordinator coordinator = Coordinator.connect(connections, TableName.parse(table))) {
      CompletableFuture<Optional<Coordinator.Held>> held;
      try (Connection other = postgres.connect();
          Statement statement = other.createStatement()) {
        other.setAutoCommit(false);
        statement.execute(change + NEW_ROWS + "; GRANT SELECT (id, t) ON " + table + " TO " + ROLE);
        held = CompletableFuture.supplyAsync(() -> keep(coordinator));
        await("the coordinator to wait").until(CoordinatorIT::somebodyWaits);
        other.commit();
      }

      Optional<Coordinator.Held> first = held.get(Patience.LONGEST.toMillis(), MILLISECONDS);

      assertThat(first.isPresent()).isEqualTo(atOnce);
      Coordinator.Held found = first.isPresent() ? first.get() : coordinator.keep().orElseThrow();
      assertThat(found.consistency().level()).isEqualTo(Consistency.Level.TRANSACTION);
      assertThat(count(coordinator.connection(), table + " WHERE t = 'new'")).isEqualTo(500);
      assertThat(count(coordinator.connection(), table)).isEqualTo(500);
    }
  }

  @Test
  void rowsThatCommitAfterTheLockAreNotSeen() throws Exception {
    PostgresConnections connections = new PostgresConnections(postgres.url(ROLE));
    try (Coordinator coordinator = Coordinator.connect(connections, TableName.parse("item"))) {
      assertThat(coordinator.keep()).isPresent();

      postgres.execute("UPDATE item SET t = 'new'", "DELETE FROM item WHERE id > 5");

      assertThat(count(coordinator.connection(), "item WHERE t = 'old'")).isEqualTo(2000);
    }
  }

  /** As a pooler that spreads connections may lead a reader elsewhere. */
  @Test
  void aSnapshotOfTheSameNameOnAnotherServerIsNotJoined() throws Exception {
    PostgresConnections connections = new PostgresConnections(postgres.url(ROLE));
    try (Coordinator coordinator = Coordinator.connect(connections, TableName.parse("item"))) {
      Coordinator.Held held = coordinator.share();
      SnapshotReaders readers =
          new SnapshotReaders(
              connections,
              new SharedSnapshot(
                  held.consistency().snapshotId().orElseThrow(), "1700000000.123456"));

      assertThat(readers.open(2, "item")).contains("connections lead to different servers");

      assertThat(readers.count()).isZero();
    }
  }

  private static Optional<Coordinator.Held> keep(Coordinator coordinator) {
    try {
      return coordinator.keep();
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  private static boolean somebodyWaits() throws SQLException {
    return postgres.queryLong(
            "SELECT count(*) FROM pg_locks WHERE NOT granted AND mode = 'AccessShareLock'"
                + " AND database ="
                + " (SELECT oid FROM pg_database WHERE datname = current_database())")
        == 1;
  }

  private static long count(Connection connection, String from) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery("SELECT count(*) FROM " + from)) {
      rows.next();
      return rows.getLong(1);
    }
  }
}
