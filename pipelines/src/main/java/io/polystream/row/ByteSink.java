package io.polystream.row;

import java.io.IOException;

/**
 * Where bytes are put one run after another: a buffer, and a rule for when it is full (empty it, or
 * make it larger). Not thread-safe.
 */
public abstract class ByteSink {
  /**
   * What any sink has room for in one run. A buffer made smaller is replaced by one of this size
   * when somebody reserves.
   */
  public static final int MOST_RESERVED_BYTES = 16 * 1024;

  /** The bytes not handed on yet are {@code buffer[0, position)}. */
  protected byte[] buffer;

  protected int position;

  protected ByteSink(int bufferBytes) {
    if (bufferBytes < 1) {
      throw new IllegalArgumentException("bufferBytes must be positive, not " + bufferBytes);
    }
    buffer = new byte[bufferBytes];
  }

  /** Makes room for at least one byte, by emptying the buffer or by enlarging it. */
  protected abstract void makeRoom() throws IOException;

  /**
   * Makes room for so many bytes in a row: then they may be put into {@link #buffer()} from {@link
   * #position()} on, and {@link #advanceTo} says how many it were. For loops that would otherwise
   * make a call per byte.
   *
   * @param bytes at most {@link #MOST_RESERVED_BYTES}
   */
  public final void reserve(int bytes) throws IOException {
    if (bytes > MOST_RESERVED_BYTES) {
      throw new IllegalArgumentException(
          "at most " + MOST_RESERVED_BYTES + " bytes can be reserved, not " + bytes);
    }
    while (bytes > buffer.length - position) {
      if (position == 0) {
        buffer = new byte[MOST_RESERVED_BYTES];
      } else {
        makeRoom();
      }
    }
  }

  /** The buffer to write into after {@link #reserve}; another one after any other call. */
  public final byte[] buffer() {
    return buffer;
  }

  /** Where the next byte goes in {@link #buffer()}. */
  public final int position() {
    return position;
  }

  /** Says that the bytes up to here were written into {@link #buffer()}. */
  public final void advanceTo(int newPosition) {
    position = newPosition;
  }

  public final void write(byte value) throws IOException {
    if (position == buffer.length) {
      makeRoom();
    }
    buffer[position++] = value;
  }

  public final void write(byte[] source) throws IOException {
    write(source, 0, source.length);
  }

  public final void write(Utf8Slice text) throws IOException {
    write(text.bytes(), text.offset(), text.length());
  }

  public final void write(byte[] source, int offset, int length) throws IOException {
    int from = offset;
    int left = length;
    while (left > buffer.length - position) {
      int room = buffer.length - position;
      System.arraycopy(source, from, buffer, position, room);
      position += room;
      from += room;
      left -= room;
      makeRoom();
    }
    System.arraycopy(source, from, buffer, position, left);
    position += left;
  }
}
