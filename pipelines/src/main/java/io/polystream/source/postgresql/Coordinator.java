package io.polystream.source.postgresql;

import static io.polystream.error.PolyStreamException.configuration;

import io.polystream.source.Consistency;
import io.polystream.source.TableKind;
import io.polystream.source.TableName;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;
import java.util.Optional;

/**
 * The connection whose transaction keeps one moment of a table: it locks the table (ACCESS SHARE:
 * TRUNCATE, ALTER and DROP wait, everything else goes on), and only then takes the snapshot and
 * measures. A TRUNCATE that came between would otherwise leave readers without rows and without an
 * error. Whoever opens it closes it; not thread-safe.
 */
final class Coordinator implements AutoCloseable {
  /** The first version with the catalogs and statements used here. */
  private static final int OLDEST_VERSION = 12;

  private static final String LOCK_TIMEOUT = "60s";

  /**
   * What was rewritten or replaced between the snapshot and the lock: the file of a table is looked
   * up as it is now, its row of the catalog is read as of the snapshot.
   */
  private static final String REWRITTEN =
      """
      SELECT count(*)
        FROM pg_locks l LEFT JOIN pg_class c ON c.oid = l.relation
       WHERE l.pid = pg_backend_pid() AND l.locktype = 'relation' AND l.mode = 'AccessShareLock'
         AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
         AND (c.oid IS NULL
              OR (c.relfilenode <> 0 AND c.relfilenode IS DISTINCT FROM pg_relation_filenode(c.oid)))""";

  private final Connection connection;
  private final PostgresCatalog catalog;
  private final TableName name;

  /**
   * A table under the lock.
   *
   * @param server what tells the server from all others, when a snapshot of it is shared
   */
  record Held(PostgresTable table, Consistency consistency, Optional<String> server) {}

  private Coordinator(Connection connection, TableName name) {
    this.connection = connection;
    this.name = name;
    catalog = new PostgresCatalog(connection);
  }

  static Coordinator connect(PostgresConnections connections, TableName name) throws SQLException {
    Coordinator coordinator = new Coordinator(connections.open(), name);
    try {
      int version = coordinator.serverMajorVersion();
      if (version < OLDEST_VERSION) {
        throw configuration(
            "the server is PostgreSQL " + version + ": " + OLDEST_VERSION + " or later is needed");
      }
      coordinator.connection.setAutoCommit(false);
      return coordinator;
    } catch (SQLException | RuntimeException e) {
      coordinator.close();
      throw e;
    }
  }

  Connection connection() {
    return connection;
  }

  int serverMajorVersion() throws SQLException {
    return connection.getMetaData().getDatabaseMajorVersion();
  }

  /**
   * Holds the table with a snapshot that readers can join. READ COMMITTED, so that the exported
   * snapshot is one taken after the lock, however that was taken.
   *
   * @throws NotShared when the server does not do it; the transaction is of no use any more
   */
  Held share() throws SQLException, NotShared {
    PostgresCatalog.Identity found = resolve();
    begin("READ COMMITTED");
    lock(found);
    // Not after a savepoint: PostgreSQL exports no snapshot there.
    String id;
    String server;
    try (Statement statement = connection.createStatement();
        ResultSet exported =
            statement.executeQuery(
                "SELECT pg_export_snapshot(), " + SnapshotReaders.SERVER_IDENTITY)) {
      exported.next();
      id = exported.getString(1);
      server = exported.getString(2);
    } catch (SQLException refused) {
      if (!SqlFailures.isRefusal(refused)) {
        throw refused;
      }
      throw new NotShared("the server exports no snapshot: " + SqlFailures.text(refused));
    }
    return held(found, Consistency.Level.SNAPSHOT, Optional.of(id), Optional.of(server));
  }

