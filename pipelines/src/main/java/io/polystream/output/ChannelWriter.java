package io.polystream.output;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;

/** Writes arrays into channels. Used by one thread at a time. */
final class ChannelWriter {
  /** A direct buffer of its own: a channel would otherwise make one as large as each write. */
  private static final int BUFFER_BYTES = 256 * 1024;

  private final ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER_BYTES);

  void write(WritableByteChannel channel, byte[] bytes, int offset, int length) throws IOException {
    int end = offset + length;
    for (int from = offset; from < end; from += BUFFER_BYTES) {
      buffer.clear().put(bytes, from, Math.min(BUFFER_BYTES, end - from)).flip();
      while (buffer.hasRemaining()) {
        channel.write(buffer);
      }
    }
  }
}
