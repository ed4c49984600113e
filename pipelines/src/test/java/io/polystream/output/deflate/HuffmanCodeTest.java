package io.polystream.output.deflate;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Random;
import org.junit.jupiter.api.Test;

class HuffmanCodeTest {
  private static final int MOST_BITS = 15;

  @Test
  void noCodeIsShorterUnlessASymbolWouldTakeTooManyBits() {
    Random random = new Random(11);
    for (int round = 0; round < 500; round++) {
      HuffmanCode code = new HuffmanCode(286, MOST_BITS);
      int symbols = 2 + random.nextInt(285);
      for (int i = 0; i < symbols; i++) {
        code.counts()[i] = random.nextInt(3) == 0 ? 0 : 1 + random.nextInt(1 << random.nextInt(8));
      }
      code.build();
      requireCompletePrefixCode(code);
      if (Arrays.stream(code.lengths()).max().getAsInt() < MOST_BITS) {
        assertThat(code.bits(code.counts())).isEqualTo(shortest(code.counts()));
      }
    }
  }

  /** Fibonacci's numbers make the deepest tree. */
  @Test
  void rareSymbolsTakeNoMoreBitsThanAreAllowed() {
    for (int mostBits : new int[] {7, MOST_BITS}) {
      HuffmanCode code = new HuffmanCode(24, mostBits);
      int earlier = 1;
      int count = 1;
      for (int i = 0; i < 19; i++) {
        code.counts()[i] = count;
        count += earlier;
        earlier = count - earlier;
      }
      code.build();
      requireCompletePrefixCode(code);
      assertThat(Arrays.stream(code.lengths()).max().getAsInt()).isEqualTo(mostBits);
    }
  }

  @Test
  void thereAreAtLeastTwoSymbols() {
    for (int onlySymbol : new int[] {-1, 0, 1, 29}) {
      HuffmanCode code = new HuffmanCode(30, MOST_BITS);
      if (onlySymbol >= 0) {
        code.counts()[onlySymbol] = 5;
      }
      code.build();
      requireCompletePrefixCode(code);
      assertThat(Arrays.stream(code.lengths()).filter(bits -> bits > 0).count()).isEqualTo(2);
    }
  }

  @Test
  void codesAreThoseOfTheRfcsExample() {
    // RFC 1951 section 3.2.2: A to H.
    HuffmanCode code = new HuffmanCode(8, MOST_BITS);
    code.define(new int[] {3, 3, 3, 3, 3, 2, 4, 4});
    String[] expected = {"010", "011", "100", "101", "110", "00", "1110", "1111"};
    for (int i = 0; i < expected.length; i++) {
      assertThat(asWritten(code, i)).isEqualTo(expected[i]);
    }
  }

  private static void requireCompletePrefixCode(HuffmanCode code) {
    double share = 0;
    List<String> written = new ArrayList<>();
    for (int symbol = 0; symbol < code.lengths().length; symbol++) {
      int length = code.lengths()[symbol];
      if (code.counts()[symbol] > 0) {
        assertThat(length).isPositive();
      }
      if (length > 0) {
        share += Math.scalb(1.0, -length);
        written.add(asWritten(code, symbol));
      }
    }
    long counted = Arrays.stream(code.counts()).filter(count -> count > 0).count();
    assertThat(written).hasSize((int) Math.max(2, counted));
    // In this order whatever begins with another stands right behind it.
    Collections.sort(written);
    for (int i = 1; i < written.size(); i++) {
      assertThat(written.get(i)).doesNotStartWith(written.get(i - 1));
    }
    assertThat(share).isEqualTo(1);
  }

  private static String asWritten(HuffmanCode code, int symbol) {
    StringBuilder bits = new StringBuilder();
    for (int i = 0; i < code.lengths()[symbol]; i++) {
      bits.append(code.codes()[symbol] >>> i & 1);
    }
    return bits.toString();
  }

  /** Huffman's own way to the total, which starts from two symbols, as the code does. */
  private static long shortest(int[] counts) {
    PriorityQueue<Long> weights = new PriorityQueue<>();
    for (int count : counts) {
      if (count > 0) {
        weights.add((long) count);
      }
    }
    while (weights.size() < 2) {
      weights.add(0L);
    }
    long total = 0;
    while (weights.size() > 1) {
      long both = weights.remove() + weights.remove();
      total += both;
      weights.add(both);
    }
    return total;
  }
}
