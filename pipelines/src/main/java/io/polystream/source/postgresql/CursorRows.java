package io.polystream.source.postgresql;

import io.polystream.row.Row;
import io.polystream.source.Rows;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/**
 * Rows of a JDBC result set in text form, fetched some at a time. How many depends on what rows
 * held so far, and on what the guard lets through at most.
 */
final class CursorRows extends PostgresRow implements Rows {
  /** What all readers together may have fetched, in bytes of text. */
  private static final int FETCHED_BYTES = 16 * 1024 * 1024;

  /** Enough that a round trip costs little beside its rows. */
  private static final int MOST_ROWS = 1000;

  private static final int FIRST_ROWS = 50;

  /** What the driver needs for a cell beside its bytes: an array's header and a reference. */
  private static final int CELL_OVERHEAD_BYTES = 24;

  private static final int NONE = -1;

  private final String doing;
  private final Statement statement;
  private final ResultSet result;
  private final int cells;
  private final int fetchedBytes;
  private final int mostRows;

  /** The column the cell fields are at: what the driver has to convert is converted once. */
  private int current = NONE;

  private long rowsRead;
  private long bytesRead;
  private int fetchSize = FIRST_ROWS;
  private int untilAdjustment = FIRST_ROWS;

  CursorRows(
      Connection connection,
      String sql,
      SelectStatement select,
      OversizeRows oversizeRows,
      String doing,
      int readers)
      throws SQLException {
    super(select, oversizeRows, new TextDecoders()::of);
    this.doing = doing;
    cells = select.selectedColumns();
    fetchedBytes = FETCHED_BYTES / readers;
    mostRows =
        select.guardBytes().isPresent()
            ? Math.min(MOST_ROWS, Math.max(1, fetchedBytes / select.guardBytes().getAsInt()))
            : MOST_ROWS;
    statement = connection.createStatement();
    statement.setFetchSize(Math.min(FIRST_ROWS, mostRows));
    result = statement.executeQuery(sql);
  }

  @Override
  public boolean next() {
    try {
      if (!result.next()) {
        return false;
      }
      current = NONE;
      adjustFetchSize();
      moved();
      return true;
    } catch (SQLException e) {
      throw SqlFailures.querying(doing, e);
    }
  }

  private void adjustFetchSize() throws SQLException {
    rowsRead++;
    if (--untilAdjustment == 0) {
      long averageBytes = bytesRead / rowsRead + (long) cells * CELL_OVERHEAD_BYTES;
      fetchSize = (int) Math.max(1, Math.min(mostRows, fetchedBytes / 2 / averageBytes));
      result.setFetchSize(fetchSize);
      untilAdjustment = fetchSize;
    }
  }

  @Override
  protected void cell(int column) {
    if (column == current) {
      return;
    }
    try {
      current = column;
      cellBytes = result.getBytes(column + 1);
      cellOffset = 0;
      cellLength = cellBytes == null ? -1 : cellBytes.length;
      bytesRead += Math.max(0, cellLength);
    } catch (SQLException e) {
      throw SqlFailures.querying(doing, e);
    }
  }

  @Override
  public Row row() {
    return this;
  }

  @Override
  public void close() {
    try {
      statement.close();
    } catch (SQLException e) {
      throw SqlFailures.querying(doing, e);
    }
  }

  /** The decoders of one reader: they share buffers. */
  private static final class TextDecoders {
    private final TextValues values = new TextValues();

    CellDecoder of(PostgresType type) {
      return type.text().apply(values);
    }
  }
}
