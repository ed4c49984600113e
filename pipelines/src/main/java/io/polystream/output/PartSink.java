package io.polystream.output;

import io.polystream.row.ByteSink;
import java.io.IOException;

/** What the rows of a part are encoded into: {@code (beginPart write* endPart)*}. */
abstract class PartSink extends ByteSink implements AutoCloseable {
  PartSink(int bufferBytes) {
    super(bufferBytes);
  }

  abstract void beginPart();

  /** Hands everything on that was written. */
  abstract void endPart() throws IOException;

  /** Bytes written since the part began. */
  abstract long plainBytes();

  /** CRC-32 of them once the part has ended; 0 when nobody asks for it. */
  abstract int plainCrc32();

  @Override
  public abstract void close();
}
