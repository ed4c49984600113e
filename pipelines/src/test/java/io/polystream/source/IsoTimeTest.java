package io.polystream.source;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.polystream.row.ByteBuilder;
import java.io.IOException;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.temporal.ChronoField;
import java.time.temporal.ChronoUnit;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Against java.time, over all that PostgreSQL's types hold and a little more. */
class IsoTimeTest {
  private static final LocalDate FIRST = LocalDate.of(-4713, 11, 24);
  private static final LocalDate LAST = LocalDate.of(5_874_897, 12, 31);

  /** Seconds always, a fraction only when there is one; LocalTime.toString would drop zeros. */
  private static final DateTimeFormatter TIME =
      new DateTimeFormatterBuilder()
          .appendPattern("HH:mm:ss")
          .appendFraction(ChronoField.NANO_OF_SECOND, 0, 6, true)
          .toFormatter();

  private final IsoTime isoTime = new IsoTime();

  @ParameterizedTest
  @CsvSource({
    "1970-01-01",
    "1969-12-31",
    "2000-02-29",
    "1900-02-28",
    "1900-03-01",
    "2100-02-28",
    "0001-01-01",
    "0000-12-31",
    "0000-01-01",
    "-0001-12-31",
    "-0043-03-15",
    "-4712-01-01",
    "9999-12-31",
    "+10000-01-01",
    "+294276-12-31",
    "+5874897-12-31"
  })
  void datesAtEdgesAreIso8601(String date) throws IOException {
    assertThat(date(LocalDate.parse(date).toEpochDay())).isEqualTo(date);
  }

  @Test
  void everyDayOfFourHundredYearsIsRightAroundTheYearZeroToo() throws IOException {
    for (int year : new int[] {-200, 1800, 9900}) {
      long from = LocalDate.of(year, 1, 1).toEpochDay();
      for (long day = from; day < from + 146_097; day++) {
        assertThat(date(day)).isEqualTo(LocalDate.ofEpochDay(day).toString());
      }
    }
  }

  @Test
  void randomDatesAreRight() throws IOException {
    Random random = new Random(1);
    long days = ChronoUnit.DAYS.between(FIRST, LAST) + 1;
    for (int i = 0; i < 100_000; i++) {
      LocalDate date = FIRST.plusDays((long) (random.nextDouble() * days));
      assertThat(date(date.toEpochDay())).isEqualTo(date.toString());
    }
  }

  @Test
  void aMomentIsItsDateAndItsTime() throws IOException {
    Random random = new Random(2);
    for (int i = 0; i < 10_000; i++) {
      LocalDateTime moment =
          FIRST
              .plusDays(random.nextInt(110_000_000))
              .atTime(LocalTime.ofNanoOfDay(random.nextLong(86_400_000_000L) * 1000));
      assertThat(moment(moment)).isEqualTo(moment.toLocalDate() + "T" + TIME.format(moment));
    }
    assertThat(moment(LocalDateTime.MIN.withYear(-4000))).isEqualTo("-4000-01-01T00:00:00");
    assertThat(moment(LocalDateTime.of(2026, 2, 15, 10, 0, 1))).isEqualTo("2026-02-15T10:00:01");
  }

  @ParameterizedTest
  @CsvSource({
    "0, 00:00:00",
    "1, 00:00:00.000001",
    "10, 00:00:00.00001",
    "100, 00:00:00.0001",
    "1000, 00:00:00.001",
    "500000, 00:00:00.5",
    "120000, 00:00:00.12",
    "999999, 00:00:00.999999",
    "100100, 00:00:00.1001",
    "100010, 00:00:00.10001",
    "36001000000, 10:00:01",
    "86399999999, 23:59:59.999999",
    "86400000000, 24:00:00"
  })
  void aFractionIsThereOnlyWhenThereIsOneAndAsShortAsItCanBe(long micros, String expected)
      throws IOException {
    assertThat(time(micros)).isEqualTo(expected);
  }

  @Test
  void everySecondOfADayIsRight() throws IOException {
    for (int second = 0; second < 86_400; second++) {
      assertThat(time(second * 1_000_000L)).isEqualTo(TIME.format(LocalTime.ofSecondOfDay(second)));
    }
  }

  private String moment(LocalDateTime moment) throws IOException {
    ByteBuilder sink = new ByteBuilder(32);
    isoTime.writeDateTime(
        moment.toLocalDate().toEpochDay(), moment.toLocalTime().toNanoOfDay() / 1000, sink);
    return text(sink);
  }

  private String date(long epochDay) throws IOException {
    ByteBuilder sink = new ByteBuilder(16);
    isoTime.writeDate(epochDay, sink);
    // The same date again comes from memory.
    ByteBuilder again = new ByteBuilder(16);
    isoTime.writeDate(epochDay, again);
    assertThat(text(again)).isEqualTo(text(sink));
    return text(sink);
  }

  private String time(long microsOfDay) throws IOException {
    ByteBuilder sink = new ByteBuilder(16);
    isoTime.writeTime(microsOfDay, sink);
    return text(sink);
  }

  private static String text(ByteBuilder sink) {
    return new String(sink.toByteArray(), US_ASCII);
  }
}
