package io.polystream.source.postgresql;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.polystream.row.ByteSink;
import io.polystream.source.Digits;
import io.polystream.source.IsoTime;
import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * PostgreSQL's binary forms (the send functions of utils/adt) as canonical text. One instance per
 * reader: keeps buffers.
 */
final class BinaryValues {
  private static final VarHandle SHORT =
      MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.BIG_ENDIAN);
  private static final VarHandle INT =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);
  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

  /** PostgreSQL counts from 2000-01-01 (datatype/timestamp.h). */
  private static final long EPOCH_DAY_OFFSET = 10_957;

  private static final long MICROS_PER_DAY = 86_400_000_000L;

  private static final byte[] TRUE = "true".getBytes(US_ASCII);
  private static final byte[] FALSE = "false".getBytes(US_ASCII);
  private static final byte[] NAN = "NaN".getBytes(US_ASCII);
  private static final byte[] INFINITY = "Infinity".getBytes(US_ASCII);
  private static final byte[] MINUS_INFINITY = "-Infinity".getBytes(US_ASCII);
  private static final byte[] NEVER = "infinity".getBytes(US_ASCII);
  private static final byte[] ALWAYS = "-infinity".getBytes(US_ASCII);

  /** Numeric signs (utils/adt/numeric.c). */
  private static final int NUMERIC_NEGATIVE = 0x4000;

  private static final int NUMERIC_NAN = 0xC000;
  private static final int NUMERIC_INFINITY = 0xD000;
  private static final int NUMERIC_MINUS_INFINITY = 0xF000;
  private static final int NUMERIC_HEADER_BYTES = 8;

  private static final byte[] HEX = "0123456789abcdef".getBytes(US_ASCII);

  private final Digits digits = new Digits();
  private final IsoTime isoTime = new IsoTime();

  static int intAt(byte[] bytes, int offset) {
    return (int) INT.get(bytes, offset);
  }

  static int unsignedShortAt(byte[] bytes, int offset) {
    return (short) SHORT.get(bytes, offset) & 0xFFFF;
  }

  static short shortAt(byte[] bytes, int offset) {
    return (short) SHORT.get(bytes, offset);
  }

  private static long longAt(byte[] bytes, int offset) {
    return (long) LONG.get(bytes, offset);
  }

  static void bool(byte[] bytes, int offset, int length, ByteSink text) throws IOException {
    text.write(bytes[offset] == 0 ? FALSE : TRUE);
  }

  void int2(byte[] bytes, int offset, int length, ByteSink text) throws IOException {
    digits.write(shortAt(bytes, offset), text);
  }

  void int4(byte[] bytes, int offset, int length, ByteSink text) throws IOException {
    digits.write(intAt(bytes, offset), text);
  }

  void int8(byte[] bytes, int offset, int length, ByteSink text) throws IOException {
    digits.write(longAt(bytes, offset), text);
  }

  void oid(byte[] bytes, int offset, int length, ByteSink text) throws IOException {
    digits.write(Integer.toUnsignedLong(intAt(bytes, offset)), text);
  }

  /** Groups of four decimal digits; the digits after the point are as many as were declared. */
  void numeric(byte[] bytes, int offset, int length, ByteSink text) throws IOException {
    int groups = unsignedShortAt(bytes, offset);
    int weight = shortAt(bytes, offset + 2);
    int sign = unsignedShortAt(bytes, offset + 4);
    int scale = unsignedShortAt(bytes, offset + 6);
    switch (sign) {
      case NUMERIC_NAN -> text.write(NAN);
      case NUMERIC_INFINITY -> text.write(INFINITY);
      case NUMERIC_MINUS_INFINITY -> text.write(MINUS_INFINITY);
      default -> {
        if (sign == NUMERIC_NEGATIVE) {
          text.write((byte) '-');
        }
        int first = offset + NUMERIC_HEADER_BYTES;
        if (weight < 0) {
          text.write((byte) '0');
        } else {
          digits.write(group(bytes, first, groups, 0), text);
          for (int i = 1; i <= weight; i++) {
            Digits.writeLast(group(bytes, first, groups, i), 4, text);
          }
        }
        if (scale > 0) {
          text.write((byte) '.');
          for (int i = weight + 1, left = scale; left > 0; i++, left -= 4) {
            Digits.writeFirst(group(bytes, first, groups, i), Math.min(4, left), text);
          }
        }
      }
    }
  }

  private static int group(byte[] bytes, int first, int groups, int index) {
    return index < 0 || index >= groups ? 0 : unsignedShortAt(bytes, first + 2 * index);
  }

  void date(byte[] bytes, int offset, int length, ByteSink text) throws IOException {
    int day = intAt(bytes, offset);
    if (day == Integer.MAX_VALUE) {
      text.write(NEVER);
    } else if (day == Integer.MIN_VALUE) {
      text.write(ALWAYS);
    } else {
      isoTime.writeDate(day + EPOCH_DAY_OFFSET, text);
    }
  }

  void time(byte[] bytes, int offset, int length, ByteSink text) throws IOException {
    isoTime.writeTime(longAt(bytes, offset), text);
  }

  void timestamp(byte[] bytes, int offset, int length, ByteSink text) throws IOException {
    writeTimestamp(longAt(bytes, offset), text);
  }

  void timestamptz(byte[] bytes, int offset, int length, ByteSink text) throws IOException {
    if (writeTimestamp(longAt(bytes, offset), text)) {
      text.write((byte) 'Z');
    }
  }

  /** Returns whether the moment was a finite one. */
  private boolean writeTimestamp(long micros, ByteSink text) throws IOException {
    if (micros == Long.MAX_VALUE) {
      text.write(NEVER);
      return false;
    }
    if (micros == Long.MIN_VALUE) {
      text.write(ALWAYS);
      return false;
    }
    // Days first: the last year there is, in microseconds since 1970, is more than a long holds.
    long day = Math.floorDiv(micros, MICROS_PER_DAY);
    isoTime.writeDateTime(day + EPOCH_DAY_OFFSET, micros - day * MICROS_PER_DAY, text);
    return true;
  }

  static void uuid(byte[] bytes, int offset, int length, ByteSink text) throws IOException {
    for (int i = 0; i < length; i++) {
      if (i == 4 || i == 6 || i == 8 || i == 10) {
        text.write((byte) '-');
      }
      text.write(HEX[(bytes[offset + i] >> 4) & 0xF]);
      text.write(HEX[bytes[offset + i] & 0xF]);
    }
  }
}
