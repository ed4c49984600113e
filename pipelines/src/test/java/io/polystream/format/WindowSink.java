package io.polystream.format;

import io.polystream.row.ByteSink;
import java.io.ByteArrayOutputStream;
import java.util.Arrays;

/** A sink whose buffer does not grow, as that of an output: it is emptied when it is full. */
final class WindowSink extends ByteSink {
  private final ByteArrayOutputStream emptied = new ByteArrayOutputStream();
  private final int skipped;

  /**
   * @param usedBytes how full the buffer is to begin with; the bytes are not part of the result
   */
  WindowSink(int bufferBytes, int usedBytes) {
    super(bufferBytes);
    position = usedBytes;
    skipped = usedBytes;
  }

  @Override
  protected void makeRoom() {
    emptied.write(buffer, 0, position);
    // What is left behind is not to be relied on.
    Arrays.fill(buffer, (byte) '!');
    position = 0;
  }

  int length() {
    return emptied.size() + position - skipped;
  }

  byte[] toByteArray() {
    makeRoom();
    byte[] all = emptied.toByteArray();
    return Arrays.copyOfRange(all, skipped, all.length);
  }
}
