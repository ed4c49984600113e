package io.polystream.output;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import java.util.zip.CRC32;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;

class CrcCombinationTest {
  @Test
  void anySplitOfTheBytesCombinesToTheWhole() {
    Random random = new Random(1);
    for (int i = 0; i < 500; i++) {
      byte[] bytes = new byte[random.nextInt(3000)];
      random.nextBytes(bytes);
      int cut = random.nextInt(bytes.length + 1);
      assertThat(
              CrcCombination.CRC32C.combine(
                  crc(bytes, 0, cut), crc(bytes, cut, bytes.length - cut), bytes.length - cut))
          .isEqualTo(crc(bytes, 0, bytes.length));
    }
  }

  @Test
  void manyRunsOneAfterAnotherCombineToTheWhole() {
    Random random = new Random(2);
    byte[] bytes = new byte[100_000];
    random.nextBytes(bytes);
    int combined = 0;
    for (int from = 0; from < bytes.length; ) {
      int length = Math.min(bytes.length - from, random.nextInt(1000));
      combined = CrcCombination.CRC32C.combine(combined, crc(bytes, from, length), length);
      from += length;
    }
    assertThat(combined).isEqualTo(crc(bytes, 0, bytes.length));
  }

  @Test
  void runsLongerThanAnIntCanCountCombineToo() {
    // Zeros in halves: the CRC of twice as many follows from two of the same.
    byte[] block = new byte[1 << 20];
    int doubled = crc(block, 0, block.length);
    long length = block.length;
    while (length < 1L << 33) {
      doubled = CrcCombination.CRC32C.combine(doubled, doubled, length);
      length *= 2;
    }
    int appended = 0;
    for (int i = 0; i < 8192; i++) {
      appended = CrcCombination.CRC32C.combine(appended, crc(block, 0, block.length), block.length);
    }
    assertThat(doubled).isEqualTo(appended);
    // And the whole length at once, behind something else.
    byte[] first = "first".getBytes(US_ASCII);
    int stepwise = crc(first, 0, first.length);
    for (int i = 0; i < 8192; i++) {
      stepwise = CrcCombination.CRC32C.combine(stepwise, crc(block, 0, block.length), block.length);
    }
    assertThat(CrcCombination.CRC32C.combine(crc(first, 0, first.length), doubled, length))
        .isEqualTo(stepwise);
  }

  @Test
  void gzipsPolynomialCombinesToo() {
    Random random = new Random(3);
    for (int i = 0; i < 500; i++) {
      byte[] bytes = new byte[random.nextInt(3000)];
      random.nextBytes(bytes);
      int cut = random.nextInt(bytes.length + 1);
      assertThat(
              CrcCombination.CRC32.combine(
                  crc32(bytes, 0, cut), crc32(bytes, cut, bytes.length - cut), bytes.length - cut))
          .isEqualTo(crc32(bytes, 0, bytes.length));
    }
  }

  private static int crc32(byte[] bytes, int offset, int length) {
    CRC32 crc = new CRC32();
    crc.update(bytes, offset, length);
    return (int) crc.getValue();
  }

  @Test
  void nothingChangesNothing() {
    byte[] bytes = "123456789".getBytes(US_ASCII);
    // The check value of the polynomial.
    assertThat(crc(bytes, 0, 9)).isEqualTo(0xE3069283);
    assertThat(CrcCombination.CRC32C.combine(0xE3069283, 0, 0)).isEqualTo(0xE3069283);
    assertThat(CrcCombination.CRC32C.combine(0, 0xE3069283, 9)).isEqualTo(0xE3069283);
  }

  private static int crc(byte[] bytes, int offset, int length) {
    CRC32C crc = new CRC32C();
    crc.update(bytes, offset, length);
    return (int) crc.getValue();
  }
}
