package io.polystream.output;

import io.polystream.row.ByteSink;
import java.io.IOException;

/**
 * Compresses parts for one reader, one after another: {@code (compress* endPart)*}. Parts without
 * bytes are not given to it. Not thread-safe; may hold memory outside the heap until it is closed.
 */
interface PartCompressor extends AutoCloseable {
  /** Compresses some bytes of a part into the sink, or keeps them for later. */
  void compress(byte[] bytes, int offset, int length, ByteSink compressed) throws IOException;

  /** Puts all that was kept into the sink, so that the part can stand alone. */
  void endPart(ByteSink compressed) throws IOException;

  @Override
  void close();
}
