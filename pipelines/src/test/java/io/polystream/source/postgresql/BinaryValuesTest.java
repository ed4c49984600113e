package io.polystream.source.postgresql;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.LocalDate;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The bytes are made by hand, from PostgreSQL's send functions. */
class BinaryValuesTest {
  private static final long MICROS_PER_DAY = 86_400_000_000L;

  private final BinaryValues values = new BinaryValues();

  @Test
  void wholeNumbersHaveTheirSign() throws IOException {
    assertThat(Decoded.binary(values::int2, out -> out.writeShort(-32_768))).isEqualTo("-32768");
    assertThat(Decoded.binary(values::int2, out -> out.writeShort(32_767))).isEqualTo("32767");
    assertThat(Decoded.binary(values::int4, out -> out.writeInt(Integer.MIN_VALUE)))
        .isEqualTo("-2147483648");
    assertThat(Decoded.binary(values::int8, out -> out.writeLong(Long.MIN_VALUE)))
        .isEqualTo("-9223372036854775808");
    assertThat(Decoded.binary(values::int8, out -> out.writeLong(0))).isEqualTo("0");
  }

  @Test
  void anObjectIdHasNoSign() throws IOException {
    assertThat(Decoded.binary(values::oid, out -> out.writeInt(-1))).isEqualTo("4294967295");
    assertThat(Decoded.binary(values::oid, out -> out.writeInt(0))).isEqualTo("0");
  }

  @Test
  void booleansAreWords() throws IOException {
    assertThat(Decoded.binary(BinaryValues::bool, out -> out.writeByte(1))).isEqualTo("true");
    assertThat(Decoded.binary(BinaryValues::bool, out -> out.writeByte(0))).isEqualTo("false");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "0",
        "0.00",
        "0.0000",
        "0.00000",
        "-0.5",
        "0.0001",
        "0.00010",
        "0.00001",
        "-0.0000000000001",
        "1",
        "10",
        "9999",
        "10000",
        "10001",
        "-10000.0000",
        "100000000000000000000",
        "100000000000000000000.00",
        "100000000.00000001",
        "99999999.99999999",
        "1.10",
        "1.1000000",
        "123456789012345678901234567890.123456789012345678901234567890"
      })
  void aNumericHasTheDigitsItWasStoredWith(String value) throws IOException {
    assertThat(Decoded.decode(values::numeric, Decoded.numeric(value))).isEqualTo(value);
  }

  @Test
  void numericsOfAnyLengthKeepEveryDigit() throws IOException {
    Random random = new Random(1);
    for (int i = 0; i < 20_000; i++) {
      String whole = digits(random, random.nextInt(20)).replaceFirst("^0+", "");
      String fraction = digits(random, random.nextInt(20));
      String unsigned =
          (whole.isEmpty() ? "0" : whole) + (fraction.isEmpty() ? "" : "." + fraction);
      // There is no -0 in a numeric.
      String value =
          random.nextBoolean() && unsigned.matches(".*[1-9].*") ? "-" + unsigned : unsigned;
      assertThat(Decoded.decode(values::numeric, Decoded.numeric(value))).isEqualTo(value);
    }
  }

  @ParameterizedTest
  @CsvSource({"0xC000, NaN", "0xD000, Infinity", "0xF000, -Infinity"})
  void aNumericThatIsNoNumberIsAWord(String sign, String expected) throws IOException {
    assertThat(
            Decoded.binary(
                values::numeric,
                out -> {
                  out.writeShort(0);
                  out.writeShort(0);
                  out.writeShort(Integer.decode(sign));
                  // The server sends a scale here, too (numeric.c, NUMERIC_DSCALE_MASK).
                  out.writeShort(0x20);
                }))
        .isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource({
    "0, 2000-01-01",
    "-1, 1999-12-31",
    "-10957, 1970-01-01",
    "-2451545, -4713-11-24",
    "2145031948, +5874897-12-31",
    "2147483647, infinity",
    "-2147483648, -infinity"
  })
  void aDateCountsFromTheYear2000(int days, String expected) throws IOException {
    assertThat(Decoded.binary(values::date, out -> out.writeInt(days))).isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource({
    "0, 2000-01-01T00:00:00",
    "-1, 1999-12-31T23:59:59.999999",
    "500000, 2000-01-01T00:00:00.5",
    // The borders of the type (datatype/timestamp.h, MIN_TIMESTAMP and END_TIMESTAMP - 1).
    "-211813488000000000, -4713-11-24T00:00:00",
    "9223371331199999999, +294276-12-31T23:59:59.999999"
  })
  void aTimestampCountsMicrosecondsFromTheYear2000(long micros, String expected)
      throws IOException {
    assertThat(Decoded.binary(values::timestamp, out -> out.writeLong(micros))).isEqualTo(expected);
    assertThat(Decoded.binary(values::timestamptz, out -> out.writeLong(micros)))
        .isEqualTo(expected + "Z");
  }

  @Test
  void aTimestampNextToMidnightIsOnItsOwnDay() throws IOException {
    for (LocalDate day : new LocalDate[] {LocalDate.of(-1, 3, 1), LocalDate.of(2026, 2, 15)}) {
      long midnight = (day.toEpochDay() - 10_957) * MICROS_PER_DAY;
      assertThat(Decoded.binary(values::timestamp, out -> out.writeLong(midnight)))
          .isEqualTo(day + "T00:00:00");
      assertThat(Decoded.binary(values::timestamp, out -> out.writeLong(midnight - 1)))
          .isEqualTo(day.minusDays(1) + "T23:59:59.999999");
    }
  }

  @Test
  void aTimestampWithoutEndIsAWordWithoutAZone() throws IOException {
    for (CellDecoder decoder : new CellDecoder[] {values::timestamp, values::timestamptz}) {
      assertThat(Decoded.binary(decoder, out -> out.writeLong(Long.MAX_VALUE)))
          .isEqualTo("infinity");
      assertThat(Decoded.binary(decoder, out -> out.writeLong(Long.MIN_VALUE)))
          .isEqualTo("-infinity");
    }
  }

  @Test
  void aTimeMayBeTheEndOfTheDay() throws IOException {
    assertThat(Decoded.binary(values::time, out -> out.writeLong(MICROS_PER_DAY)))
        .isEqualTo("24:00:00");
    assertThat(Decoded.binary(values::time, out -> out.writeLong(36_000_500_000L)))
        .isEqualTo("10:00:00.5");
  }

  @Test
  void aUuidIsWrittenAsTheJdkDoes() throws IOException {
    Random random = new Random(1);
    for (int i = 0; i < 1000; i++) {
      UUID uuid = new UUID(random.nextLong(), random.nextLong());
      assertThat(
              Decoded.binary(
                  BinaryValues::uuid,
                  out -> {
                    out.writeLong(uuid.getMostSignificantBits());
                    out.writeLong(uuid.getLeastSignificantBits());
                  }))
          .isEqualTo(uuid.toString());
    }
  }

  private static String digits(Random random, int count) {
    StringBuilder digits = new StringBuilder();
    while (digits.length() < count) {
      // Runs of zeros are where groups are left out.
      digits.append(random.nextInt(3) == 0 ? "0000000" : random.nextInt(1000));
    }
    return digits.substring(0, count);
  }
}
