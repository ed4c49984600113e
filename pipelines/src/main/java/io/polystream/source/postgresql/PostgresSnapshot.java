package io.polystream.source.postgresql;

import static io.polystream.error.PolyStreamException.configuration;

import io.polystream.source.Consistency;
import io.polystream.source.Filter;
import io.polystream.source.Partition;
import io.polystream.source.ReadMode;
import io.polystream.source.ReadPlan;
import io.polystream.source.ReadRequest;
import io.polystream.source.Snapshot;
import io.polystream.source.SourceTable;
import io.polystream.source.TableName;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyOut;

/**
 * The coordinator: a read-only transaction that locks the table (ACCESS SHARE: TRUNCATE, ALTER and
 * DROP wait, everything else goes on), then exports its snapshot, then measures the table, in that
 * order. A TRUNCATE that came between would otherwise leave readers without rows and without an
 * error. The readers lock it too, before they are needed: see {@link SnapshotReaders}. READ
 * COMMITTED, so that the exported snapshot is one taken after the lock, however it was taken.
 */
final class PostgresSnapshot implements Snapshot {
  /** The smallest partitions that anybody asks for: how many readers there can be work for. */
  private static final int SMALL_PARTITION_BYTES = 4 * 1024 * 1024;

  /** What readers together may hold of rows too large for the guard, in bytes of text. */
  private static final int UNGUARDED_BYTES = 4 * 1024 * 1024;

  /** A row that cannot be asked for again, as of a view, is held whole, by the only reader. */
  private static final int WHOLE_ROW_BYTES = 16 * 1024 * 1024;

  /** A cursor holds many rows at once, so each may hold less: see {@link CursorRows}. */
  private static final int CURSOR_ROW_BYTES = 128 * 1024;

  private static final int CURSOR_WHOLE_ROW_BYTES = 512 * 1024;

  /** What an index finds so fast that more readers, reading every page, would be slower. */
  private static final long FEW_ROWS = 100_000;

  /** The first version that reads ctid ranges without reading the whole table. */
  private static final int TID_RANGE_SCAN_VERSION = 14;

  /** How long it begins anew when somebody wants the table for himself meanwhile. */
  private static final long ATTEMPTS_NANOS = 60_000_000_000L;

  private final Coordinator coordinator;
  private final Connection connection;
  private final PostgresTable table;
  private final Consistency consistency;
  private final SnapshotReaders snapshotReaders;
  private final int readers;
  private final List<String> notes;

  /**
   * @param readers how many can read at once
   * @param notes what is not as it was asked for, one sentence each
   */
  private PostgresSnapshot(
      Coordinator coordinator,
      Coordinator.Held held,
      SnapshotReaders snapshotReaders,
      int readers,
      List<String> notes) {
    this.coordinator = coordinator;
    connection = coordinator.connection();
    table = held.table();
    consistency = held.consistency();
    this.snapshotReaders = snapshotReaders;
    this.readers = readers;
    this.notes = notes;
  }

  static PostgresSnapshot begin(PostgresConnections connections, TableName name, int readers) {
    try {
      Coordinator coordinator = Coordinator.connect(connections, name);
      try {
        return begin(connections, coordinator, readers);
      } catch (SQLException | RuntimeException e) {
        coordinator.close();
        throw e;
      }
    } catch (SQLException e) {
      throw SqlFailures.querying("opening " + name, e);
    }
  }

  private static PostgresSnapshot begin(
      PostgresConnections connections, Coordinator coordinator, int readers) throws SQLException {
    long deadline = System.nanoTime() + ATTEMPTS_NANOS;
    while (true) {
      SnapshotReaders opened = null;
      try {
        Coordinator.Held held = coordinator.share();
        opened =
            new SnapshotReaders(
                connections,
                new SharedSnapshot(
                    held.consistency().snapshotId().orElseThrow(), held.server().orElseThrow()));
        return withReaders(coordinator, held, opened, readers);
      } catch (Coordinator.NotShared why) {
        closeAll(opened);
        coordinator.letGo();
        return alone(connections, coordinator, why.getMessage(), deadline);
      } catch (SQLException e) {
        closeAll(opened);
        if (!SqlFailures.isLockTimeout(e) || System.nanoTime() > deadline) {
          throw e;
        }
        // Out of the way of whoever wants the table; the next attempt waits for him.
        coordinator.letGo();
      } catch (RuntimeException e) {
        closeAll(opened);
        throw e;
      }
    }
  }

