package io.polystream.source;

import io.polystream.row.ByteSink;
import io.polystream.row.Words;
import java.io.IOException;
import java.util.Arrays;

/**
 * Removes the white space between the tokens of JSON text (RFC 8259 section 2), keys and numbers
 * left as they are. Keeps its place between calls, so that a text may come in chunks; not
 * thread-safe.
 */
public final class JsonCompactor {
  /** Of a byte between tokens: 0 for white space. */
  private static final byte[] KEPT = new byte[256];

  static {
    Arrays.fill(KEPT, (byte) 1);
    for (char space : " \t\n\r".toCharArray()) {
      KEPT[space] = 0;
    }
  }

  private static final long QUOTES = Words.of('"');
  private static final long BACKSLASHES = Words.of('\\');

  /**
   * How much is copied between two looks at the sink's room, of which a word more is written to.
   */
  private static final int STEP_BYTES = ByteSink.MOST_RESERVED_BYTES - Long.BYTES;

  private boolean inString;
  private boolean escaped;

  /** Begins a new text. */
  public void reset() {
    inString = false;
    escaped = false;
  }

  /** Writes the next piece of the text. */
  public void write(byte[] bytes, int offset, int length, ByteSink sink) throws IOException {
    int end = offset + length;
    for (int from = offset; from < end; from += STEP_BYTES) {
      int to = Math.min(end, from + STEP_BYTES);
      sink.reserve(to - from + Long.BYTES);
      sink.advanceTo(copy(bytes, from, to, sink.buffer(), sink.position()));
    }
  }

  private int copy(byte[] bytes, int from, int to, byte[] target, int position) {
    int i = from;
    int p = position;
    while (i < to) {
      if (inString) {
        int plain = escaped ? 0 : copyPlain(bytes, i, to, target, p);
        i += plain;
        p += plain;
        if (i < to) {
          byte b = bytes[i++];
          target[p++] = b;
          inString = escaped || b != '"';
          escaped = !escaped && b == '\\';
        }
      } else {
        byte b = bytes[i++];
        target[p] = b;
        p += KEPT[b & 0xFF];
        inString = b == '"';
      }
    }
    return p;
  }

  /**
   * Copies what means nothing inside a string, eight bytes at a time, as far as there are so many.
   *
   * @return how many; what is written behind them does not count
   */
  private static int copyPlain(byte[] bytes, int from, int to, byte[] target, int position) {
    int i = from;
    for (; i + Long.BYTES <= to; i += Long.BYTES) {
      long word = Words.get(bytes, i);
      Words.set(target, position + i - from, word);
      long found = Words.matches(word, QUOTES) | Words.matches(word, BACKSLASHES);
      if (found != 0) {
        return i - from + Words.first(found);
      }
    }
    return i - from;
  }
}
