package io.polystream.output;

import io.polystream.row.ByteSink;
import java.io.IOException;
import java.util.Arrays;
import java.util.function.Consumer;

/** Hands a footer on, a buffer at a time, so that it is never in memory as a whole. */
final class FooterSink extends ByteSink {
  private static final int BUFFER_BYTES = 64 * 1024;

  private final Consumer<byte[]> next;

  /**
   * @param next keeps nothing of what it is given
   */
  FooterSink(Consumer<byte[]> next) {
    super(BUFFER_BYTES);
    this.next = next;
  }

  @Override
  protected void makeRoom() throws IOException {
    flush();
  }

  void flush() {
    if (position > 0) {
      next.accept(Arrays.copyOf(buffer, position));
      position = 0;
    }
  }
}