  /**
   * As many connections as there can be lanes, and one for what is read in chunks, or as many as
   * can be had.
   */
  private static PostgresSnapshot withReaders(
      Coordinator coordinator, Coordinator.Held held, SnapshotReaders snapshotReaders, int readers)
      throws SQLException, Coordinator.NotShared {
    PostgresTable table = held.table();
    int lanes =
        table.hasPages()
            ? Math.min(
                readers,
                pagePartitions(coordinator.connection(), table, SMALL_PARTITION_BYTES).size())
            : 1;
    int chunks = table.hasPages() && table.hasLargeValues() ? 1 : 0;
    Optional<String> shortage = snapshotReaders.open(lanes + chunks, table.quotedName());
    int opened = snapshotReaders.count() - chunks;
    if (opened < 1) {
      throw new Coordinator.NotShared(
          "readers cannot share a snapshot: " + shortage.orElse("there is no connection for one"));
    }
    List<String> notes =
        shortage
            .map(why -> "readers: " + opened + " instead of " + lanes + ": " + why)
            .map(List::of)
            .orElse(List.of());
    int most = shortage.isPresent() ? opened : readers;
    return new PostgresSnapshot(coordinator, held, snapshotReaders, most, notes);
  }

  private static PostgresSnapshot alone(
      PostgresConnections connections, Coordinator coordinator, String why, long deadline)
      throws SQLException {
    while (true) {
      Optional<Coordinator.Held> held = coordinator.keep();
      if (held.isPresent()) {
        return new PostgresSnapshot(
            coordinator,
            held.get(),
            SnapshotReaders.of(connections, coordinator.connection()),
            1,
            List.of(why + "; one reader in one transaction"));
      }
      if (System.nanoTime() > deadline) {
        throw new SQLException("the table is rewritten again and again", SqlFailures.NO_LOCK);
      }
    }
  }

  private static void closeAll(SnapshotReaders opened) {
    if (opened != null) {
      opened.close();
    }
  }

  @Override
  public SourceTable table() {
    return table.toSourceTable();
  }

  @Override
  public Consistency consistency() {
    return consistency;
  }

  @Override
  public String serverVersion() {
    try {
      return connection.getMetaData().getDatabaseProductName()
          + " "
          + connection.getMetaData().getDatabaseProductVersion();
    } catch (SQLException e) {
      throw SqlFailures.querying("asking for the server's version", e);
    }
  }

  @Override
  public ReadPlan plan(ReadRequest request, ReadMode mode) {
    List<SelectedColumn> selected =
        request.fields().stream()
            .map(field -> table.column(field.column().name()).select(field))
            .toList();
    List<String> warnings = new ArrayList<>(notes);
    try {
      List<String> predicates = new ArrayList<>(request.where().stream().toList());
      List<String> filterValues = bindFilter(request.filter(), predicates);
      ReadMode chosen = chooseMode(mode, warnings);
      Optional<PageScan> pageScan = pageScan(selected, predicates);
      List<Partition> partitions =
          pageScan.isPresent()
              ? pagePartitions(connection, table, request.partitionBytes())
              : List.of(new Partition.Whole());
      SelectStatement select =
          new SelectStatement(
              table, selected, predicates, guardBytes(selected, chosen), chosen == ReadMode.COPY);
      QueryPlan whole = explain(select, new Partition.Whole());
      if (table.access().rowSecurity()) {
        warnings.add("row security of " + table().qualifiedName() + " hides rows from this role");
      }
      return new PostgresReadPlan(
          snapshotReaders,
          new PostgresReads.Statement(
              select,
              chosen,
              whyNotInPieces(),
              new TransactionSettings(pageScan.map(PageScan::settings).orElse(""), filterValues),
              readers),
          partitions,
          whole.estimate(),
          List.copyOf(warnings));
    } catch (SQLException e) {
      throw SqlFailures.querying(
          "the query on "
              + table().qualifiedName()
              + request.where().map(predicate -> " where " + predicate).orElse(""),
          e);
    }
  }

  /**
   * Adds what the filter says to the predicates.
   *
   * @return the values of its parameters, which this transaction has now, for the planner to see
   */
  private List<String> bindFilter(Optional<Filter> filter, List<String> predicates)
      throws SQLException {
    if (filter.isEmpty()) {
      return List.of();
    }
    FilterBinder.BoundFilter bound = FilterBinder.bind(filter.get(), table, connection);
    new TransactionSettings("", bound.values()).apply(connection);
    predicates.add(bound.predicate());
    return bound.values();
  }

