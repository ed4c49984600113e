package io.polystream.format.parquet;

import io.polystream.row.Utf8Slice;
import org.apache.parquet.column.ColumnWriter;

/** Dates, times and both together, in days or microseconds, from ISO 8601. */
final class Times {
  private static final long MICROS_PER_SECOND = 1_000_000;
  private static final long SECONDS_PER_DAY = 86_400;

  private byte[] bytes;
  private int at;
  private int end;

  void date(Utf8Slice text, ColumnWriter column, int repetition, int definition) {
    begin(text);
    column.write((int) epochDay(), repetition, definition);
  }

  void time(Utf8Slice text, ColumnWriter column, int repetition, int definition) {
    begin(text);
    column.write(microsOfDay(), repetition, definition);
  }

  /** With or without a zone, which is always UTC. */
  void timestamp(Utf8Slice text, ColumnWriter column, int repetition, int definition) {
    begin(text);
    long day = epochDay();
    at++;
    long microsOfDay = microsOfDay();
    long micros;
    try {
      micros =
          Math.addExact(Math.multiplyExact(day, SECONDS_PER_DAY * MICROS_PER_SECOND), microsOfDay);
    } catch (ArithmeticException e) {
      throw notStorable(text);
    }
    column.write(micros, repetition, definition);
  }

  private void begin(Utf8Slice text) {
    bytes = text.bytes();
    at = text.offset();
    end = at + text.length();
    if (bytes[end - 1] == 'y') {
      throw notStorable(text);
    }
  }

  private static ValueWriter.NotStorable notStorable(Utf8Slice text) {
    return new ValueWriter.NotStorable(text, " is no point in time that Parquet has");
  }

  /** Days of a date of the proleptic Gregorian calendar: Howard Hinnant, days_from_civil. */
  private long epochDay() {
    boolean negative = bytes[at] == '-';
    if (negative || bytes[at] == '+') {
      at++;
    }
    long year = number();
    at++;
    int month = (int) number();
    at++;
    int day = (int) number();
    long shiftedYear = (negative ? -year : year) - (month <= 2 ? 1 : 0);
    long era = Math.floorDiv(shiftedYear, 400);
    int yearOfEra = (int) (shiftedYear - era * 400);
    int dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
    int dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear;
    return era * 146_097 + dayOfEra - 719_468;
  }

  private long microsOfDay() {
    long hour = number();
    at++;
    long minute = number();
    at++;
    long second = number();
    long micros = 0;
    if (at < end && bytes[at] == '.') {
      at++;
      int first = at;
      micros = number();
      for (int digits = at - first; digits < 6; digits++) {
        micros *= 10;
      }
    }
    return ((hour * 60 + minute) * 60 + second) * MICROS_PER_SECOND + micros;
  }

  /** The digits from here on. */
  private long number() {
    long number = 0;
    while (at < end && bytes[at] >= '0' && bytes[at] <= '9') {
      number = number * 10 + (bytes[at] - '0');
      at++;
    }
    return number;
  }
}
