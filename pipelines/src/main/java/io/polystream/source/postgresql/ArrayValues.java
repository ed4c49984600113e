package io.polystream.source.postgresql;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.polystream.row.ByteBuilder;
import io.polystream.row.ByteSink;
import io.polystream.row.JsonEscapes;
import io.polystream.row.Kind;
import java.io.IOException;
import java.util.Arrays;

/**
 * PostgreSQL arrays, in binary (array_send) or text (array_out) form, as JSON: nested for more than
 * one dimension, lower bounds left out. One instance per reader and column: keeps buffers.
 */
final class ArrayValues {
  private static final byte[] NULL = "null".getBytes(US_ASCII);

  /** How array_out writes a null element; a string that reads so is quoted. */
  private static final byte[] NULL_ELEMENT = "NULL".getBytes(US_ASCII);

  private static final int HEADER_BYTES = 12;
  private static final int DIMENSION_BYTES = 8;

  private final Kind kind;
  private final CellDecoder element;
  private final byte delimiter;
  private final ByteBuilder decoded = new ByteBuilder(64);
  private final ByteBuilder unescaped = new ByteBuilder(64);
  private int at;

  /**
   * @param kind the elements' kind
   * @param element decodes one element, in the form the array comes in
   * @param delimiter what stands between elements in text form: a comma, but for boxes
   */
  ArrayValues(Kind kind, CellDecoder element, byte delimiter) {
    this.kind = kind;
    this.element = element;
    this.delimiter = delimiter;
  }

  void binary(byte[] bytes, int offset, int length, ByteSink text) throws IOException {
    int dimensions = BinaryValues.intAt(bytes, offset);
    if (dimensions == 0) {
      text.write((byte) '[');
      text.write((byte) ']');
      return;
    }
    at = offset + HEADER_BYTES + DIMENSION_BYTES * dimensions;
    writeDimension(bytes, offset + HEADER_BYTES, dimensions, text);
  }

  private void writeDimension(byte[] bytes, int dimensionAt, int dimensions, ByteSink text)
      throws IOException {
    int size = BinaryValues.intAt(bytes, dimensionAt);
    text.write((byte) '[');
    for (int i = 0; i < size; i++) {
      if (i > 0) {
        text.write((byte) ',');
      }
      if (dimensions > 1) {
        writeDimension(bytes, dimensionAt + DIMENSION_BYTES, dimensions - 1, text);
      } else {
        int length = BinaryValues.intAt(bytes, at);
        at += 4;
        if (length < 0) {
          text.write(NULL);
        } else {
          writeElement(bytes, at, length, text);
          at += length;
        }
      }
    }
    text.write((byte) ']');
  }

  /**
   * {@code [0:1]={a,"b ""c",NULL}}: quoted elements have backslash escapes, an unquoted NULL is
   * one.
   */
  void text(byte[] bytes, int offset, int length, ByteSink text) throws IOException {
    int end = offset + length;
    int i = offset;
    while (bytes[i] != '{') {
      i++;
    }
    while (i < end) {
      byte c = bytes[i];
      switch (c) {
        case '{' -> {
          text.write((byte) '[');
          i++;
        }
        case '}' -> {
          text.write((byte) ']');
          i++;
        }
        case '"' -> i = quoted(bytes, i + 1, text);
        default -> {
          if (c == delimiter) {
            text.write((byte) ',');
            i++;
          } else {
            i = unquoted(bytes, i, text);
          }
        }
      }
    }
  }

  private int quoted(byte[] bytes, int from, ByteSink text) throws IOException {
    unescaped.clear();
    int i = from;
    while (bytes[i] != '"') {
      if (bytes[i] == '\\') {
        i++;
      }
      unescaped.write(bytes[i++]);
    }
    writeElement(unescaped.buffer(), 0, unescaped.length(), text);
    return i + 1;
  }

  private int unquoted(byte[] bytes, int from, ByteSink text) throws IOException {
    int i = from;
    while (bytes[i] != delimiter && bytes[i] != '}') {
      i++;
    }
    if (Arrays.equals(bytes, from, i, NULL_ELEMENT, 0, NULL_ELEMENT.length)) {
      text.write(NULL);
    } else {
      writeElement(bytes, from, i - from, text);
    }
    return i;
  }

  private void writeElement(byte[] bytes, int offset, int length, ByteSink text)
      throws IOException {
    switch (kind) {
      case NUMBER -> {
        decoded.clear();
        element.decode(bytes, offset, length, decoded);
        writeNumber(text);
      }
      case BOOLEAN, JSON, JSON_PATH, ARRAY -> element.decode(bytes, offset, length, text);
      case TEMPORAL, BINARY -> {
        text.write((byte) '"');
        element.decode(bytes, offset, length, text);
        text.write((byte) '"');
      }
      case TEXT -> {
        decoded.clear();
        element.decode(bytes, offset, length, decoded);
        text.write((byte) '"');
        JsonEscapes.write(decoded.buffer(), 0, decoded.length(), text);
        text.write((byte) '"');
      }
    }
  }

  /** NaN and the infinities are strings: JSON has no such numbers. */
  private void writeNumber(ByteSink text) throws IOException {
    byte last = decoded.buffer()[decoded.length() - 1];
    boolean finite = last >= '0' && last <= '9';
    if (!finite) {
      text.write((byte) '"');
    }
    text.write(decoded.buffer(), 0, decoded.length());
    if (!finite) {
      text.write((byte) '"');
    }
  }
}
