package io.polystream.source.postgresql;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.polystream.row.ByteBuilder;
import io.polystream.row.Row;
import io.polystream.row.Utf8Slice;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.function.Function;

/**
 * The current row, whichever way its cells came. The subclass points {@link #cell} at a column's
 * bytes; a guarded row has the guard's three columns behind the export's.
 */
abstract class PostgresRow implements Row {
  private static final int INITIAL_TEXT_BYTES = 1024;

  /** Where a column's value lies; a length below 0 is NULL. */
  protected byte[] cellBytes;

  protected int cellOffset;
  protected int cellLength;

  private final CellDecoder[] decoders;
  private final boolean guarded;
  private final OversizeRows oversizeRows;
  private final ByteBuilder text = new ByteBuilder(INITIAL_TEXT_BYTES);
  private final Utf8Slice slice = new Utf8Slice();
  private OversizeRows.OversizeRow oversize;
  private long number;

  PostgresRow(
      SelectStatement select,
      OversizeRows oversizeRows,
      Function<PostgresType, CellDecoder> decoder) {
    List<SelectedColumn> columns = select.columns();
    decoders =
        columns.stream().map(column -> decoder.apply(column.type())).toArray(CellDecoder[]::new);
    guarded = select.guardBytes().isPresent();
    this.oversizeRows = oversizeRows;
  }

  /** Sets the cell fields to a column of what was selected, 0-based. */
  protected abstract void cell(int column);

  /** To be called when the row has moved. */
  protected final void moved() {
    number++;
    oversize = null;
    if (guarded) {
      cell(decoders.length);
      if (cellLength >= 0) {
        oversize = oversizeRows.row(number, cellText(0), cellText(1), cellText(2));
      }
    }
  }

  private String cellText(int guardColumn) {
    cell(decoders.length + guardColumn);
    return cellLength < 0 ? "" : new String(cellBytes, cellOffset, cellLength, US_ASCII);
  }

  @Override
  public final boolean isNull(int column) {
    cell(column);
    return cellLength < 0 && (oversize == null || oversize.isNull(column));
  }

  @Override
  public final boolean isOversize(int column) {
    if (oversize == null) {
      return false;
    }
    cell(column);
    return cellLength < 0 && !oversize.isNull(column);
  }

  @Override
  public final boolean hasOversizeCells() {
    return oversize != null;
  }

  @Override
  public final Utf8Slice text(int column) throws IOException {
    cell(column);
    CellDecoder decoder = decoders[column];
    if (decoder == CellDecoder.VERBATIM) {
      return slice.at(cellBytes, cellOffset, cellLength);
    }
    text.clear();
    decoder.decode(cellBytes, cellOffset, cellLength, text);
    return slice.at(text.buffer(), 0, text.length());
  }

  @Override
  public final InputStream openText(int column) throws IOException {
    return oversize.openText(column);
  }
}
