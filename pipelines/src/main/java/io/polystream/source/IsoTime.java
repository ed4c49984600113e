package io.polystream.source;

import io.polystream.row.ByteBuilder;
import io.polystream.row.ByteSink;
import java.io.IOException;

/**
 * Writes dates and times as ISO 8601, as {@code java.time} does: four digits of year, {@code +}
 * before longer ones, astronomical years before year 1 ({@code 0000} is 1 BC), a fraction of a
 * second only when there is one and without trailing zeros. Remembers the last date: not
 * thread-safe.
 */
public final class IsoTime {
  private static final long MICROS_PER_SECOND = 1_000_000;

  private final Digits digits = new Digits();
  private final ByteBuilder lastDate = new ByteBuilder(16);
  private long lastEpochDay = Long.MIN_VALUE;

  /**
   * Writes a date.
   *
   * @param epochDay days since 1970-01-01
   */
  public void writeDate(long epochDay, ByteSink sink) throws IOException {
    if (epochDay != lastEpochDay) {
      lastDate.clear();
      composeDate(epochDay, lastDate);
      lastEpochDay = epochDay;
    }
    sink.write(lastDate.buffer(), 0, lastDate.length());
  }

  /**
   * Writes a date, {@code T} and a time.
   *
   * @param epochDay days since 1970-01-01
   * @param microsOfDay 0 to 86,400,000,000
   */
  public void writeDateTime(long epochDay, long microsOfDay, ByteSink sink) throws IOException {
    writeDate(epochDay, sink);
    sink.write((byte) 'T');
    writeTime(microsOfDay, sink);
  }

  /**
   * Writes a time of day.
   *
   * @param microsOfDay 0 to 86,400,000,000, the end of the day included
   */
  public void writeTime(long microsOfDay, ByteSink sink) throws IOException {
    int secondOfDay = (int) (microsOfDay / MICROS_PER_SECOND);
    int micros = (int) (microsOfDay - secondOfDay * MICROS_PER_SECOND);
    int minuteOfDay = secondOfDay / 60;
    int hour = minuteOfDay / 60;
    Digits.writeLast(hour, 2, sink);
    sink.write((byte) ':');
    Digits.writeLast(minuteOfDay - hour * 60, 2, sink);
    sink.write((byte) ':');
    Digits.writeLast(secondOfDay - minuteOfDay * 60, 2, sink);
    if (micros != 0) {
      writeFraction(micros, sink);
    }
  }

  private static void writeFraction(int micros, ByteSink sink) throws IOException {
    sink.write((byte) '.');
    int significant = 6;
    for (int rest = micros; rest % 10 == 0; rest /= 10) {
      significant--;
    }
    Digits.writeFirst(micros / 100, Math.min(4, significant), sink);
    if (significant > 4) {
      Digits.writeFirst(micros % 100 * 100, significant - 4, sink);
    }
  }

  /** Days to a date of the proleptic Gregorian calendar: Howard Hinnant, civil_from_days. */
  private void composeDate(long epochDay, ByteSink sink) throws IOException {
    long shifted = epochDay + 719_468;
    long era = Math.floorDiv(shifted, 146_097);
    int dayOfEra = (int) (shifted - era * 146_097);
    int yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365;
    int dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100);
    int shiftedMonth = (5 * dayOfYear + 2) / 153;
    int day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1;
    int month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9;
    writeYear(yearOfEra + era * 400 + (month <= 2 ? 1 : 0), sink);
    sink.write((byte) '-');
    Digits.writeLast(month, 2, sink);
    sink.write((byte) '-');
    Digits.writeLast(day, 2, sink);
  }

  /** Writes an astronomical year: 0 is 1 BC. */
  public void writeYear(long year, ByteSink sink) throws IOException {
    if (year > 9999) {
      sink.write((byte) '+');
      digits.write(year, sink);
    } else {
      if (year < 0) {
        sink.write((byte) '-');
      }
      Digits.writeLast((int) Math.abs(year), 4, sink);
    }
  }
}
