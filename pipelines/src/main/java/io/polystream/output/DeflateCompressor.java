package io.polystream.output;

import io.polystream.row.ByteSink;
import java.io.IOException;
import java.util.zip.Deflater;

/**
 * Raw deflate blocks (RFC 1951) without a last one: each part ends with an empty stored block, at a
 * byte's end, and looks back at nothing before its beginning.
 */
final class DeflateCompressor implements PartCompressor {
  /** What is asked of the sink at once. */
  private static final int ROOM_BYTES = ByteSink.MOST_RESERVED_BYTES;

  private final Deflater deflater;

  DeflateCompressor(int level) {
    deflater = new Deflater(level, true);
  }

  @Override
  public void compress(byte[] bytes, int offset, int length, ByteSink compressed)
      throws IOException {
    deflater.setInput(bytes, offset, length);
    while (!deflater.needsInput()) {
      deflate(compressed, Deflater.NO_FLUSH);
    }
  }

  @Override
  public void endPart(ByteSink compressed) throws IOException {
    while (deflate(compressed, Deflater.SYNC_FLUSH)) {
      // A full buffer may have hidden more.
    }
    deflater.reset();
  }

  /** Returns whether the sink's room was filled, so that there may be more. */
  private boolean deflate(ByteSink compressed, int flush) throws IOException {
    compressed.reserve(ROOM_BYTES);
    int position = compressed.position();
    int written = deflater.deflate(compressed.buffer(), position, ROOM_BYTES, flush);
    compressed.advanceTo(position + written);
    return written == ROOM_BYTES;
  }

  @Override
  public void close() {
    deflater.end();
  }
}
