package io.polystream.output;

import io.polystream.output.deflate.DeflateEncoder;
import io.polystream.row.ByteSink;
import java.io.IOException;

/** Raw deflate blocks (RFC 1951) without a last one, which {@link Container.GzipMember} adds. */
final class DeflateCompressor implements PartCompressor {
  private final DeflateEncoder encoder;

  DeflateCompressor(int level) {
    encoder = new DeflateEncoder(level);
  }

  @Override
  public void compress(byte[] bytes, int offset, int length, ByteSink compressed)
      throws IOException {
    encoder.encode(bytes, offset, length, compressed);
  }

  @Override
  public void endPart(ByteSink compressed) throws IOException {
    encoder.endPart(compressed);
  }

  @Override
  public void close() {}
}
