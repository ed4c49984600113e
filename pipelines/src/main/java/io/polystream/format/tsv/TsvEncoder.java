package io.polystream.format.tsv;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.polystream.format.RowEncoder;
import io.polystream.row.ByteBuilder;
import io.polystream.row.ByteSink;
import io.polystream.row.Column;
import io.polystream.row.PlainTexts;
import io.polystream.row.Row;
import io.polystream.row.Utf8Slice;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;

/**
 * Writes one row as one line, its LF included. No cell can be taken for {@code \.}, which ends the
 * data for COPY FROM: every backslash of a value is doubled.
 */
final class TsvEncoder implements RowEncoder {
  private static final byte TAB = '\t';
  private static final byte LF = '\n';
  private static final byte BACKSLASH = '\\';
  private static final byte[] NULL = {BACKSLASH, 'N'};
  private static final int CHUNK_BYTES = 64 * 1024;

  /**
   * What follows the backslash, 0 for a byte that stands as it is: PostgreSQL documentation, COPY,
   * Text Format.
   */
  private static final byte[] ESCAPE = new byte[256];

  static {
    ESCAPE['\b'] = 'b';
    ESCAPE['\f'] = 'f';
    ESCAPE['\n'] = 'n';
    ESCAPE['\r'] = 'r';
    ESCAPE['\t'] = 't';
    ESCAPE[0x0B] = 'v';
    ESCAPE['\\'] = '\\';
  }

  private final boolean[] plain;
  private final PlainTexts texts;

  TsvEncoder(List<Column> columns) {
    plain = new boolean[columns.size()];
    for (int i = 0; i < plain.length; i++) {
      plain[i] = columns.get(i).kind().isPlain();
    }
    texts = new PlainTexts(columns);
  }

  @Override
  public void encode(Row row, ByteSink sink) throws IOException {
    for (int column = 0; column < plain.length; column++) {
      if (column > 0) {
        sink.write(TAB);
      }
      if (row.isNull(column)) {
        sink.write(NULL);
      } else if (row.isOversize(column)) {
        writeOversize(row, column, sink);
      } else if (plain[column]) {
        sink.write(row.text(column));
      } else {
        Utf8Slice text = texts.text(row, column);
        writeEscaped(text.bytes(), text.offset(), text.length(), sink);
      }
    }
    sink.write(LF);
  }

  /** Works on any split of the text, since only ASCII is escaped. */
  private static void writeEscaped(byte[] bytes, int offset, int length, ByteSink sink)
      throws IOException {
    int end = offset + length;
    int start = offset;
    int special = indexOfSpecial(bytes, start, end);
    while (special < end) {
      sink.write(bytes, start, special - start);
      sink.write(BACKSLASH);
      sink.write(ESCAPE[bytes[special] & 0xFF]);
      start = special + 1;
      special = indexOfSpecial(bytes, start, end);
    }
    sink.write(bytes, start, end - start);
  }

  /** Or the end: a loop that only looks, and a copy in one run, are faster than both in one. */
  private static int indexOfSpecial(byte[] bytes, int from, int end) {
    int i = from;
    while (i < end && ESCAPE[bytes[i] & 0xFF] == 0) {
      i++;
    }
    return i;
  }

  private void writeOversize(Row row, int column, ByteSink sink) throws IOException {
    byte[] chunk = new byte[CHUNK_BYTES];
    try (InputStream text = texts.openText(row, column)) {
      for (int length = text.read(chunk); length >= 0; length = text.read(chunk)) {
        if (plain[column]) {
          sink.write(chunk, 0, length);
        } else {
          writeEscaped(chunk, 0, length, sink);
        }
      }
    }
  }

  /** The names of the columns, escaped as values are. */
  static byte[] headerLine(List<Column> columns) {
    try {
      ByteBuilder line = new ByteBuilder(256);
      for (int i = 0; i < columns.size(); i++) {
        if (i > 0) {
          line.write(TAB);
        }
        byte[] name = columns.get(i).name().getBytes(UTF_8);
        writeEscaped(name, 0, name.length, line);
      }
      line.write(LF);
      return line.toByteArray();
    } catch (IOException impossible) {
      throw new UncheckedIOException(impossible);
    }
  }
}
