package io.polystream.source;

import io.polystream.row.Row;

/**
 * The rows of one partition, one after another. Not thread-safe. Failures are {@link
 * io.polystream.error.PolyStreamException}; after one the connection is of no more use.
 */
public interface Rows extends AutoCloseable {
  /** Moves {@link #row} to the next row, or returns false after the last. */
  boolean next();

  /** The current row: the same instance every time. */
  Row row();

  /** Reads over what is left, so that the connection can serve the next partition. */
  @Override
  void close();
}
