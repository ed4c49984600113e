package io.polystream.format.xml;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.polystream.row.ByteBuilder;
import io.polystream.row.ByteSink;
import java.io.IOException;
import java.io.UncheckedIOException;

/**
 * Maps names of any characters to names of elements, no two to the same. The rule is that of
 * SQL/XML, ISO/IEC 9075-14 clause 9.1, fully escaped: {@code _xHHHH_}, or {@code _xHHHHHH_} above
 * U+FFFF, stands for a character that no name, or no name's beginning, may have, for a colon, for
 * the x of a leading {@code xml} in any case, and for an underscore that could be taken for the
 * beginning of such an escape (the standard escapes every one before an x). An empty name, which
 * SQL does not have and JSON does, is {@code _x_}.
 */
final class XmlNames {
  private static final String EMPTY = "_x_";
  private static final int DIGITS = 4;
  private static final int DIGITS_ABOVE_FFFF = 6;
  private static final byte[] HEX = {
    '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'A', 'B', 'C', 'D', 'E', 'F'
  };

  private XmlNames() {}

  /** What the element of that name is called. */
  static String of(String name) {
    try {
      ByteBuilder mapped = new ByteBuilder(64);
      write(name, mapped);
      return new String(mapped.toByteArray(), UTF_8);
    } catch (IOException impossible) {
      throw new UncheckedIOException(impossible);
    }
  }

  /** Writes what the element of that name is called; halves of surrogate pairs are escaped, too. */
  static void write(CharSequence name, ByteSink sink) throws IOException {
    if (name.isEmpty()) {
      for (int i = 0; i < EMPTY.length(); i++) {
        sink.write((byte) EMPTY.charAt(i));
      }
    }
    for (int i = 0; i < name.length(); ) {
      int c = Character.codePointAt(name, i);
      if (isEscaped(name, i, c)) {
        writeEscape(c, sink);
      } else {
        writeUtf8(c, sink);
      }
      i += Character.charCount(c);
    }
  }

  private static boolean isEscaped(CharSequence name, int index, int c) {
    if (index == 0 && (!NameCharacters.canBegin(c) || beginsWithXml(name))) {
      return true;
    }
    return !NameCharacters.canFollow(c) || (c == '_' && isLikeEscape(name, index));
  }

  /** XML 1.0 section 2.3 reserves such names. */
  private static boolean beginsWithXml(CharSequence name) {
    return name.length() >= 3
        && (name.charAt(0) | 0x20) == 'x'
        && (name.charAt(1) | 0x20) == 'm'
        && (name.charAt(2) | 0x20) == 'l';
  }

  /** What follows four digits does not matter: it may be escaped, and so become an underscore. */
  private static boolean isLikeEscape(CharSequence name, int index) {
    if (index + 1 == name.length() || name.charAt(index + 1) != 'x') {
      return false;
    }
    int digits = index + 2;
    if (name.length() - digits < DIGITS) {
      return EMPTY.contentEquals(name);
    }
    for (int i = digits; i < digits + DIGITS; i++) {
      if (!isHexDigit(name.charAt(i))) {
        return false;
      }
    }
    return true;
  }

  private static boolean isHexDigit(char c) {
    return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'f');
  }

  private static void writeEscape(int c, ByteSink sink) throws IOException {
    sink.write((byte) '_');
    sink.write((byte) 'x');
    for (int digit = c > 0xFFFF ? DIGITS_ABOVE_FFFF : DIGITS; digit > 0; digit--) {
      sink.write(HEX[(c >> (4 * (digit - 1))) & 0xF]);
    }
    sink.write((byte) '_');
  }

  /** No character above U+FFFF is left as it is. */
  private static void writeUtf8(int c, ByteSink sink) throws IOException {
    if (c < 0x80) {
      sink.write((byte) c);
      return;
    }
    if (c < 0x800) {
      sink.write((byte) (0xC0 | (c >> 6)));
    } else {
      sink.write((byte) (0xE0 | (c >> 12)));
      sink.write((byte) (0x80 | ((c >> 6) & 0x3F)));
    }
    sink.write((byte) (0x80 | (c & 0x3F)));
  }
}
