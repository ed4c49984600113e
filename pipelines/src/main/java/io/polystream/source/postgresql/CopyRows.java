package io.polystream.source.postgresql;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.polystream.error.ErrorKind;
import io.polystream.error.PolyStreamException;
import io.polystream.row.Row;
import io.polystream.source.Rows;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Arrays;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyOut;

/**
 * Rows of {@code COPY (SELECT …) TO STDOUT (FORMAT binary)} (PostgreSQL documentation, COPY, Binary
 * Format): one array per row from the driver, cells decoded where they lie.
 */
final class CopyRows extends PostgresRow implements Rows {
  private static final byte[] SIGNATURE = "PGCOPY\n\377\r\n\0".getBytes(ISO_8859_1);
  private static final int TRAILER = -1;

  private final CopyOut copy;
  private final String doing;
  private final int[] offsets;
  private final int[] lengths;
  private byte[] message;
  private boolean beforeFirst = true;
  private boolean ended;
  private long rowsRead;

  CopyRows(
      Connection connection,
      String sql,
      SelectStatement select,
      OversizeRows oversizeRows,
      String doing)
      throws SQLException {
    super(select, oversizeRows, new BinaryDecoders()::of);
    this.doing = doing;
    int cells = select.selectedColumns();
    offsets = new int[cells];
    lengths = new int[cells];
    copy =
        connection
            .unwrap(PGConnection.class)
            .getCopyAPI()
            .copyOut("COPY (" + sql + ") TO STDOUT (FORMAT binary)");
  }

  @Override
  public boolean next() {
    if (ended) {
      return false;
    }
    try {
      // Let go of the last row before the next one is there: both may be large.
      message = null;
      message = copy.readFromCopy();
      int offset = 0;
      if (beforeFirst) {
        beforeFirst = false;
        offset = endOfHeader();
        if (message != null && offset == message.length) {
          message = copy.readFromCopy();
          offset = 0;
        }
      }
      if (message == null || BinaryValues.shortAt(message, offset) == TRAILER) {
        end();
        requireAllRows();
        return false;
      }
      locateCells(offset);
      rowsRead++;
      moved();
      return true;
    } catch (SQLException e) {
      ended = true;
      throw SqlFailures.querying(doing, e);
    }
  }

  /** The server says at the end how many rows it sent. */
  private void requireAllRows() {
    long sent = copy.getHandledRowCount();
    if (sent >= 0 && sent != rowsRead) {
      throw malformed("the server sent " + sent + " rows and " + rowsRead + " came");
    }
  }

  private int endOfHeader() {
    if (message == null
        || message.length < SIGNATURE.length + 8
        || !Arrays.equals(message, 0, SIGNATURE.length, SIGNATURE, 0, SIGNATURE.length)) {
      throw malformed("it does not begin with its signature");
    }
    return SIGNATURE.length + 8 + BinaryValues.intAt(message, SIGNATURE.length + 4);
  }

  private void locateCells(int start) {
    int cells = BinaryValues.unsignedShortAt(message, start);
    if (cells != offsets.length) {
      throw malformed("a row has " + cells + " columns, not " + offsets.length);
    }
    int offset = start + 2;
    for (int i = 0; i < cells; i++) {
      int length = BinaryValues.intAt(message, offset);
      offset += 4;
      offsets[i] = offset;
      lengths[i] = length;
      if (length > 0) {
        offset += length;
      }
    }
    if (offset != message.length) {
      throw malformed("a row ends at byte " + offset + " of " + message.length);
    }
  }

  private PolyStreamException malformed(String how) {
    return new PolyStreamException(
        ErrorKind.QUERY,
        doing
            + ": the server's COPY data is not what it should be: "
            + how
            + "; use --read cursor");
  }

  @Override
  protected void cell(int column) {
    cellBytes = message;
    cellOffset = offsets[column];
    cellLength = lengths[column];
  }

  @Override
  public Row row() {
    return this;
  }

  @Override
  public void close() {
    if (!ended) {
      try {
        end();
      } catch (SQLException e) {
        throw SqlFailures.querying(doing, e);
      }
    }
  }

  /** To the very end: the next statement on a connection with a COPY half read waits for ever. */
  private void end() throws SQLException {
    ended = true;
    message = null;
    while (copy.readFromCopy() != null) {
      // skipped
    }
  }

  /** The decoders of one reader: they share buffers. */
  private static final class BinaryDecoders {
    private final BinaryValues values = new BinaryValues();

    CellDecoder of(PostgresType type) {
      return type.binary().apply(values);
    }
  }
}
