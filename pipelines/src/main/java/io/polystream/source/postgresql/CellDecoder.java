package io.polystream.source.postgresql;

import io.polystream.row.ByteSink;
import java.io.IOException;

/** Turns a value as the server sent it into its canonical text. May keep buffers. */
@FunctionalInterface
interface CellDecoder {
  /** For what is canonical as it comes: callers then look at the bytes where they are. */
  CellDecoder VERBATIM = (bytes, offset, length, text) -> text.write(bytes, offset, length);

  /** Appends the canonical text of {@code bytes[offset, offset + length)}. */
  void decode(byte[] bytes, int offset, int length, ByteSink text) throws IOException;
}
