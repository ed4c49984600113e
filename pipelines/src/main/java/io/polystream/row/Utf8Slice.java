package io.polystream.row;

import static java.nio.charset.StandardCharsets.UTF_8;

/**
 * A view of UTF-8 bytes in an array that somebody else owns. One instance is pointed at cell after
 * cell, so that no object is made per cell. Not thread-safe.
 */
public final class Utf8Slice {
  private byte[] bytes = new byte[0];
  private int offset;
  private int length;

  /** Points this view at {@code bytes[offset, offset + length)} and returns it. */
  public Utf8Slice at(byte[] newBytes, int newOffset, int newLength) {
    bytes = newBytes;
    offset = newOffset;
    length = newLength;
    return this;
  }

  public byte[] bytes() {
    return bytes;
  }

  public int offset() {
    return offset;
  }

  public int length() {
    return length;
  }

  @Override
  public String toString() {
    return new String(bytes, offset, length, UTF_8);
  }
}
