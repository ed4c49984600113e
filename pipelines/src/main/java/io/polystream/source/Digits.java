package io.polystream.source;

import io.polystream.row.ByteSink;
import java.io.IOException;

/** Writes whole numbers as decimal digits. Keeps a buffer: not thread-safe. */
public final class Digits {
  private static final int LONGEST_LONG = 20;

  /** The four digits of 0000 to 9999, one after another. */
  private static final byte[] FOUR_DIGITS = new byte[4 * 10_000];

  static {
    for (int value = 0; value < 10_000; value++) {
      FOUR_DIGITS[4 * value] = (byte) ('0' + value / 1000);
      FOUR_DIGITS[4 * value + 1] = (byte) ('0' + value / 100 % 10);
      FOUR_DIGITS[4 * value + 2] = (byte) ('0' + value / 10 % 10);
      FOUR_DIGITS[4 * value + 3] = (byte) ('0' + value % 10);
    }
  }

  private final byte[] buffer = new byte[LONGEST_LONG];

  /** Writes the number without leading zeros. */
  public void write(long value, ByteSink sink) throws IOException {
    // Works on the negative side, where Long.MIN_VALUE has a place.
    long rest = value < 0 ? value : -value;
    int start = LONGEST_LONG;
    while (rest <= -10_000) {
      long quotient = rest / 10_000;
      start -= 4;
      System.arraycopy(FOUR_DIGITS, 4 * (int) (10_000 * quotient - rest), buffer, start, 4);
      rest = quotient;
    }
    int leading = 4 * (int) -rest;
    int digits = rest > -10 ? 1 : rest > -100 ? 2 : rest > -1000 ? 3 : 4;
    start -= digits;
    System.arraycopy(FOUR_DIGITS, leading + 4 - digits, buffer, start, digits);
    if (value < 0) {
      buffer[--start] = '-';
    }
    sink.write(buffer, start, LONGEST_LONG - start);
  }

  /** Writes the first {@code digits} (0 to 4) of the four digits of a value below 10,000. */
  public static void writeFirst(int value, int digits, ByteSink sink) throws IOException {
    sink.write(FOUR_DIGITS, 4 * value, digits);
  }

  /** Writes the last {@code digits} (0 to 4) of the four digits of a value below 10,000. */
  public static void writeLast(int value, int digits, ByteSink sink) throws IOException {
    sink.write(FOUR_DIGITS, 4 * value + 4 - digits, digits);
  }
}
