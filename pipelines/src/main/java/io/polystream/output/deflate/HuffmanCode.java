package io.polystream.output.deflate;

import java.util.Arrays;

/**
 * A canonical Huffman code (RFC 1951 section 3.2.2) for the symbols counted since {@link #clear}.
 * Has at least two symbols, as some readers expect: zlib's never make less. Not thread-safe.
 */
final class HuffmanCode {
  private static final int SYMBOL_BITS = 9;
  private static final int SYMBOL_MASK = (1 << SYMBOL_BITS) - 1;

  private final int mostBits;
  private final int[] counts;
  private final int[] lengths;
  private final int[] codes;

  private final int[] sorted;
  private final int[] depths;
  private final int[] symbolsOfLength;
  private final int[] nextCode;

  /**
   * @param symbols at most 512
   * @param mostBits the longest a symbol's code may be
   */
  HuffmanCode(int symbols, int mostBits) {
    this.mostBits = mostBits;
    counts = new int[symbols];
    lengths = new int[symbols];
    codes = new int[symbols];
    sorted = new int[symbols];
    depths = new int[symbols];
    symbolsOfLength = new int[symbols + 1];
    nextCode = new int[mostBits + 2];
  }

  /** How often each symbol occurs, for whoever counts; fewer than 2^22 in all. */
  int[] counts() {
    return counts;
  }

  /** Bits of each symbol's code; 0 for those that do not occur. */
  int[] lengths() {
    return lengths;
  }

  /** The codes, first bit lowest. */
  int[] codes() {
    return codes;
  }

  void clear() {
    Arrays.fill(counts, 0);
  }

  /** Gives the code these lengths, in the place of counted ones. */
  void define(int[] definedLengths) {
    System.arraycopy(definedLengths, 0, lengths, 0, lengths.length);
    assignCodes();
  }

  /** Makes the code of the counts. */
  void build() {
    int used = sortByCount();
    for (int i = 0; i < used; i++) {
      depths[i] = sorted[i] >>> SYMBOL_BITS;
    }
    toDepths(used);
    limitDepths(used);

    Arrays.fill(lengths, 0);
    int rarest = 0;
    for (int length = mostBits; length > 0; length--) {
      for (int left = symbolsOfLength[length]; left > 0; left--) {
        lengths[sorted[rarest++] & SYMBOL_MASK] = length;
      }
    }
    assignCodes();
  }

  /** What so many of each symbol take. */
  long bits(int[] symbolCounts) {
    long bits = 0;
    for (int symbol = 0; symbol < symbolCounts.length; symbol++) {
      bits += (long) symbolCounts[symbol] * lengths[symbol];
    }
    return bits;
  }

  /** How many symbols there are up to the last one that occurs, but not fewer than this. */
  int usedSymbols(int least) {
    int symbols = lengths.length;
    while (symbols > least && lengths[symbols - 1] == 0) {
      symbols--;
    }
    return symbols;
  }

  private int sortByCount() {
    int used = 0;
    for (int symbol = 0; symbol < counts.length; symbol++) {
      if (counts[symbol] > 0) {
        sorted[used++] = counts[symbol] << SYMBOL_BITS | symbol;
      }
    }
    for (int symbol = 0; used < 2; symbol++) {
      if (counts[symbol] == 0) {
        sorted[used++] = 1 << SYMBOL_BITS | symbol;
      }
    }
    Arrays.sort(sorted, 0, used);
    return used;
  }

  /**
   * Replaces ascending weights by the depths of their leaves, in place: A. Moffat and J.
   * Katajainen, In-Place Calculation of Minimum-Redundancy Codes (1995).
   */
  private void toDepths(int leaves) {
    int[] a = depths;
    int root = 0;
    int leaf = 0;
    for (int node = 0; node < leaves - 1; node++) {
      int weight = 0;
      for (int child = 0; child < 2; child++) {
        if (leaf >= leaves || (root < node && a[root] < a[leaf])) {
          weight += a[root];
          a[root++] = node;
        } else {
          weight += a[leaf++];
        }
      }
      a[node] = weight;
    }

    a[leaves - 2] = 0;
    for (int node = leaves - 3; node >= 0; node--) {
      a[node] = a[a[node]] + 1;
    }

    int depth = 0;
    int free = 1;
    int node = leaves - 2;
    int next = leaves - 1;
    while (free > 0) {
      int inner = 0;
      while (node >= 0 && a[node] == depth) {
        inner++;
        node--;
      }
      for (; free > inner; free--) {
        a[next--] = depth;
      }
      free = 2 * inner;
      depth++;
    }
  }

  /** Counts the depths, none above {@link #mostBits}, so that they still make a complete code. */
  private void limitDepths(int leaves) {
    Arrays.fill(symbolsOfLength, 0);
    for (int i = 0; i < leaves; i++) {
      symbolsOfLength[Math.min(depths[i], mostBits)]++;
    }
    // In units of the longest code's share.
    int share = 0;
    for (int length = 1; length <= mostBits; length++) {
      share += symbolsOfLength[length] << (mostBits - length);
    }
    for (; share > 1 << mostBits; share--) {
      int shorter = mostBits - 1;
      while (symbolsOfLength[shorter] == 0) {
        shorter--;
      }
      // A leaf becomes a node with two leaves, one of which had too little room.
      symbolsOfLength[shorter]--;
      symbolsOfLength[shorter + 1] += 2;
      symbolsOfLength[mostBits]--;
    }
  }

  private void assignCodes() {
    Arrays.fill(nextCode, 0);
    for (int length : lengths) {
      if (length > 0) {
        nextCode[length + 1]++;
      }
    }
    for (int length = 1; length <= mostBits + 1; length++) {
      nextCode[length] = (nextCode[length] + nextCode[length - 1]) << 1;
    }
    for (int symbol = 0; symbol < lengths.length; symbol++) {
      int length = lengths[symbol];
      codes[symbol] =
          length == 0 ? 0 : Integer.reverse(nextCode[length]++) >>> (Integer.SIZE - length);
    }
  }
}
