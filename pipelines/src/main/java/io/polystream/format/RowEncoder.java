package io.polystream.format;

import io.polystream.row.ByteSink;
import io.polystream.row.Row;
import java.io.IOException;

/**
 * Encodes rows for one reader, part by part: {@code (beginPart encode* endPart)*}, where a part may
 * also be given up. Formats whose rows stand one behind the other write each as it comes and need
 * nothing else. Not thread-safe.
 */
public interface RowEncoder {
  /** Begins a part, and forgets one that was given up. */
  default void beginPart() {}

  /** Writes the row, without the separator to the next one, or keeps it until the part ends. */
  void encode(Row row, ByteSink sink) throws IOException;

  /** How many bytes of the part's rows, about, it keeps. */
  default long keptBytes() {
    return 0;
  }

  /** Writes what it kept. */
  default EncodedPart endPart(ByteSink sink) throws IOException {
    return EncodedPart.PLAIN;
  }
}
