package io.polystream.row;

import java.util.Arrays;

/** A sink that keeps what it is given, in an array that grows. Not thread-safe. */
public final class ByteBuilder extends ByteSink {
  public ByteBuilder(int initialBytes) {
    super(initialBytes);
  }

  public void clear() {
    position = 0;
  }

  public int length() {
    return position;
  }

  public byte[] toByteArray() {
    return Arrays.copyOf(buffer, position);
  }

  @Override
  protected void makeRoom() {
    buffer = Arrays.copyOf(buffer, Math.max(16, Math.multiplyExact(buffer.length, 2)));
  }
}
