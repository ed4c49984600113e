package io.polystream.format.json;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.polystream.format.RowEncoder;
import io.polystream.row.ByteBuilder;
import io.polystream.row.ByteSink;
import io.polystream.row.Column;
import io.polystream.row.JsonEscapes;
import io.polystream.row.Kind;
import io.polystream.row.Row;
import io.polystream.row.Utf8Slice;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;

/** Writes one row as one object with a member per column, NULL included. */
final class JsonEncoder implements RowEncoder {
  private static final byte QUOTE = '"';
  private static final int CHUNK_BYTES = 64 * 1024;
  private static final byte[] NULL = "null".getBytes(US_ASCII);

  private final Kind[] kinds;

  /** What stands before each value: its key, after an opening brace or a comma. */
  private final byte[][] keys;

  private final byte[] objectEnd;

  /**
   * @param objectEnd the closing brace, and what follows it in every row
   */
  JsonEncoder(List<Column> columns, byte[] objectEnd) {
    this.objectEnd = objectEnd;
    kinds = columns.stream().map(Column::kind).toArray(Kind[]::new);
    keys = new byte[kinds.length][];
    for (int i = 0; i < kinds.length; i++) {
      keys[i] = key(i == 0 ? '{' : ',', columns.get(i).name());
    }
  }

  @Override
  public void encode(Row row, ByteSink sink) throws IOException {
    for (int column = 0; column < kinds.length; column++) {
      sink.write(keys[column]);
      if (row.isNull(column)) {
        sink.write(NULL);
      } else if (row.isOversize(column)) {
        writeOversize(row, column, sink);
      } else {
        writeValue(kinds[column], row.text(column), sink);
      }
    }
    sink.write(objectEnd);
  }

  private static void writeValue(Kind kind, Utf8Slice text, ByteSink sink) throws IOException {
    switch (kind) {
      case NUMBER -> writeNumber(text, sink);
      case BOOLEAN, JSON, JSON_PATH, ARRAY -> sink.write(text);
      case TEMPORAL, BINARY -> {
        sink.write(QUOTE);
        sink.write(text);
        sink.write(QUOTE);
      }
      case TEXT -> {
        sink.write(QUOTE);
        JsonEscapes.write(text.bytes(), text.offset(), text.length(), sink);
        sink.write(QUOTE);
      }
    }
  }

  /** RFC 8259 section 6 has no NaN and no infinities: they become strings. */
  private static void writeNumber(Utf8Slice text, ByteSink sink) throws IOException {
    byte last = text.bytes()[text.offset() + text.length() - 1];
    if (last >= '0' && last <= '9') {
      sink.write(text);
    } else {
      sink.write(QUOTE);
      sink.write(text);
      sink.write(QUOTE);
    }
  }

  private void writeOversize(Row row, int column, ByteSink sink) throws IOException {
    Kind kind = kinds[column];
    byte[] chunk = new byte[CHUNK_BYTES];
    try (InputStream text = row.openText(column)) {
      int length = text.readNBytes(chunk, 0, CHUNK_BYTES);
      if (length < CHUNK_BYTES) {
        writeValue(kind, new Utf8Slice().at(chunk, 0, length), sink);
        return;
      }
      // A number as long as this is no word, and of the other kinds only json has no quotes.
      boolean quotes = !kind.isJson() && kind != Kind.NUMBER;
      if (quotes) {
        sink.write(QUOTE);
      }
      for (; length >= 0; length = text.read(chunk)) {
        if (kind == Kind.TEXT) {
          JsonEscapes.write(chunk, 0, length, sink);
        } else {
          sink.write(chunk, 0, length);
        }
      }
      if (quotes) {
        sink.write(QUOTE);
      }
    }
  }

  private static byte[] key(char before, String name) {
    try {
      ByteBuilder sink = new ByteBuilder(64);
      sink.write((byte) before);
      sink.write(QUOTE);
      byte[] utf8 = name.getBytes(UTF_8);
      JsonEscapes.write(utf8, 0, utf8.length, sink);
      sink.write(QUOTE);
      sink.write((byte) ':');
      return sink.toByteArray();
    } catch (IOException impossible) {
      throw new UncheckedIOException(impossible);
    }
  }
}
