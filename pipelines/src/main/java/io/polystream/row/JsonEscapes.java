package io.polystream.row;

import java.io.IOException;

/**
 * Escapes UTF-8 text for the inside of a JSON string: RFC 8259 section 7, the two-character forms
 * where there are any. Works on any split of the text, since only ASCII is escaped. Formats write
 * strings with it, and sources the canonical text of arrays.
 */
public final class JsonEscapes {
  private static final byte[] HEX = {
    '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f'
  };

  /**
   * The second character of an escape, 'u' for the long form, 0 for a byte that stands as it is.
   */
  private static final byte[] ESCAPE = new byte[256];

  static {
    for (int control = 0; control < 0x20; control++) {
      ESCAPE[control] = 'u';
    }
    ESCAPE['\b'] = 'b';
    ESCAPE['\t'] = 't';
    ESCAPE['\n'] = 'n';
    ESCAPE['\f'] = 'f';
    ESCAPE['\r'] = 'r';
    ESCAPE['"'] = '"';
    ESCAPE['\\'] = '\\';
  }

  private JsonEscapes() {}

  public static void write(byte[] bytes, int offset, int length, ByteSink sink) throws IOException {
    int end = offset + length;
    int start = offset;
    int special = indexOfSpecial(bytes, start, end);
    while (special < end) {
      sink.write(bytes, start, special - start);
      writeEscape(bytes[special], sink);
      start = special + 1;
      special = indexOfSpecial(bytes, start, end);
    }
    sink.write(bytes, start, end - start);
  }

  /** Or the end. A loop that does no more than look is twice as fast. */
  private static int indexOfSpecial(byte[] bytes, int from, int end) {
    int i = from;
    while (i < end && ESCAPE[bytes[i] & 0xFF] == 0) {
      i++;
    }
    return i;
  }

  private static void writeEscape(byte special, ByteSink sink) throws IOException {
    byte escape = ESCAPE[special & 0xFF];
    sink.write((byte) '\\');
    sink.write(escape);
    if (escape == 'u') {
      sink.write((byte) '0');
      sink.write((byte) '0');
      sink.write(HEX[special >> 4]);
      sink.write(HEX[special & 0xF]);
    }
  }
}
