package io.polystream.export;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.polystream.error.ErrorKind;
import io.polystream.error.PolyStreamException;
import io.polystream.row.ColumnType.Simple;
import io.polystream.row.Row;
import io.polystream.row.Utf8Slice;
import io.polystream.source.Consistency;
import io.polystream.source.Database;
import io.polystream.source.Estimate;
import io.polystream.source.Filter;
import io.polystream.source.Partition;
import io.polystream.source.PartitionReads;
import io.polystream.source.ReadMode;
import io.polystream.source.ReadPlan;
import io.polystream.source.ReadRequest;
import io.polystream.source.Rows;
import io.polystream.source.Snapshot;
import io.polystream.source.SnapshotTicket;
import io.polystream.source.SourceColumn;
import io.polystream.source.SourceField;
import io.polystream.source.SourceTable;
import io.polystream.source.TableKind;
import io.polystream.source.TableName;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.sql.Connection;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;
import javax.sql.DataSource;

/**
 * A table of a database that is only here: partition i has so many rows, each of an id and a name.
 */
final class FakeTable implements Database, Snapshot, ReadPlan {
  static final List<SourceColumn> COLUMNS =
      List.of(
          new SourceColumn("id", "bigint", false, Simple.INT64),
          new SourceColumn("Name", "text", true, Simple.TEXT));

  private final int[] rowsOf;
  private final AtomicInteger open = new AtomicInteger();
  private final AtomicInteger cancels = new AtomicInteger();
  private int failingPartition = -1;
  private boolean oversize;
  private IntConsumer onOpenText = partition -> {};
  private Runnable onNext = () -> {};

  FakeTable(int... rowsOf) {
    this.rowsOf = rowsOf;
  }

  /** Rows of this partition end with a failure. */
  void failIn(int partition) {
    failingPartition = partition;
  }

  /** Every row says that its name is too large to hold. */
  void makeOversize(IntConsumer whenOpened) {
    oversize = true;
    onOpenText = whenOpened;
  }

  /** Has something done before each row. */
  void beforeEachRow(Runnable action) {
    onNext = action;
  }

  /** Row sources that nobody has closed. */
  int openRows() {
    return open.get();
  }

  int cancels() {
    return cancels.get();
  }

  /** The cells of all rows, in order, as CSV. */
  List<String> lines() {
    return IntStream.range(0, rowsOf.length)
        .boxed()
        .flatMap(
            partition ->
                IntStream.range(0, rowsOf[partition]).mapToObj(row -> line(partition, row)))
        .toList();
  }

  static String line(int partition, int row) {
    return id(partition, row) + "," + name(partition, row) + "\r\n";
  }

  private static String id(int partition, int row) {
    return "" + (1_000_000L * partition + row);
  }

  private static String name(int partition, int row) {
    return "name " + row + " of " + partition;
  }

  @Override
  public List<SourceTable> tables() {
    return List.of(table());
  }

  @Override
  public SourceTable describe(TableName name) {
    return table();
  }

  @Override
  public void requireSelectable(
      TableName name, List<SourceField> fields, Optional<Filter> filter) {}

  @Override
  public void ping() {}

  @Override
  public Snapshot snapshot(TableName name, int readers) {
    return this;
  }

  @Override
  public Optional<SnapshotTicket> ticket() {
    return Optional.empty();
  }

  @Override
  public PartitionReads join(SnapshotTicket ticket) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void cancelReaders(SnapshotTicket ticket) {}

  @Override
  public void cancelStatements() {
    cancels.incrementAndGet();
  }

  @Override
  public SourceTable table() {
    return new SourceTable("public", "orders", TableKind.TABLE, 1000, 65_536, true, COLUMNS);
  }

  @Override
  public Consistency consistency() {
    return new Consistency(
        Consistency.Level.SNAPSHOT, Optional.of("0000-1"), Optional.of("0/1A2B"));
  }

  @Override
  public String serverVersion() {
    return "FakeSQL 1.0";
  }

  @Override
  public ReadPlan plan(ReadRequest request, ReadMode mode) {
    return this;
  }

  @Override
  public List<Partition> partitions() {
    return IntStream.range(0, rowsOf.length)
        .<Partition>mapToObj(i -> new Partition.Pages(i, i + 1L))
        .toList();
  }

  @Override
  public Estimate estimate() {
    return new Estimate(IntStream.of(rowsOf).sum(), 10);
  }

  @Override
  public int mostReaders() {
    return Integer.MAX_VALUE;
  }

  @Override
  public ReadMode mode() {
    return ReadMode.CURSOR;
  }

  @Override
  public String sql(Partition partition) {
    return "SELECT " + partition;
  }

  @Override
  public List<String> warnings() {
    return List.of("this is a fake");
  }

  @Override
  public DataSource readers(Consumer<PolyStreamException> onFailure) {
    throw new UnsupportedOperationException("nothing connects");
  }

  @Override
  public Rows read(Connection reader, Partition partition, OptionalLong maxRows) {
    int number = (int) ((Partition.Pages) partition).firstPage();
    long last = Math.min(rowsOf[number], maxRows.orElse(Long.MAX_VALUE));
    open.incrementAndGet();
    return new FakeRows(number, last);
  }

  @Override
  public void close() {}

  private final class FakeRows implements Rows, Row {
    private final int partition;
    private final long count;
    private final Utf8Slice slice = new Utf8Slice();
    private int current = -1;
    private boolean closed;

    FakeRows(int partition, long count) {
      this.partition = partition;
      this.count = count;
    }

    @Override
    public boolean next() {
      if (closed) {
        throw new IllegalStateException("closed");
      }
      onNext.run();
      current++;
      if (current >= count && partition == failingPartition) {
        throw new PolyStreamException(ErrorKind.QUERY, "the query failed");
      }
      return current < count;
    }

    @Override
    public Row row() {
      return this;
    }

    @Override
    public void close() {
      if (!closed) {
        closed = true;
        open.decrementAndGet();
      }
    }

    @Override
    public boolean isNull(int column) {
      return false;
    }

    @Override
    public boolean isOversize(int column) {
      return oversize && column == 1;
    }

    @Override
    public boolean hasOversizeCells() {
      return oversize;
    }

    @Override
    public Utf8Slice text(int column) {
      byte[] text = value(column);
      return slice.at(text, 0, text.length);
    }

    @Override
    public InputStream openText(int column) {
      onOpenText.accept(partition);
      return new ByteArrayInputStream(value(column));
    }

    private byte[] value(int column) {
      return (column == 0 ? id(partition, current) : name(partition, current)).getBytes(UTF_8);
    }
  }
}
