package io.polystream.format.parquet;

import io.polystream.row.Utf8Slice;
import java.nio.ByteBuffer;
import org.apache.parquet.column.ColumnWriter;
import org.apache.parquet.io.api.Binary;

/**
 * Decimal numbers as whole ones, the point being where the type has it: of 32, 64 or 128 bits, the
 * last as bytes, big-endian, as few as the precision needs.
 */
final class DecimalValues implements ValueWriter {
  private final int precision;
  private final int scale;
  private final int fixedBytes;
  private final ByteBuffer wide = ByteBuffer.allocate(2 * Long.BYTES);

  // The last number's magnitude, 128 bits.
  private long high;
  private long low;

  DecimalValues(int precision, int scale) {
    this.precision = precision;
    this.scale = scale;
    fixedBytes = fixedBytes(precision);
  }

  /** How many bytes a number of so many digits needs, its sign included. */
  static int fixedBytes(int precision) {
    return (int) Math.ceil((precision * (Math.log(10) / Math.log(2)) + 1) / Byte.SIZE);
  }

  @Override
  public void write(Utf8Slice text, ColumnWriter column, int repetition, int definition) {
    boolean negative = parse(text);
    if (precision <= 9) {
      column.write((int) (negative ? -low : low), repetition, definition);
    } else if (precision <= 18) {
      column.write(negative ? -low : low, repetition, definition);
    } else {
      long signedLow = negative ? -low : low;
      long signedHigh = negative ? ~high + (low == 0 ? 1 : 0) : high;
      wide.putLong(0, signedHigh).putLong(Long.BYTES, signedLow);
      column.write(
          Binary.fromReusedByteArray(wide.array(), 2 * Long.BYTES - fixedBytes, fixedBytes),
          repetition,
          definition);
    }
  }

  /** Sets the magnitude; returns whether the number is below zero. */
  private boolean parse(Utf8Slice text) {
    byte[] bytes = text.bytes();
    int end = text.offset() + text.length();
    int i = text.offset();
    boolean negative = bytes[i] == '-';
    if (negative) {
      i++;
    }
    high = 0;
    low = 0;
    int digits = 0;
    int fraction = -1;
    for (; i < end; i++) {
      byte c = bytes[i];
      if (c == '.') {
        fraction = 0;
        continue;
      }
      if (c < '0' || c > '9') {
        throw notStorable(text);
      }
      if (fraction == scale) {
        if (c != '0') {
          throw notStorable(text);
        }
        continue;
      }
      if (fraction >= 0) {
        fraction++;
      }
      digits = append(c - '0', digits, text);
    }
    for (int given = Math.max(0, fraction); given < scale; given++) {
      digits = append(0, digits, text);
    }
    return negative;
  }

  /** Returns how many digits there are now, without leading zeros. */
  private int append(int digit, int digits, Utf8Slice text) {
    if (digits == 0 && digit == 0) {
      return 0;
    }
    if (digits == precision) {
      throw notStorable(text);
    }
    long carry = Math.multiplyHigh(low, 10) + ((low >> 63) & 10);
    low *= 10;
    high = high * 10 + carry;
    low += digit;
    if (Long.compareUnsigned(low, digit) < 0) {
      high++;
    }
    return digits + 1;
  }

  private NotStorable notStorable(Utf8Slice text) {
    return new NotStorable(
        text, " is no decimal(" + precision + "," + scale + "), which is what the file has for it");
  }
}
