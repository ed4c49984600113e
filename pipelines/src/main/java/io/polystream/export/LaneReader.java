package io.polystream.export;

import io.polystream.format.EncodedPart;
import io.polystream.format.RowEncoder;
import io.polystream.output.PartWriter;
import io.polystream.row.ByteSink;
import io.polystream.row.Row;
import io.polystream.source.Partition;
import io.polystream.source.PartitionReads;
import io.polystream.source.Rows;
import java.io.IOException;
import java.sql.Connection;
import java.util.OptionalLong;

/**
 * The row loop: reads partitions on one connection, encodes row after row and writes the parts in
 * their turn. Not thread-safe.
 */
final class LaneReader {
  /** How often a reader looks whether it should stop, and says how far it is; a power of two. */
  private static final int ROWS_PER_CHECK = 512;

  private final PartitionReads reads;
  private final Connection connection;
  private final RowEncoder encoder;
  private final PartWriter writer;
  private final ByteSink sink;
  private final LaneMonitor monitor;
  private int rowsUntilCheck = ROWS_PER_CHECK;

  /**
   * @param writer closed by the caller
   */
  LaneReader(
      PartitionReads reads,
      Connection connection,
      RowEncoder encoder,
      PartWriter writer,
      LaneMonitor monitor) {
    this.reads = reads;
    this.connection = connection;
    this.encoder = encoder;
    this.writer = writer;
    this.monitor = monitor;
    sink = writer.sink();
  }

  /**
   * Reads one partition; partitions come in ascending order.
   *
   * @param index the partition's place in the plan
   */
  void read(int index, Partition partition) throws IOException {
    if (writer.isOutputFull()) {
      writer.skip(index);
      return;
    }
    writer.begin(index);
    try {
      copy(partition);
    } catch (PartWriter.RowLimitReached tooManyRows) {
      // Of what was read, the last rows are not counted yet.
      monitor.addRows(ROWS_PER_CHECK - rowsUntilCheck - writer.rows());
      rowsUntilCheck = ROWS_PER_CHECK;
      writer.restart();
      copy(partition);
    }
  }

  private void copy(Partition partition) throws IOException {
    monitor.requireActive();
    encoder.beginPart();
    OptionalLong maxRows = writer.maxRows();
    // One more than wanted, to know whether the limit cut anything.
    OptionalLong fetchedRows =
        maxRows.isPresent() && maxRows.getAsLong() < Long.MAX_VALUE
            ? OptionalLong.of(maxRows.getAsLong() + 1)
            : maxRows;
    try (Rows rows = reads.read(connection, partition, fetchedRows)) {
      Row row = rows.row();
      while (rows.next()) {
        if (maxRows.isPresent() && writer.rows() >= writer.maxRows().getAsLong()) {
          writer.noteRowsBeyondLimit();
          break;
        }
        if (row.hasOversizeCells()) {
          // Chunks come over a connection that readers share, and its user must not wait for
          // others.
          writer.awaitTurn();
        }
        if (writer.isPartFull(encoder.keptBytes())) {
          endPart();
          encoder.beginPart();
        }
        writer.beginRow();
        encoder.encode(row, sink);
        if (--rowsUntilCheck == 0) {
          check();
        }
      }
    }
    endPart();
    writer.end();
    check();
  }

  private void endPart() throws IOException {
    EncodedPart part = encoder.endPart(sink);
    writer.endPart(part.replacedCharacters(), part.footerEntry());
  }

  private void check() {
    monitor.addRows(ROWS_PER_CHECK - rowsUntilCheck);
    rowsUntilCheck = ROWS_PER_CHECK;
    monitor.requireActive();
  }
}
