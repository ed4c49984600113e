package io.polystream.format.xml;

import io.polystream.row.ByteSink;
import java.io.IOException;

/**
 * Turns keys of JSON objects into names of elements. Most are names already, which a look at their
 * bytes shows. Keeps its buffer; not thread-safe.
 */
final class KeyNames {
  private static final int HEX_DIGITS = 4;

  /** What a name of ASCII characters may begin with. */
  private static final boolean[] BEGINS = new boolean[256];

  /** What else it may have. */
  private static final boolean[] FOLLOWS = new boolean[256];

  static {
    for (int c = 0; c < 0x80; c++) {
      BEGINS[c] = NameCharacters.canBegin(c);
      FOLLOWS[c] = NameCharacters.canFollow(c);
    }
  }

  private final StringBuilder characters = new StringBuilder();

  /** Writes the name for a key, which is given as it stands between its quotes. */
  void write(byte[] json, int from, int end, ByteSink sink) throws IOException {
    if (isName(json, from, end)) {
      sink.write(json, from, end - from);
    } else {
      characters.setLength(0);
      unescape(json, from, end);
      XmlNames.write(characters, sink);
    }
  }

  /** Whether it needs no mapping for sure; the long way gives the same. */
  private static boolean isName(byte[] json, int from, int end) {
    if (from == end || !BEGINS[json[from] & 0xFF]) {
      return false;
    }
    boolean suspicious = false;
    for (int i = from; i < end; i++) {
      byte b = json[i];
      if (!FOLLOWS[b & 0xFF] || (b == 'x' && suspicious)) {
        return false;
      }
      suspicious = b == '_';
    }
    return end - from < 3 || (json[from] | 0x20) != 'x' || (json[from + 1] | 0x20) != 'm';
  }

  /**
   * Unlike {@link io.polystream.row.JsonUnescaper} keeps half of a surrogate pair apart from the
   * characters of its escape, so that two keys are never one.
   */
  private void unescape(byte[] json, int from, int end) {
    int i = from;
    while (i < end) {
      byte first = json[i++];
      if (first == '\\') {
        byte letter = json[i++];
        if (letter == 'u') {
          characters.append(unit(json, i));
          i += HEX_DIGITS;
        } else {
          characters.append(escaped(letter));
        }
      } else if (first >= 0) {
        characters.append((char) first);
      } else {
        int more = (first & 0xFF) >= 0xF0 ? 3 : (first & 0xFF) >= 0xE0 ? 2 : 1;
        int c = first & (0x3F >> more);
        for (int last = i + more; i < last; i++) {
          c = (c << 6) | (json[i] & 0x3F);
        }
        characters.appendCodePoint(c);
      }
    }
  }

  private static char unit(byte[] json, int from) {
    int unit = 0;
    for (int i = from; i < from + HEX_DIGITS; i++) {
      unit = (unit << 4) | Character.digit(json[i], 16);
    }
    return (char) unit;
  }

  private static char escaped(byte letter) {
    return switch (letter) {
      case 'b' -> '\b';
      case 'f' -> '\f';
      case 'n' -> '\n';
      case 'r' -> '\r';
      case 't' -> '\t';
      default -> (char) letter;
    };
  }
}
