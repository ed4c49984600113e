package io.polystream.format.parquet;

import io.polystream.row.Utf8Slice;
import org.apache.parquet.column.ColumnWriter;
import org.apache.parquet.io.api.Binary;

/** Values whose canonical text says it all. */
final class TextValues {
  private TextValues() {}

  /**
   * The text itself. The view costs an object, the only one that a cell costs: parquet-java takes
   * bytes in no other way, and it does not outlive the call.
   */
  static void text(Utf8Slice text, ColumnWriter column, int repetition, int definition) {
    column.write(
        Binary.fromReusedByteArray(text.bytes(), text.offset(), text.length()),
        repetition,
        definition);
  }

  static void bool(Utf8Slice text, ColumnWriter column, int repetition, int definition) {
    column.write(text.bytes()[text.offset()] == 't', repetition, definition);
  }
}
