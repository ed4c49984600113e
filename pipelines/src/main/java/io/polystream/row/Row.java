package io.polystream.row;

import java.io.IOException;
import java.io.InputStream;

/**
 * The current row of a source, column by column in the export's order (0-based). One instance is
 * moved from row to row. What it hands out is valid until the next call on it. Not thread-safe.
 */
public interface Row {
  boolean isNull(int column);

  /**
   * Whether the cell is too large to hold in memory and must be read with {@link #openText}. Most
   * rows have none: see {@link #hasOversizeCells}.
   */
  boolean isOversize(int column);

  /** Whether any cell of this row is oversize. */
  boolean hasOversizeCells();

  /** The canonical UTF-8 text of a cell that is neither null nor oversize. */
  Utf8Slice text(int column) throws IOException;

  /**
   * The canonical UTF-8 text of an oversize cell that is not null, from its beginning; may be
   * opened again. The caller closes it before asking for anything else of this row.
   */
  InputStream openText(int column) throws IOException;
}