  private ReadMode chooseMode(ReadMode wanted, List<String> warnings) throws SQLException {
    if (wanted == ReadMode.CURSOR || canCopy()) {
      return wanted == ReadMode.CURSOR ? ReadMode.CURSOR : ReadMode.COPY;
    }
    if (wanted == ReadMode.COPY) {
      throw configuration("the server does not take binary COPY: use --read cursor");
    }
    warnings.add("the server does not take binary COPY: rows are read by cursor");
    return ReadMode.CURSOR;
  }

  private boolean canCopy() throws SQLException {
    return coordinator.attempt(PostgresSnapshot::copyProbe).isPresent();
  }

  private static long copyProbe(Connection connection) throws SQLException {
    CopyOut probe =
        connection
            .unwrap(PGConnection.class)
            .getCopyAPI()
            .copyOut("COPY (SELECT 1) TO STDOUT (FORMAT binary)");
    while (probe.readFromCopy() != null) {
      // Only the end leaves the connection usable.
    }
    return probe.getHandledRowCount();
  }

  /**
   * @param settings SQL that readers run first, so that the planner stays with TID range scans
   */
  private record PageScan(String settings) {}

  /** How page ranges can be read without reading the whole table each time, if they can. */
  private Optional<PageScan> pageScan(List<SelectedColumn> selected, List<String> predicates)
      throws SQLException {
    if (consistency.level() != Consistency.Level.SNAPSHOT
        || !table.hasPages()
        || connection.getMetaData().getDatabaseMajorVersion() < TID_RANGE_SCAN_VERSION) {
      return Optional.empty();
    }
    SelectStatement select =
        new SelectStatement(table, selected, predicates, OptionalInt.empty(), true);
    if (!predicates.isEmpty() && explain(select, new Partition.Whole()).findsFewRows(FEW_ROWS)) {
      return Optional.empty();
    }
    List<Partition> partitions = pagePartitions(connection, table, SMALL_PARTITION_BYTES);
    List<Partition> samples = List.of(partitions.get(0), partitions.get(partitions.size() - 1));
    for (String settings :
        List.of(
            "",
            "SET LOCAL enable_indexscan = off; SET LOCAL enable_indexonlyscan = off;"
                + " SET LOCAL enable_bitmapscan = off; SET LOCAL enable_seqscan = off;")) {
      boolean scansRanges = true;
      Savepoint before = connection.setSavepoint();
      if (!settings.isEmpty()) {
        try (Statement statement = connection.createStatement()) {
          statement.execute(settings);
        }
      }
      for (Partition sample : samples) {
        scansRanges &= explain(select, sample).scansTidRanges();
      }
      connection.rollback(before);
      connection.releaseSavepoint(before);
      if (scansRanges) {
        return Optional.of(new PageScan(settings));
      }
    }
    return Optional.empty();
  }

  private QueryPlan explain(SelectStatement select, Partition partition) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet plan =
            statement.executeQuery(
                "EXPLAIN (VERBOSE, FORMAT JSON) " + select.sql(partition, OptionalLong.empty()))) {
      plan.next();
      return QueryPlan.parse(plan.getString(1));
    }
  }

  private static List<Partition> pagePartitions(
      Connection connection, PostgresTable table, int partitionBytes) throws SQLException {
    long[] leafPages = table.leaves().stream().mapToLong(PostgresTable.Leaf::pages).toArray();
    try (Statement statement = connection.createStatement();
        ResultSet setting = statement.executeQuery("SELECT current_setting('block_size')::int")) {
      setting.next();
      return PagePartitioner.partitions(leafPages, Math.max(1, partitionBytes / setting.getInt(1)));
    }
  }

  private OptionalInt guardBytes(List<SelectedColumn> selected, ReadMode mode) {
    boolean guarded =
        table.hasLargeValues() && selected.stream().anyMatch(column -> !column.type().fixedWidth());
    if (!guarded) {
      return OptionalInt.empty();
    }
    boolean inPieces = whyNotInPieces().isEmpty();
    if (mode == ReadMode.CURSOR) {
      return OptionalInt.of(inPieces ? CURSOR_ROW_BYTES : CURSOR_WHOLE_ROW_BYTES);
    }
    return OptionalInt.of(inPieces ? UNGUARDED_BYTES / readers : WHOLE_ROW_BYTES);
  }

  /** Why a row cannot be asked for again, cell by cell, beside the rows that flow; or empty. */
  private Optional<String> whyNotInPieces() {
    if (!table.hasPages()) {
      return Optional.of("only rows of a table can be read in pieces");
    }
    return consistency.snapshotId().isPresent()
        ? Optional.empty()
        : Optional.of("there is no second connection in its snapshot to read it in pieces");
  }

  @Override
  public void close() {
    snapshotReaders.close();
    coordinator.close();
  }
}
