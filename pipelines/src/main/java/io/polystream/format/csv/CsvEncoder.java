package io.polystream.format.csv;

import io.polystream.format.RowEncoder;
import io.polystream.row.ByteSink;
import io.polystream.row.Column;
import io.polystream.row.PlainTexts;
import io.polystream.row.Row;
import io.polystream.row.Utf8Slice;
import io.polystream.row.Words;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;

/** Writes one row as one record, its line ending included. */
final class CsvEncoder implements RowEncoder {
  private static final byte QUOTE = '"';
  private static final long QUOTES = Words.of('"');
  private static final int CHUNK_BYTES = 64 * 1024;

  /** How much is copied between two looks at the sink's room: each byte may become two. */
  private static final int STEP_BYTES = ByteSink.MOST_RESERVED_BYTES / 2;

  /** RFC 4180 section 2, rules 6 and 7: a field with one of these is quoted. */
  private static final boolean[] FORCES_QUOTES = new boolean[256];

  static {
    for (char special : "\",\r\n".toCharArray()) {
      FORCES_QUOTES[special] = true;
    }
  }

  private final boolean[] plain;
  private final PlainTexts texts;
  private final byte[] lineEnding;

  CsvEncoder(List<Column> columns, byte[] lineEnding) {
    plain = new boolean[columns.size()];
    for (int i = 0; i < plain.length; i++) {
      plain[i] = columns.get(i).kind().isPlain();
    }
    texts = new PlainTexts(columns);
    this.lineEnding = lineEnding;
  }

  @Override
  public void encode(Row row, ByteSink sink) throws IOException {
    for (int column = 0; column < plain.length; column++) {
      if (column > 0) {
        sink.write((byte) ',');
      }
      if (row.isNull(column)) {
        continue;
      }
      if (row.isOversize(column)) {
        writeOversize(row, column, sink);
      } else {
        writeField(column, texts.text(row, column), sink);
      }
    }
    sink.write(lineEnding);
  }

  private void writeField(int column, Utf8Slice text, ByteSink sink) throws IOException {
    if (text.length() == 0) {
      // The empty string: a NULL has no quotes.
      sink.write(QUOTE);
      sink.write(QUOTE);
    } else if (!plain[column] && needsQuotes(text)) {
      sink.write(QUOTE);
      writeDoublingQuotes(text.bytes(), text.offset(), text.length(), sink);
      sink.write(QUOTE);
    } else {
      sink.write(text);
    }
  }

  private boolean needsQuotes(Utf8Slice text) {
    return indexOfSpecial(text.bytes(), text.offset(), text.length()) >= 0
        || isEndOfDataMarker(text);
  }

  /**
   * A line of just {@code \.} ends the data for PostgreSQL's COPY FROM before version 18; only a
   * table of one column can have it.
   */
  private boolean isEndOfDataMarker(Utf8Slice text) {
    return plain.length == 1
        && text.length() == 2
        && text.bytes()[text.offset()] == '\\'
        && text.bytes()[text.offset() + 1] == '.';
  }

  private static int indexOfSpecial(byte[] bytes, int offset, int length) {
    for (int i = offset, end = offset + length; i < end; i++) {
      if (FORCES_QUOTES[bytes[i] & 0xFF]) {
        return i;
      }
    }
    return -1;
  }

  private static void writeDoublingQuotes(byte[] bytes, int offset, int length, ByteSink sink)
      throws IOException {
    int end = offset + length;
    for (int from = offset; from < end; from += STEP_BYTES) {
      int to = Math.min(end, from + STEP_BYTES);
      sink.reserve(2 * (to - from));
      sink.advanceTo(doubleQuotes(bytes, from, to, sink.buffer(), sink.position()));
    }
  }

  /**
   * Eight bytes at a time as long as there are so many: the second compiler's code for one at a
   * time takes twice as long.
   */
  private static int doubleQuotes(byte[] bytes, int from, int to, byte[] target, int start) {
    int i = from;
    int position = start;
    while (i < to) {
      int copied;
      boolean quoted;
      if (i + Long.BYTES <= to) {
        long word = Words.get(bytes, i);
        Words.set(target, position, word);
        long found = Words.matches(word, QUOTES);
        quoted = found != 0;
        copied = quoted ? Words.first(found) + 1 : Long.BYTES;
      } else {
        target[position] = bytes[i];
        quoted = bytes[i] == QUOTE;
        copied = 1;
      }
      i += copied;
      position += copied;
      if (quoted) {
        target[position++] = QUOTE;
      }
    }
    return position;
  }

  /**
   * Reads a cell that is longer than a chunk twice: whether it needs quotes is not known before its
   * end.
   */
  private void writeOversize(Row row, int column, ByteSink sink) throws IOException {
    byte[] chunk = new byte[CHUNK_BYTES];
    boolean quotes;
    try (InputStream text = texts.openText(row, column)) {
      int length = text.readNBytes(chunk, 0, CHUNK_BYTES);
      if (length < CHUNK_BYTES) {
        writeField(column, new Utf8Slice().at(chunk, 0, length), sink);
        return;
      }
      quotes = !plain[column] && anySpecial(chunk, text);
    }
    if (quotes) {
      sink.write(QUOTE);
    }
    try (InputStream text = texts.openText(row, column)) {
      for (int length = text.read(chunk); length >= 0; length = text.read(chunk)) {
        if (quotes) {
          writeDoublingQuotes(chunk, 0, length, sink);
        } else {
          sink.write(chunk, 0, length);
        }
      }
    }
    if (quotes) {
      sink.write(QUOTE);
    }
  }

  /** Whether one is in the full chunk or in the text that follows it. */
  private static boolean anySpecial(byte[] chunk, InputStream text) throws IOException {
    for (int length = chunk.length; length >= 0; length = text.read(chunk)) {
      if (indexOfSpecial(chunk, 0, length) >= 0) {
        return true;
      }
    }
    return false;
  }
}
