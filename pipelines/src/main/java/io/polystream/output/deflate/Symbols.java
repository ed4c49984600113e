package io.polystream.output.deflate;

/** The alphabets of RFC 1951 section 3.2.5: literals and lengths in one, distances in the other. */
final class Symbols {
  static final int SHORTEST_MATCH_BYTES = 3;
  static final int LONGEST_MATCH_BYTES = 258;
  static final int FARTHEST_BYTES = 32 * 1024;

  static final int END_OF_BLOCK = 256;
  static final int FIRST_LENGTH = 257;
  static final int LITERALS_AND_LENGTHS = 286;
  static final int DISTANCES = 30;

  /** The fixed codes have two symbols in either alphabet that never occur. */
  static final int UNUSED = 2;

  private static final int LENGTHS = 29;

  private static final int[] LENGTH_BASES = new int[LENGTHS];
  private static final int[] LENGTH_EXTRA_BITS = new int[LENGTHS];
  private static final int[] DISTANCE_BASES = new int[DISTANCES];
  private static final int[] DISTANCE_EXTRA_BITS = new int[DISTANCES];

  /** By length. */
  private static final byte[] LENGTH_INDEXES = new byte[LONGEST_MATCH_BYTES + 1];

  /** By distance - 1 up to 256, and by its higher bits from there on. */
  private static final byte[] NEAR_DISTANCES = new byte[256];

  private static final byte[] FAR_DISTANCES = new byte[256];
  private static final int FAR_SHIFT = 7;

  static {
    int length = SHORTEST_MATCH_BYTES;
    for (int index = 0; index < LENGTHS; index++) {
      int extraBits = index < 8 ? 0 : index / 4 - 1;
      LENGTH_BASES[index] = length;
      LENGTH_EXTRA_BITS[index] = extraBits;
      for (int i = 0; i < 1 << extraBits && length <= LONGEST_MATCH_BYTES; i++) {
        LENGTH_INDEXES[length++] = (byte) index;
      }
    }
    // The longest has a symbol of its own.
    LENGTH_BASES[LENGTHS - 1] = LONGEST_MATCH_BYTES;
    LENGTH_EXTRA_BITS[LENGTHS - 1] = 0;
    LENGTH_INDEXES[LONGEST_MATCH_BYTES] = LENGTHS - 1;

    int distance = 1;
    for (int symbol = 0; symbol < DISTANCES; symbol++) {
      int extraBits = symbol < 4 ? 0 : symbol / 2 - 1;
      DISTANCE_BASES[symbol] = distance;
      DISTANCE_EXTRA_BITS[symbol] = extraBits;
      for (int i = 0; i < 1 << extraBits; i++, distance++) {
        if (distance <= NEAR_DISTANCES.length) {
          NEAR_DISTANCES[distance - 1] = (byte) symbol;
        } else {
          FAR_DISTANCES[(distance - 1) >>> FAR_SHIFT] = (byte) symbol;
        }
      }
    }
  }

  private Symbols() {}

  /** The symbol of a length of 3 to 258, less {@link #FIRST_LENGTH}. */
  static int lengthIndex(int length) {
    return LENGTH_INDEXES[length];
  }

  static int lengthBase(int index) {
    return LENGTH_BASES[index];
  }

  static int lengthExtraBits(int index) {
    return LENGTH_EXTRA_BITS[index];
  }

  /** The symbol of a distance of 1 to 32,768. */
  static int distance(int distance) {
    return distance <= NEAR_DISTANCES.length
        ? NEAR_DISTANCES[distance - 1]
        : FAR_DISTANCES[(distance - 1) >>> FAR_SHIFT];
  }

  static int distanceBase(int symbol) {
    return DISTANCE_BASES[symbol];
  }

  static int distanceExtraBits(int symbol) {
    return DISTANCE_EXTRA_BITS[symbol];
  }
}
