package io.polystream.testing;

import static io.polystream.testing.Patience.await;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;

/**
 * Holds up every export in the class's database that comes to a row for which {@link #PASSED} is
 * asked, until it is opened; closing opens it, too.
 */
public record Gate(PostgresExtension postgres, Connection holder) implements AutoCloseable {
  /** A predicate that is true, but not before the gate is open. */
  public static final String PASSED = "pg_advisory_lock_shared(1) IS NOT NULL";

  public static Gate shut(PostgresExtension postgres) throws SQLException {
    Connection holder = postgres.connect();
    try (Statement statement = holder.createStatement()) {
      statement.execute("SELECT pg_advisory_lock(1)");
    }
    return new Gate(postgres, holder);
  }

  /** Waits until so many readers stand before the gate. */
  public void awaitReaders(int readers) {
    await(readers + " readers at the gate").until(() -> readers() == readers);
  }

  /** How many wait, whatever their sessions are called: workers have names of their own. */
  public long readers() throws SQLException {
    return postgres.queryLong(
        "SELECT count(*) FROM pg_stat_activity"
            + " WHERE datname = current_database() AND wait_event = 'advisory'");
  }

  public void open() throws SQLException {
    holder.close();
  }

  @Override
  public void close() throws SQLException {
    open();
  }
}
