package io.polystream.source.postgresql;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.polystream.row.ByteBuilder;
import io.polystream.row.ByteSink;
import io.polystream.source.IsoTime;
import java.io.IOException;

/**
 * PostgreSQL's text forms (the output functions of utils/adt, with DateStyle ISO and TimeZone UTC)
 * as canonical text. One instance per reader: keeps buffers.
 */
final class TextValues {
  private static final byte[] TRUE = "true".getBytes(US_ASCII);
  private static final byte[] FALSE = "false".getBytes(US_ASCII);

  private final IsoTime isoTime = new IsoTime();
  private final ByteBuilder unhexed = new ByteBuilder(64);

  static void bool(byte[] bytes, int offset, int length, ByteSink text) throws IOException {
    text.write(bytes[offset] == 't' ? TRUE : FALSE);
  }

  /**
   * A date or a timestamp: {@code 0044-03-15 10:00:00.5+00 BC} is {@code -0043-03-15T10:00:00.5Z}.
   */
  void date(byte[] bytes, int offset, int length, ByteSink text) throws IOException {
    if (bytes[offset] < '0' || bytes[offset] > '9') {
      text.write(bytes, offset, length);
      return;
    }
    int end = offset + length;
    boolean beforeChrist = bytes[end - 1] == 'C';
    if (beforeChrist) {
      end -= " BC".length();
    }
    int at = offset;
    long year = 0;
    while (bytes[at] != '-') {
      year = 10 * year + bytes[at++] - '0';
    }
    isoTime.writeYear(beforeChrist ? 1 - year : year, text);
    boolean utc = end - offset > 3 && bytes[end - 3] == '+';
    for (int timeEnd = utc ? end - 3 : end; at < timeEnd; at++) {
      text.write(bytes[at] == ' ' ? (byte) 'T' : bytes[at]);
    }
    if (utc) {
      text.write((byte) 'Z');
    }
  }

  /** {@code \x00ff} to base64: bytea inside an array. */
  void hex(byte[] bytes, int offset, int length, ByteSink text) throws IOException {
    unhexed.clear();
    for (int i = offset + 2; i < offset + length; i += 2) {
      unhexed.write(
          (byte) (Character.digit(bytes[i], 16) << 4 | Character.digit(bytes[i + 1], 16)));
    }
    Base64Text.write(unhexed.buffer(), 0, unhexed.length(), text);
  }
}