  /**
   * Holds the table in a transaction that reads it itself: whatever is asked on the connection sees
   * the same rows.
   *
   * @return empty when the table was rewritten just now, so that the snapshot does not have its
   *     rows: the transaction has ended
   */
  Optional<Held> keep() throws SQLException {
    PostgresCatalog.Identity found = resolve();
    begin("REPEATABLE READ");
    lock(found);
    boolean rewritten = attempt(Coordinator::isRewritten).orElse(false);
    if (rewritten) {
      letGo();
      return Optional.empty();
    }
    return Optional.of(
        held(found, Consistency.Level.TRANSACTION, Optional.empty(), Optional.empty()));
  }

  /** Ends the transaction, and with it the lock. */
  void letGo() throws SQLException {
    connection.rollback();
  }

  /** In a transaction of its own: what is asked before the lock must not fix a snapshot. */
  private PostgresCatalog.Identity resolve() throws SQLException {
    begin("READ COMMITTED");
    PostgresCatalog.Identity found = catalog.resolve(name);
    connection.commit();
    return found;
  }

  private void begin(String isolation) throws SQLException {
    PostgresConnections.begin(connection, isolation, LOCK_TIMEOUT);
  }

  private void lock(PostgresCatalog.Identity found) throws SQLException {
    String quoted = Sql.qualified(found.schema(), found.name());
    boolean lockable =
        found.kind() == TableKind.TABLE || found.kind() == TableKind.PARTITIONED_TABLE;
    boolean locked = lockable && attempt(session -> lockTable(session, quoted)).isPresent();
    if (!locked) {
      // Reading locks just as well, and what LOCK TABLE is not for, or not allowed on.
      try (Statement statement = connection.createStatement()) {
        statement.execute("SELECT 1 FROM " + quoted + " LIMIT 0");
      }
    }
  }

  private static String lockTable(Connection connection, String quoted) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute("LOCK TABLE " + quoted + " IN ACCESS SHARE MODE");
      return quoted;
    }
  }

  private static boolean isRewritten(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet rewritten = statement.executeQuery(REWRITTEN)) {
      rewritten.next();
      return rewritten.getLong(1) > 0;
    }
  }

  private Held held(
      PostgresCatalog.Identity found,
      Consistency.Level level,
      Optional<String> snapshotId,
      Optional<String> server)
      throws SQLException {
    Optional<String> walPosition = attempt(Coordinator::walPosition);
    try (Statement statement = connection.createStatement()) {
      PostgresConnections.applySettings(statement);
    }
    // What has the name now is what the lock holds; it may have been replaced before.
    PostgresTable table = catalog.describe(catalog.byName(found));
    if (table.columns().isEmpty()) {
      throw configuration("table " + name + " has no columns to export");
    }
    return new Held(table, new Consistency(level, snapshotId, walPosition), server);
  }

  private static String walPosition(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet position =
            statement.executeQuery(
                "SELECT CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn()"
                    + " ELSE pg_current_wal_lsn() END")) {
      position.next();
      return String.valueOf(position.getString(1));
    }
  }

  /** What the server may not be able to do, or not allow. */
  @FunctionalInterface
  interface Attempt<T> {
    T on(Connection connection) throws SQLException;
  }

  /**
   * The result of an attempt, or empty if the server refuses it. Either way no savepoint is left:
   * behind one, PostgreSQL exports no snapshot.
   */
  <T> Optional<T> attempt(Attempt<T> attempt) throws SQLException {
    Savepoint before = connection.setSavepoint();
    Optional<T> result;
    try {
      result = Optional.of(attempt.on(connection));
    } catch (SQLException refused) {
      if (!SqlFailures.isRefusal(refused)) {
        throw refused;
      }
      connection.rollback(before);
      result = Optional.empty();
    }
    connection.releaseSavepoint(before);
    return result;
  }

  /** Ends the transaction with the connection. Never throws. */
  @Override
  public void close() {
    try {
      connection.close();
    } catch (SQLException broken) {
      // The server ends the transaction of a connection that is gone.
    }
  }

  /** Readers cannot have the coordinator's snapshot. The message says why, without a full stop. */
  static final class NotShared extends Exception {
    private static final long serialVersionUID = 1L;

    NotShared(String message) {
      super(message);
    }
  }
}
