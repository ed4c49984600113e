package io.polystream.format.xml;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.polystream.row.ByteSink;
import java.io.IOException;

/**
 * Writes characters as the content of an element, and counts those that XML cannot have. A text may
 * come in chunks, however it is split. Not thread-safe.
 */
final class XmlText {
  /** Says which character of a text XML cannot have, when such are not to be replaced. */
  static final class Forbidden extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private Forbidden(int codePoint) {
      super(
          String.format(
              "a value has the character U+%04X, which XML 1.0 cannot have; let U+FFFD stand for"
                  + " such characters with --xml-invalid-chars replace",
              codePoint),
          null,
          false,
          false);
    }
  }

  private static final byte[] AMPERSAND = "&amp;".getBytes(US_ASCII);
  private static final byte[] LESS = "&lt;".getBytes(US_ASCII);

  /** Not needed but in {@code ]]>}: XML 1.0 section 2.4. */
  private static final byte[] GREATER = "&gt;".getBytes(US_ASCII);

  /** A reader makes LF of one that is not escaped: XML 1.0 section 2.11. */
  private static final byte[] CARRIAGE_RETURN = "&#13;".getBytes(US_ASCII);

  private static final byte[] REPLACEMENT = {(byte) 0xEF, (byte) 0xBF, (byte) 0xBD};

  /** What U+FFFE and U+FFFF begin with; they end in BE and BF, and U+FFFD, before them, in BD. */
  private static final byte FIRST = (byte) 0xEF;

  private static final byte SECOND = (byte) 0xBF;
  private static final int THIRD_OF_FFFE = 0xBE;

  /** Bytes at which a run that can be copied may end: XML 1.0 production 2, Char. */
  private static final boolean[] SPECIAL = new boolean[256];

  static {
    for (int control = 0; control < 0x20; control++) {
      SPECIAL[control] = control != '\t' && control != '\n';
    }
    SPECIAL['&'] = true;
    SPECIAL['<'] = true;
    SPECIAL['>'] = true;
    SPECIAL[FIRST & 0xFF] = true;
  }

  private final boolean replaces;
  private long replacedCharacters;

  /** How many bytes of U+FFFE or U+FFFF the last chunk may have ended with. */
  private int begun;

  /**
   * @param replaces whether characters that XML cannot have are replaced, or refused
   */
  XmlText(boolean replaces) {
    this.replaces = replaces;
  }

  /** Begins to count. */
  void beginPart() {
    replacedCharacters = 0;
  }

  long replacedCharacters() {
    return replacedCharacters;
  }

  /** Begins the texts of a cell. */
  void begin() {
    begun = 0;
  }

  void write(byte[] bytes, int offset, int length, ByteSink sink) throws IOException {
    int end = offset + length;
    int start = begun > 0 ? finish(bytes, offset, end, sink) : offset;
    int special = indexOfSpecial(bytes, start, end);
    while (special < end) {
      if (bytes[special] == FIRST) {
        int last = special + 2;
        if (last < end && isForbidden(bytes[special + 1], bytes[last])) {
          sink.write(bytes, start, last - start);
          writeThird(bytes[last], sink);
          start = last + 1;
        } else if (last >= end) {
          begun = special + 1 == end ? 1 : bytes[special + 1] == SECOND ? 2 : 0;
        }
        special = indexOfSpecial(bytes, Math.min(last + 1, end), end);
      } else {
        sink.write(bytes, start, special - start);
        writeSpecial(bytes[special], sink);
        start = special + 1;
        special = indexOfSpecial(bytes, start, end);
      }
    }
    sink.write(bytes, start, end - start);
  }

  /** Or the end. A loop that does no more than look is the fastest. */
  private static int indexOfSpecial(byte[] bytes, int from, int end) {
    int i = from;
    while (i < end && !SPECIAL[bytes[i] & 0xFF]) {
      i++;
    }
    return i;
  }

  private static boolean isForbidden(byte second, byte third) {
    return second == SECOND && (third & 0xFF) >= THIRD_OF_FFFE;
  }

  /** Goes on with a character that a chunk before this one had the first bytes of. */
  private int finish(byte[] bytes, int from, int end, ByteSink sink) throws IOException {
    int i = from;
    if (begun == 1 && i < end) {
      begun = bytes[i] == SECOND ? 2 : 0;
      sink.write(bytes[i++]);
    }
    if (begun == 2 && i < end) {
      begun = 0;
      if (isForbidden(SECOND, bytes[i])) {
        writeThird(bytes[i], sink);
      } else {
        sink.write(bytes[i]);
      }
      i++;
    }
    return i;
  }

  private void writeSpecial(byte special, ByteSink sink) throws IOException {
    switch (special) {
      case '&' -> sink.write(AMPERSAND);
      case '<' -> sink.write(LESS);
      case '>' -> sink.write(GREATER);
      case '\r' -> sink.write(CARRIAGE_RETURN);
      default -> {
        replace(special);
        sink.write(REPLACEMENT);
      }
    }
  }

  /** U+FFFD differs from the characters that it replaces in its last byte alone. */
  private void writeThird(byte third, ByteSink sink) throws IOException {
    replace(0xFFFE + (third & 0xFF) - THIRD_OF_FFFE);
    sink.write(REPLACEMENT[2]);
  }

  private void replace(int codePoint) {
    if (!replaces) {
      throw new Forbidden(codePoint);
    }
    replacedCharacters++;
  }
}
