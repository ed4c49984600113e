package io.polystream.format.parquet;

import ch.randelshofer.fastdoubleparser.JavaDoubleParser;
import ch.randelshofer.fastdoubleparser.JavaFloatParser;
import io.polystream.row.Utf8Slice;
import org.apache.parquet.column.ColumnWriter;

/** Whole and floating-point numbers; their texts come from the database and are well-formed. */
final class Numbers {
  private Numbers() {}

  static void int32(Utf8Slice text, ColumnWriter column, int repetition, int definition) {
    column.write((int) parse(text), repetition, definition);
  }

  static void int64(Utf8Slice text, ColumnWriter column, int repetition, int definition) {
    column.write(parse(text), repetition, definition);
  }

  static void float32(Utf8Slice text, ColumnWriter column, int repetition, int definition) {
    column.write(
        JavaFloatParser.parseFloat(text.bytes(), text.offset(), text.length()),
        repetition,
        definition);
  }

  static void float64(Utf8Slice text, ColumnWriter column, int repetition, int definition) {
    column.write(
        JavaDoubleParser.parseDouble(text.bytes(), text.offset(), text.length()),
        repetition,
        definition);
  }

  /** Counts downwards, since there is one more below zero than above. */
  private static long parse(Utf8Slice text) {
    byte[] bytes = text.bytes();
    int end = text.offset() + text.length();
    int i = text.offset();
    boolean negative = bytes[i] == '-';
    if (negative) {
      i++;
    }
    long value = 0;
    for (; i < end; i++) {
      value = value * 10 - (bytes[i] - '0');
    }
    return negative ? value : -value;
  }
}
