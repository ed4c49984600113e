package io.polystream.source.postgresql;

import io.polystream.error.PolyStreamException;
import io.polystream.source.Database;
import io.polystream.source.DatabaseUrl;
import io.polystream.source.PartitionReads;
import io.polystream.source.Snapshot;
import io.polystream.source.SnapshotTicket;
import io.polystream.source.SourceTable;
import io.polystream.source.TableName;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.List;

/** PostgreSQL 12 and later, and servers that speak its protocol and have its catalogs. */
final class PostgresDatabase implements Database {
  /** A role may cancel what it runs itself. */
  private static final String CANCEL_SESSIONS =
      "SELECT pg_cancel_backend(pid) FROM pg_stat_activity"
          + " WHERE application_name = ? AND usename = session_user";

  private final PostgresConnections connections;

  PostgresDatabase(DatabaseUrl url) {
    connections = new PostgresConnections(url);
  }

  @Override
  public List<SourceTable> tables() {
    try (Connection connection = openForCatalog()) {
      return new PostgresCatalog(connection).tables();
    } catch (SQLException e) {
      throw SqlFailures.querying("listing tables", e);
    }
  }

  @Override
  public SourceTable describe(TableName name) {
    try (Connection connection = openForCatalog()) {
      PostgresCatalog catalog = new PostgresCatalog(connection);
      return catalog.describe(catalog.resolve(name)).toSourceTable();
    } catch (SQLException e) {
      throw SqlFailures.querying("describing " + name, e);
    }
  }

  /** In a transaction that does not wait for anybody's lock for long. */
  private Connection openForCatalog() throws SQLException {
    Connection connection = connections.open();
    try {
      PostgresConnections.begin(connection, "READ COMMITTED", "10s");
      return connection;
    } catch (SQLException e) {
      connection.close();
      throw e;
    }
  }

  @Override
  public Snapshot snapshot(TableName name, int readers) {
    return PostgresSnapshot.begin(connections, name, readers);
  }

  @Override
  public PartitionReads join(SnapshotTicket ticket) {
    PostgresTicket joined = (PostgresTicket) ticket;
    SnapshotReaders readers =
        new SnapshotReaders(connections.named(joined.sessionName()), joined.snapshot());
    String table = joined.table().quotedName();
    return new PostgresReads(() -> readers.takeLocked(table), joined.statement());
  }

  @Override
  public void cancelReaders(SnapshotTicket ticket) {
    try (Connection connection = connections.open();
        PreparedStatement cancel = connection.prepareStatement(CANCEL_SESSIONS)) {
      cancel.setString(1, ((PostgresTicket) ticket).sessionName());
      cancel.execute();
    } catch (SQLException | PolyStreamException e) {
      // They look themselves whether they should stop.
    }
  }

  @Override
  public void cancelStatements() {
    connections.cancelStatements();
  }

  @Override
  public void close() {
    connections.closeAll();
  }
}
