package io.polystream.output.deflate;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** Bits into bytes, lowest first (RFC 1951 section 3.1.1). Not thread-safe. */
final class BitWriter {
  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private final byte[] buffer;
  private int position;
  private long bits;
  private int bitCount;

  /**
   * @param mostBytes what is put in between two calls of {@link #clear}, at most
   */
  BitWriter(int mostBytes) {
    buffer = new byte[mostBytes + Long.BYTES];
  }

  byte[] buffer() {
    return buffer;
  }

  /** How many bytes are whole. */
  int position() {
    return position;
  }

  /** Forgets whole bytes; the bits of one begun stay. */
  void clear() {
    position = 0;
  }

  /**
   * @param count at most 57, of {@code value}'s lowest; the others are 0
   */
  void put(long value, int count) {
    long all = bits | value << bitCount;
    int allBits = bitCount + count;
    LONG.set(buffer, position, all);
    position += allBits >>> 3;
    bits = all >>> (allBits & ~7);
    bitCount = allBits & 7;
  }

  /** Fills up the byte that was begun. */
  void alignToByte() {
    if (bitCount > 0) {
      put(0, Byte.SIZE - bitCount);
    }
  }

  /** Whole bytes, from a byte's beginning on. */
  void put(byte[] bytes, int offset, int length) {
    System.arraycopy(bytes, offset, buffer, position, length);
    position += length;
  }
}
