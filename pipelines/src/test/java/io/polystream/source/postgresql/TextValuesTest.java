package io.polystream.source.postgresql;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Texts as the server writes them with DateStyle ISO and TimeZone UTC. */
class TextValuesTest {
  private final TextValues values = new TextValues();

  @ParameterizedTest
  @CsvSource({
    "2026-02-15, 2026-02-15",
    "0001-01-01, 0001-01-01",
    "0001-12-31 BC, 0000-12-31",
    "0044-03-15 BC, -0043-03-15",
    "4714-11-24 BC, -4713-11-24",
    "9999-12-31, 9999-12-31",
    "10000-01-01, +10000-01-01",
    "5874897-12-31, +5874897-12-31",
    "infinity, infinity",
    "-infinity, -infinity"
  })
  void aDateIsIso8601(String value, String expected) throws IOException {
    assertThat(Decoded.text(values::date, value)).isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource({
    "2026-02-15 10:00:01, 2026-02-15T10:00:01",
    "2026-02-15 10:00:01.123456, 2026-02-15T10:00:01.123456",
    "2026-02-15 10:00:01+00, 2026-02-15T10:00:01Z",
    "2026-02-15 10:00:01.5+00, 2026-02-15T10:00:01.5Z",
    "294276-12-31 23:59:59.999999+00, +294276-12-31T23:59:59.999999Z",
    "0044-03-15 10:00:00 BC, -0043-03-15T10:00:00",
    "0044-03-15 10:00:00.5+00 BC, -0043-03-15T10:00:00.5Z",
    "4714-11-24 00:00:00+00 BC, -4713-11-24T00:00:00Z",
    "infinity, infinity",
    "-infinity, -infinity"
  })
  void aTimestampIsIso8601(String value, String expected) throws IOException {
    assertThat(Decoded.text(values::date, value)).isEqualTo(expected);
  }

  @Test
  void everyMomentIsTheSameFromTextAndFromBinary() throws IOException {
    BinaryValues binary = new BinaryValues();
    Random random = new Random(1);
    LocalDateTime first = LocalDate.of(-4712, 1, 1).atStartOfDay();
    for (int i = 0; i < 10_000; i++) {
      long day = LocalDate.of(-4712, 1, 1).toEpochDay() + random.nextInt(100_000_000);
      long micros = random.nextInt(5) == 0 ? 0 : (long) (random.nextDouble() * 86_400_000_000L);
      LocalDateTime moment = first.plusDays(day - first.toLocalDate().toEpochDay());
      String text = serverText(moment.toLocalDate(), micros);
      assertThat(Decoded.text(values::date, text))
          .isEqualTo(
              Decoded.binary(
                  binary::timestamptz,
                  out -> out.writeLong((day - 10_957) * 86_400_000_000L + micros)));
    }
  }

  /** timestamptz_out for UTC: four digits of year at least, and an era of its own. */
  private static String serverText(LocalDate date, long microsOfDay) {
    int year = date.getYear();
    long second = microsOfDay / 1_000_000;
    long fraction = microsOfDay % 1_000_000;
    return String.format(
            "%04d-%02d-%02d %02d:%02d:%02d",
            year > 0 ? year : 1 - year,
            date.getMonthValue(),
            date.getDayOfMonth(),
            second / 3600,
            second / 60 % 60,
            second % 60)
        + (fraction == 0 ? "" : String.format(".%06d", fraction).replaceFirst("0+$", ""))
        + "+00"
        + (year > 0 ? "" : " BC");
  }

  @Test
  void booleansAreWords() throws IOException {
    assertThat(Decoded.text(TextValues::bool, "t")).isEqualTo("true");
    assertThat(Decoded.text(TextValues::bool, "f")).isEqualTo("false");
  }

  @Test
  void hexBecomesBase64() throws IOException {
    assertThat(Decoded.text(values::hex, "\\x")).isEmpty();
    assertThat(Decoded.text(values::hex, "\\x00ff10")).isEqualTo("AP8Q");
    Random random = new Random(1);
    for (int length = 0; length < 200; length++) {
      byte[] bytes = new byte[length];
      random.nextBytes(bytes);
      assertThat(Decoded.text(values::hex, "\\x" + HexFormat.of().formatHex(bytes)))
          .isEqualTo(Base64.getEncoder().encodeToString(bytes));
    }
  }
}
