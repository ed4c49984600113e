package io.polystream.row;

import java.io.IOException;
import java.io.InputStream;
import java.util.List;

/**
 * Cells as formats without types of their own write them: the canonical text, but of a JSON string
 * at a path ({@link Kind#JSON_PATH}) its characters. One instance per encoder: keeps buffers. What
 * it hands out is valid until the next call on it or on the row. Not thread-safe.
 */
public final class PlainTexts {
  private static final byte QUOTE = '"';
  private static final int CHUNK_BYTES = 64 * 1024;

  private final boolean[] insideJson;
  private final JsonUnescaper unescaper = new JsonUnescaper();
  private final ByteBuilder characters = new ByteBuilder(64);
  private final Utf8Slice slice = new Utf8Slice();

  /**
   * @param columns the rows' columns
   */
  public PlainTexts(List<Column> columns) {
    insideJson = new boolean[columns.size()];
    for (int i = 0; i < insideJson.length; i++) {
      insideJson[i] = columns.get(i).kind() == Kind.JSON_PATH;
    }
  }

  /** As {@link Row#text}. */
  public Utf8Slice text(Row row, int column) throws IOException {
    Utf8Slice text = row.text(column);
    return insideJson[column] && text.bytes()[text.offset()] == QUOTE ? charactersOf(text) : text;
  }

  private Utf8Slice charactersOf(Utf8Slice string) throws IOException {
    byte[] bytes = string.bytes();
    int start = string.offset() + 1;
    int end = string.offset() + string.length() - 1;
    for (int i = start; i < end; i++) {
      if (bytes[i] == '\\') {
        characters.clear();
        unescaper.reset();
        unescaper.write(bytes, string.offset(), string.length(), characters);
        return slice.at(characters.buffer(), 0, characters.length());
      }
    }
    return slice.at(bytes, start, end - start);
  }

  /** As {@link Row#openText}. */
  public InputStream openText(Row row, int column) throws IOException {
    InputStream text = row.openText(column);
    return insideJson[column] ? new Characters(text) : text;
  }

  /** The characters of a JSON string, or whatever else the JSON value is. */
  private static final class Characters extends InputStream {
    private final InputStream json;
    private final byte[] chunk = new byte[CHUNK_BYTES];
    private final ByteBuilder characters = new ByteBuilder(CHUNK_BYTES);
    private final JsonUnescaper unescaper = new JsonUnescaper();
    private boolean begun;
    private boolean isString;
    private int position;

    Characters(InputStream json) {
      this.json = json;
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
      while (position == characters.length()) {
        if (!nextChunk()) {
          return -1;
        }
      }
      int count = Math.min(length, characters.length() - position);
      System.arraycopy(characters.buffer(), position, target, offset, count);
      position += count;
      return count;
    }

    private boolean nextChunk() throws IOException {
      int length = json.read(chunk);
      if (length < 0) {
        return false;
      }
      characters.clear();
      position = 0;
      if (!begun && length > 0) {
        begun = true;
        isString = chunk[0] == QUOTE;
      }
      if (isString) {
        unescaper.write(chunk, 0, length, characters);
      } else {
        characters.write(chunk, 0, length);
      }
      return true;
    }

    @Override
    public void close() throws IOException {
      json.close();
    }
  }
}
