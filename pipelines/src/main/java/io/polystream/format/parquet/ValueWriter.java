package io.polystream.format.parquet;

import io.polystream.row.Utf8Slice;
import java.io.IOException;
import org.apache.parquet.column.ColumnWriter;

/** Turns canonical texts into the values of a leaf column. Keeps buffers: not thread-safe. */
@FunctionalInterface
interface ValueWriter {
  /**
   * Writes one value.
   *
   * @param repetitionLevel 0 for the first value of a row
   * @param definitionLevel the leaf's highest
   * @throws NotStorable when the column's type has no such value
   */
  void write(Utf8Slice text, ColumnWriter column, int repetitionLevel, int definitionLevel)
      throws IOException;

  /** Says why a value cannot be stored, and what to do about it. */
  final class NotStorable extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private static final int MOST_SHOWN_CHARACTERS = 40;

    NotStorable(Utf8Slice value, String why) {
      super(shown(value) + why, null, false, false);
    }

    private static String shown(Utf8Slice value) {
      String text = value.toString();
      return text.length() <= MOST_SHOWN_CHARACTERS
          ? text
          : text.substring(0, MOST_SHOWN_CHARACTERS) + "…";
    }
  }
}
