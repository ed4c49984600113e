package io.polystream.source;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.polystream.row.ByteBuilder;
import java.io.IOException;
import java.util.Random;
import org.junit.jupiter.api.Test;

class DigitsTest {
  private final Digits digits = new Digits();

  @Test
  void everyNumberOfDigitsIsRightOnBothSidesOfItsBorder() throws IOException {
    assertWritten(0);
    for (long power = 1; power <= Long.MAX_VALUE / 10; power *= 10) {
      for (long value = power - 1; value <= power + 1; value++) {
        assertWritten(value);
        assertWritten(-value);
      }
    }
    for (int shift = 0; shift < 64; shift++) {
      assertWritten(1L << shift);
      assertWritten((1L << shift) - 1);
    }
    assertWritten(Long.MAX_VALUE);
    assertWritten(Long.MIN_VALUE);
    assertWritten(Long.MIN_VALUE + 1);
  }

  @Test
  void everySmallNumberIsRight() throws IOException {
    for (int value = -20_000; value <= 20_000; value++) {
      assertWritten(value);
    }
  }

  @Test
  void numbersOfAnyLengthAreWhatTheJdkWrites() throws IOException {
    Random random = new Random(1);
    for (int i = 0; i < 100_000; i++) {
      assertWritten(random.nextLong() >> random.nextInt(64));
    }
  }

  @Test
  void theFirstAndTheLastOfFourDigitsKeepTheirZeros() throws IOException {
    for (int value : new int[] {0, 7, 70, 700, 7000, 1234, 9999}) {
      String four = String.format("%04d", value);
      for (int count = 0; count <= 4; count++) {
        ByteBuilder first = new ByteBuilder(4);
        Digits.writeFirst(value, count, first);
        assertThat(text(first)).isEqualTo(four.substring(0, count));
        ByteBuilder last = new ByteBuilder(4);
        Digits.writeLast(value, count, last);
        assertThat(text(last)).isEqualTo(four.substring(4 - count));
      }
    }
  }

  private void assertWritten(long value) throws IOException {
    ByteBuilder sink = new ByteBuilder(20);
    digits.write(value, sink);
    assertThat(text(sink)).isEqualTo(Long.toString(value));
  }

  private static String text(ByteBuilder sink) {
    return new String(sink.toByteArray(), US_ASCII);
  }
}
