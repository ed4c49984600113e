package io.polystream.format.parquet;

import io.polystream.row.ByteBuilder;
import io.polystream.row.JsonUnescaper;
import io.polystream.row.Utf8Slice;
import java.io.IOException;
import org.apache.parquet.column.ColumnWriter;

/**
 * The elements of a JSON array without white space, each as a value. An array of arrays is not
 * storable: the column's type has one dimension. Keeps buffers: not thread-safe.
 */
final class ListValues {
  /** Definition levels of an optional list of optional elements. */
  static final int EMPTY_LEVEL = 1;

  static final int NULL_ELEMENT_LEVEL = 2;
  static final int ELEMENT_LEVEL = 3;

  private final ValueWriter elements;
  private final boolean elementsAreJson;
  private final JsonUnescaper unescaper = new JsonUnescaper();
  private final ByteBuilder characters = new ByteBuilder(64);
  private final Utf8Slice element = new Utf8Slice();

  /**
   * @param elementsAreJson whether an element is any JSON value, and not a string for a text
   */
  ListValues(ValueWriter elements, boolean elementsAreJson) {
    this.elements = elements;
    this.elementsAreJson = elementsAreJson;
  }

  /** Told of the texts of elements, and of those that are NULL. */
  interface Listener {
    void element(Utf8Slice text);

    void nullElement();
  }

  void write(Utf8Slice array, ColumnWriter column, Listener listener) throws IOException {
    byte[] bytes = array.bytes();
    int end = array.offset() + array.length() - 1;
    int i = array.offset() + 1;
    if (i == end) {
      column.writeNull(0, EMPTY_LEVEL);
      listener.nullElement();
      return;
    }
    for (int repetition = 0; i < end; repetition = 1) {
      int elementEnd = endOfValue(bytes, i);
      if (bytes[i] == 'n') {
        column.writeNull(repetition, NULL_ELEMENT_LEVEL);
        listener.nullElement();
      } else {
        Utf8Slice text = text(bytes, i, elementEnd, array);
        elements.write(text, column, repetition, ELEMENT_LEVEL);
        listener.element(text);
      }
      i = elementEnd + 1;
    }
  }

  private Utf8Slice text(byte[] bytes, int from, int end, Utf8Slice array) throws IOException {
    if (elementsAreJson) {
      return element.at(bytes, from, end - from);
    }
    if (bytes[from] == '[') {
      throw new ValueWriter.NotStorable(
          array, " has more than one dimension, and the column's lists have one");
    }
    if (bytes[from] != '"') {
      return element.at(bytes, from, end - from);
    }
    characters.clear();
    unescaper.reset();
    unescaper.write(bytes, from, end - from, characters);
    return element.at(characters.buffer(), 0, characters.length());
  }

  /** Where the comma or the bracket behind the value is. */
  private static int endOfValue(byte[] bytes, int from) {
    int depth = 0;
    boolean inString = false;
    int i = from;
    while (true) {
      byte c = bytes[i];
      if (inString) {
        if (c == '\\') {
          i++;
        } else if (c == '"') {
          inString = false;
        }
      } else if (c == '"') {
        inString = true;
      } else if (c == '[' || c == '{') {
        depth++;
      } else if (depth > 0 && (c == ']' || c == '}')) {
        depth--;
      } else if (depth == 0 && (c == ',' || c == ']')) {
        return i;
      }
      i++;
    }
  }
}
