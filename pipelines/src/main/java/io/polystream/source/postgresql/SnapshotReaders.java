package io.polystream.source.postgresql;

import io.polystream.error.ErrorKind;
import io.polystream.error.PolyStreamException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * Connections in the coordinator's snapshot that hold the table's lock themselves. They are opened
 * before any row is read: whoever asks for a stronger lock waits for the coordinator, and everybody
 * who comes later waits behind that request, as a reader that asked for its lock only now would,
 * with the coordinator waiting for the reader. Thread-safe.
 */
final class SnapshotReaders {
  /**
   * SQL whose value no two servers have in common: when it was started, in microseconds. A pooler
   * may spread connections over several, and snapshots of two servers may have the same name.
   */
  static final String SERVER_IDENTITY = "extract(epoch FROM pg_postmaster_start_time())";

  /**
   * The coordinator has the lock that readers want, so only a queue can keep one waiting, and a
   * queue does not go away: there is nothing to wait for.
   */
  private static final String QUEUE_MILLIS = "50";

  private static final String LATE_MILLIS = "60000";

  /**
   * How long a connection may take to answer its first statement. A server answers at once; a
   * transaction pooler whose server connections are all taken, some of them by this export, may not
   * answer before the export has ended.
   */
  private static final int FIRST_ANSWER_SECONDS = 10;

  private final PostgresConnections connections;
  private final Optional<SharedSnapshot> snapshot;
  private final Deque<Connection> waiting = new ArrayDeque<>();

  SnapshotReaders(PostgresConnections connections, SharedSnapshot snapshot) {
    this(connections, Optional.of(snapshot));
  }

  private SnapshotReaders(PostgresConnections connections, Optional<SharedSnapshot> snapshot) {
    this.connections = connections;
    this.snapshot = snapshot;
  }

  /** The one connection that there is, in a transaction that holds the lock. */
  static SnapshotReaders of(PostgresConnections connections, Connection only) {
    SnapshotReaders readers = new SnapshotReaders(connections, Optional.empty());
    readers.waiting.add(only);
    return readers;
  }

  /**
   * Opens connections and has them lock the table, and what lies below it. Fewer than wanted when
   * the server or a pooler before it has no more, or not in this snapshot.
   *
   * @param table quoted
   * @return why there are fewer, without a full stop
   * @throws SQLException a lock timeout when somebody wants a lock that excludes readers
   */
  Optional<String> open(int count, String table) throws SQLException {
    for (int i = 0; i < count; i++) {
      Connection reader;
      try {
        reader = join();
      } catch (Coordinator.NotShared refused) {
        return Optional.of(refused.getMessage());
      }
      synchronized (waiting) {
        waiting.add(reader);
      }
      lock(reader, table, QUEUE_MILLIS);
    }
    return Optional.empty();
  }

  private static void lock(Connection reader, String table, String timeoutMillis)
      throws SQLException {
    try (Statement statement = reader.createStatement()) {
      statement.execute(
          "SET LOCAL lock_timeout = " + timeoutMillis + "; SELECT 1 FROM " + table + " LIMIT 0");
      PostgresConnections.applySettings(statement);
    }
  }

  /** What the server's list of sessions calls the connections. */
  String applicationName() {
    return connections.applicationName();
  }

  /** What others can join, if they can. */
  Optional<SharedSnapshot> shared() {
    return snapshot;
  }

  /**
   * A connection in a snapshot that another process holds, with the table's lock, for which it
   * waits for some time: behind somebody who wants a stronger one, and waits for that process.
   * Whoever takes it closes it.
   *
   * @param table quoted
   */
  Connection takeLocked(String table) {
    Connection reader = take();
    try {
      lock(reader, table, LATE_MILLIS);
      return reader;
    } catch (SQLException e) {
      cut(reader);
      throw SqlFailures.querying("joining the snapshot", e);
    }
  }

  /** How many connections nobody has taken. */
  int count() {
    synchronized (waiting) {
      return waiting.size();
    }
  }

  /** One of the connections, or a new one when they are all taken. Whoever takes it closes it. */
  Connection take() {
    Connection reader;
    synchronized (waiting) {
      reader = waiting.poll();
    }
    if (reader != null) {
      return reader;
    }
    try {
      return join();
    } catch (Coordinator.NotShared refused) {
      throw new PolyStreamException(
          ErrorKind.CONNECTION, refused.getMessage() + "; lower --parallelism", refused);
    }
  }

  /** A connection in the snapshot: nothing may be asked before the snapshot is set. */
  private Connection join() throws Coordinator.NotShared {
    if (snapshot.isEmpty()) {
      throw new Coordinator.NotShared("there is one connection, and it is taken");
    }
    Connection connection;
    try {
      connection = connections.open();
    } catch (PolyStreamException e) {
      if (e.getCause() instanceof SQLException refused && SqlFailures.isShortage(refused)) {
        throw new Coordinator.NotShared(SqlFailures.text(refused));
      }
      throw e;
    }
    CompletableFuture<Void> answered = new CompletableFuture<>();
    var unused =
        answered
            .orTimeout(FIRST_ANSWER_SECONDS, TimeUnit.SECONDS)
            .exceptionally(late -> cut(connection));
    try {
      connection.setAutoCommit(false);
      try (Statement statement = connection.createStatement()) {
        statement.execute(
            "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY; SET TRANSACTION SNAPSHOT "
                + Sql.literal(snapshot.get().id()));
        answered.complete(null);
        requireSameServer(statement);
        PostgresConnections.applySettings(statement);
      }
      return connection;
    } catch (SQLException | Coordinator.NotShared e) {
      boolean late = !answered.complete(null) && answered.isCompletedExceptionally();
      cut(connection);
      if (late) {
        throw new Coordinator.NotShared(
            "no server connection became free within " + FIRST_ANSWER_SECONDS + " s");
      }
      if (e instanceof Coordinator.NotShared notShared) {
        throw notShared;
      }
      SQLException failure = (SQLException) e;
      if (SqlFailures.isShortage(failure) || SqlFailures.isRefusal(failure)) {
        throw new Coordinator.NotShared(SqlFailures.text(failure));
      }
      throw SqlFailures.querying("joining the snapshot", failure);
    }
  }

  private void requireSameServer(Statement statement) throws SQLException, Coordinator.NotShared {
    try (ResultSet identity = statement.executeQuery("SELECT " + SERVER_IDENTITY)) {
      identity.next();
      if (!snapshot.get().server().equals(identity.getString(1))) {
        throw new Coordinator.NotShared("connections lead to different servers");
      }
    }
  }

  /** Without a word to the server, which may not listen. */
  private static Void cut(Connection connection) {
    try {
      connection.abort(Runnable::run);
    } catch (SQLException gone) {
      // It is as closed as it can be.
    }
    return null;
  }

  /** Closes the connections that nobody took. Never throws. */
  void close() {
    synchronized (waiting) {
      for (Connection reader : waiting) {
        try {
          reader.close();
        } catch (SQLException broken) {
          // The server ends the transaction of a connection that is gone.
        }
      }
      waiting.clear();
    }
  }
}
