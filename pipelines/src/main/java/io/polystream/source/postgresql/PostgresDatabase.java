package io.polystream.source.postgresql;

import io.polystream.error.PolyStreamException;
import io.polystream.source.Database;
import io.polystream.source.DatabaseUrl;
import io.polystream.source.Filter;
import io.polystream.source.PartitionReads;
import io.polystream.source.Snapshot;
import io.polystream.source.SnapshotTicket;
import io.polystream.source.SourceField;
import io.polystream.source.SourceTable;
import io.polystream.source.TableName;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;

/** PostgreSQL 12 and later, and servers that speak its protocol and have its catalogs. */
final class PostgresDatabase implements Database {
  /** A role may cancel what it runs itself. */
  private static final String CANCEL_SESSIONS =
      "SELECT pg_cancel_backend(pid) FROM pg_stat_activity"
          + " WHERE application_name = ? AND usename = session_user";

  private final PostgresConnections connections;
  private final ConnectedCatalog catalog;

  PostgresDatabase(DatabaseUrl url) {
    connections = new PostgresConnections(url);
    catalog = ConnectedCatalog.of(connections);
  }

  @Override
  public List<SourceTable> tables() {
    return catalog.tables();
  }

  @Override
  public SourceTable describe(TableName name) {
    return catalog.describe(name);
  }

  @Override
  public void requireSelectable(TableName name, List<SourceField> fields, Optional<Filter> filter) {
    catalog.requireSelectable(name, fields, filter);
  }

  @Override
  public void ping() {
    catalog.ping();
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
