package io.polystream.row;

import java.io.IOException;

/**
 * The characters of a JSON string: takes off its quotes and resolves the escapes of RFC 8259
 * section 7. Half of a surrogate pair stands for no character, so it stays the escape it is. Keeps
 * its place between calls, so that a string may come in chunks; not thread-safe.
 */
public final class JsonUnescaper {
  private static final byte[] LONG_ESCAPE = {'\\', 'u'};
  private static final int HEX_DIGITS = 4;

  private enum Place {
    PLAIN,
    BEHIND_BACKSLASH,
    IN_HEX
  }

  private Place place = Place.PLAIN;
  private int digits;
  private int code;

  /** The first half of a pair whose second has not come yet, or 0. */
  private char high;

  /** Begins a new string. */
  public void reset() {
    place = Place.PLAIN;
    high = 0;
  }

  /** Writes the characters of the next piece of the string, quotes included in it. */
  public void write(byte[] bytes, int offset, int length, ByteSink sink) throws IOException {
    int end = offset + length;
    int i = offset;
    while (i < end) {
      switch (place) {
        case PLAIN -> i = plain(bytes, i, end, sink);
        case BEHIND_BACKSLASH -> escape(bytes[i++], sink);
        case IN_HEX -> hex(bytes[i++], sink);
      }
    }
  }

  /** Copies up to a backslash, which it steps over, or a quote: one inside would be escaped. */
  private int plain(byte[] bytes, int from, int end, ByteSink sink) throws IOException {
    int i = from;
    while (i < end && bytes[i] != '\\' && bytes[i] != '"') {
      i++;
    }
    if (i > from || (i < end && bytes[i] == '"')) {
      endPair(sink);
      sink.write(bytes, from, i - from);
    }
    if (i < end && bytes[i] == '\\') {
      place = Place.BEHIND_BACKSLASH;
    }
    return i + 1;
  }

  private void escape(byte letter, ByteSink sink) throws IOException {
    if (letter == 'u') {
      place = Place.IN_HEX;
      digits = 0;
      code = 0;
      return;
    }
    place = Place.PLAIN;
    endPair(sink);
    sink.write(
        switch (letter) {
          case 'b' -> (byte) '\b';
          case 'f' -> (byte) '\f';
          case 'n' -> (byte) '\n';
          case 'r' -> (byte) '\r';
          case 't' -> (byte) '\t';
          default -> letter;
        });
  }

  private void hex(byte digit, ByteSink sink) throws IOException {
    code = code << 4 | Character.digit(digit, 16);
    if (++digits < HEX_DIGITS) {
      return;
    }
    place = Place.PLAIN;
    char unit = (char) code;
    if (high != 0 && Character.isLowSurrogate(unit)) {
      writeUtf8(Character.toCodePoint(high, unit), sink);
      high = 0;
      return;
    }
    endPair(sink);
    if (Character.isHighSurrogate(unit)) {
      high = unit;
    } else if (Character.isLowSurrogate(unit)) {
      writeEscape(unit, sink);
    } else {
      writeUtf8(unit, sink);
    }
  }

  /** The second half cannot come any more. */
  private void endPair(ByteSink sink) throws IOException {
    if (high != 0) {
      writeEscape(high, sink);
      high = 0;
    }
  }

  private static void writeEscape(char unit, ByteSink sink) throws IOException {
    sink.write(LONG_ESCAPE);
    for (int shift = 12; shift >= 0; shift -= 4) {
      sink.write((byte) Character.forDigit(unit >> shift & 0xF, 16));
    }
  }

  private static void writeUtf8(int codePoint, ByteSink sink) throws IOException {
    if (codePoint < 0x80) {
      sink.write((byte) codePoint);
      return;
    }
    if (codePoint < 0x800) {
      sink.write((byte) (0xC0 | codePoint >> 6));
    } else {
      if (codePoint < 0x10000) {
        sink.write((byte) (0xE0 | codePoint >> 12));
      } else {
        sink.write((byte) (0xF0 | codePoint >> 18));
        sink.write((byte) (0x80 | (codePoint >> 12 & 0x3F)));
      }
      sink.write((byte) (0x80 | (codePoint >> 6 & 0x3F)));
    }
    sink.write((byte) (0x80 | (codePoint & 0x3F)));
  }
}
