package io.polystream.output.deflate;

import static io.polystream.output.deflate.Symbols.DISTANCES;
import static io.polystream.output.deflate.Symbols.FIRST_LENGTH;
import static io.polystream.output.deflate.Symbols.LITERALS_AND_LENGTHS;

/** How a block tells its codes: RFC 1951 section 3.2.7. Not thread-safe. */
final class CodeLengths {
  private static final int REPEAT = 16;
  private static final int FEW_ZEROS = 17;
  private static final int MANY_ZEROS = 18;
  private static final int SYMBOLS = 19;
  private static final int MOST_CODE_BITS = 7;

  /** The order in which the lengths of this code's codes are written. */
  private static final int[] ORDER = {
    16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15
  };

  private static final int[] EXTRA_BITS = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 3, 7};

  /** In a run: what follows the symbol above it. */
  private static final int EXTRA_SHIFT = 5;

  private static final int SYMBOL_MASK = (1 << EXTRA_SHIFT) - 1;

  private final HuffmanCode code = new HuffmanCode(SYMBOLS, MOST_CODE_BITS);
  private final int[] lengths = new int[LITERALS_AND_LENGTHS + DISTANCES];
  private final int[] runs = new int[LITERALS_AND_LENGTHS + DISTANCES];
  private int runCount;
  private int literalSymbols;
  private int distanceSymbols;
  private int orderedSymbols;

  void of(HuffmanCode literals, HuffmanCode distances) {
    literalSymbols = literals.usedSymbols(FIRST_LENGTH);
    distanceSymbols = distances.usedSymbols(1);
    System.arraycopy(literals.lengths(), 0, lengths, 0, literalSymbols);
    System.arraycopy(distances.lengths(), 0, lengths, literalSymbols, distanceSymbols);
    code.clear();
    runCount = 0;
    toRuns(literalSymbols + distanceSymbols);
    code.build();
    orderedSymbols = SYMBOLS;
    while (orderedSymbols > 4 && code.lengths()[ORDER[orderedSymbols - 1]] == 0) {
      orderedSymbols--;
    }
  }

  private void toRuns(int count) {
    int from = 0;
    while (from < count) {
      int length = lengths[from];
      int to = from + 1;
      while (to < count && lengths[to] == length) {
        to++;
      }
      int left = to - from;
      if (length == 0) {
        left = zeros(left);
      } else {
        run(length, 0);
        left = repeats(left - 1);
      }
      for (; left > 0; left--) {
        run(length, 0);
      }
      from = to;
    }
  }

  private int zeros(int count) {
    int left = count;
    while (left >= 11) {
      int many = Math.min(left, 138);
      run(MANY_ZEROS, many - 11);
      left -= many;
    }
    if (left >= 3) {
      run(FEW_ZEROS, left - 3);
      left = 0;
    }
    return left;
  }

  private int repeats(int count) {
    int left = count;
    while (left >= 3) {
      int some = Math.min(left, 6);
      run(REPEAT, some - 3);
      left -= some;
    }
    return left;
  }

  private void run(int symbol, int extra) {
    runs[runCount++] = extra << EXTRA_SHIFT | symbol;
    code.counts()[symbol]++;
  }

  /** Bits that {@link #write} writes. */
  long bits() {
    long bits = 14 + 3L * orderedSymbols + code.bits(code.counts());
    for (int i = 0; i < runCount; i++) {
      bits += EXTRA_BITS[runs[i] & SYMBOL_MASK];
    }
    return bits;
  }

  void write(BitWriter out) {
    out.put(literalSymbols - FIRST_LENGTH, 5);
    out.put(distanceSymbols - 1, 5);
    out.put(orderedSymbols - 4, 4);
    for (int i = 0; i < orderedSymbols; i++) {
      out.put(code.lengths()[ORDER[i]], 3);
    }
    for (int i = 0; i < runCount; i++) {
      int symbol = runs[i] & SYMBOL_MASK;
      int codeBits = code.lengths()[symbol];
      out.put(
          code.codes()[symbol] | (long) (runs[i] >>> EXTRA_SHIFT) << codeBits,
          codeBits + EXTRA_BITS[symbol]);
    }
  }
}
