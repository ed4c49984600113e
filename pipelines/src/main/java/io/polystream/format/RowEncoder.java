package io.polystream.format;

import io.polystream.row.ByteSink;
import io.polystream.row.Row;
import java.io.IOException;

/** Encodes rows for one reader: may keep buffers between rows, and is not thread-safe. */
public interface RowEncoder {
  /** Writes the row, without the separator to the next one. */
  void encode(Row row, ByteSink sink) throws IOException;
}
