package io.polystream.source;

import java.io.Serializable;

/** A slice of a source's rows, read by one SQL statement. */
public sealed interface Partition extends Serializable {
  /** Everything. Too large to be one part, it is cut into parts by bytes as it flows. */
  record Whole() implements Partition {
    private static final long serialVersionUID = 1L;
  }

  /**
   * The rows that lie on some pages of the table, or of every leaf of a partitioned one.
   *
   * @param firstPage inclusive
   * @param endPage exclusive; {@link #NO_END} on the last partition
   */
  record Pages(long firstPage, long endPage) implements Partition {
    private static final long serialVersionUID = 1L;

    /** The highest page number PostgreSQL has (storage/block.h, MaxBlockNumber + 1). */
    public static final long NO_END = 4_294_967_295L;

    public Pages {
      if (firstPage < 0 || endPage <= firstPage || endPage > NO_END) {
        throw new IllegalArgumentException("no page range: [" + firstPage + ", " + endPage + ")");
      }
    }
  }
}
