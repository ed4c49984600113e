package io.polystream.output.deflate;

import static io.polystream.output.deflate.Symbols.DISTANCES;
import static io.polystream.output.deflate.Symbols.END_OF_BLOCK;
import static io.polystream.output.deflate.Symbols.FIRST_LENGTH;
import static io.polystream.output.deflate.Symbols.LITERALS_AND_LENGTHS;
import static io.polystream.output.deflate.Symbols.LONGEST_MATCH_BYTES;
import static io.polystream.output.deflate.Symbols.SHORTEST_MATCH_BYTES;
import static io.polystream.output.deflate.Symbols.UNUSED;

import java.util.Arrays;

/**
 * The literals and matches of one block, and how they are written: stored, by the fixed codes or by
 * codes of their own, whichever is shortest (RFC 1951 section 3.2.3). Not thread-safe.
 */
final class Block {
  private static final int STORED = 0;
  private static final int FIXED = 1;
  private static final int DYNAMIC = 2;

  /** Type, and that it is not the last. */
  private static final int HEADER_BITS = 3;

  private static final int MOST_STORED_BYTES = 65_535;
  private static final int MOST_CODE_BITS = 15;

  /** In a token: a match's length above its distance, a literal as it is. */
  private static final int LENGTH_SHIFT = 16;

  private static final int DISTANCE_MASK = (1 << LENGTH_SHIFT) - 1;

  /** In what a symbol is written as: the bits above their number. */
  private static final int COUNT_BITS = 5;

  private static final int COUNT_MASK = (1 << COUNT_BITS) - 1;

  private static final HuffmanCode FIXED_LITERALS =
      new HuffmanCode(LITERALS_AND_LENGTHS + UNUSED, MOST_CODE_BITS);
  private static final HuffmanCode FIXED_DISTANCES =
      new HuffmanCode(DISTANCES + UNUSED, MOST_CODE_BITS);

  static {
    int[] lengths = new int[LITERALS_AND_LENGTHS + UNUSED];
    Arrays.fill(lengths, 0, 144, 8);
    Arrays.fill(lengths, 144, 256, 9);
    Arrays.fill(lengths, 256, 280, 7);
    Arrays.fill(lengths, 280, lengths.length, 8);
    FIXED_LITERALS.define(lengths);
    int[] distanceLengths = new int[DISTANCES + UNUSED];
    Arrays.fill(distanceLengths, 5);
    FIXED_DISTANCES.define(distanceLengths);
  }

  private final int[] tokens;
  private int tokenCount;

  private final HuffmanCode literals = new HuffmanCode(LITERALS_AND_LENGTHS, MOST_CODE_BITS);
  private final HuffmanCode distances = new HuffmanCode(DISTANCES, MOST_CODE_BITS);
  private final CodeLengths codeLengths = new CodeLengths();
  private final int[] literalCounts = literals.counts();
  private final int[] distanceCounts = distances.counts();

  // What stands for literals, for lengths with their extra bits, and for distances without.
  private final int[] literalWords = new int[END_OF_BLOCK + 1];
  private final int[] lengthWords = new int[LONGEST_MATCH_BYTES + 1];
  private final int[] distanceWords = new int[DISTANCES];

  /**
   * @param mostBytes of any block
   */
  Block(int mostBytes) {
    tokens = new int[mostBytes];
  }

  /** What a block of so many bytes takes at most. */
  static int mostWrittenBytes(int bytes) {
    return bytes + 5 * (bytes / MOST_STORED_BYTES + 2);
  }

  void clear() {
    tokenCount = 0;
    literals.clear();
    distances.clear();
    literalCounts[END_OF_BLOCK] = 1;
  }

  void literal(byte value) {
    int literal = value & 0xff;
    tokens[tokenCount++] = literal;
    literalCounts[literal]++;
  }

  void match(int length, int distance) {
    tokens[tokenCount++] = length << LENGTH_SHIFT | distance;
    literalCounts[FIRST_LENGTH + Symbols.lengthIndex(length)]++;
    distanceCounts[Symbols.distance(distance)]++;
  }

  /** Writes the block, whose plain bytes these are. */
  void write(byte[] plain, int offset, int length, BitWriter out) {
    literals.build();
    distances.build();
    codeLengths.of(literals, distances);
    long dynamicBits = codeLengths.bits() + bits(literals, distances);
    long fixedBits = bits(FIXED_LITERALS, FIXED_DISTANCES);
    long storedBits = 8L * length + 40L * ((length + MOST_STORED_BYTES - 1) / MOST_STORED_BYTES);

    if (storedBits <= Math.min(fixedBits, dynamicBits)) {
      store(plain, offset, length, out);
    } else if (fixedBits <= dynamicBits) {
      out.put(FIXED << 1, HEADER_BITS);
      writeTokens(FIXED_LITERALS, FIXED_DISTANCES, out);
    } else {
      out.put(DYNAMIC << 1, HEADER_BITS);
      codeLengths.write(out);
      writeTokens(literals, distances, out);
    }
  }

  /** An empty stored block ends at a byte's end. */
  static void store(byte[] plain, int offset, int length, BitWriter out) {
    int from = offset;
    int left = length;
    do {
      int piece = Math.min(left, MOST_STORED_BYTES);
      out.put(STORED << 1, HEADER_BITS);
      out.alignToByte();
      out.put(piece, 16);
      out.put(~piece & 0xffff, 16);
      out.put(plain, from, piece);
      from += piece;
      left -= piece;
    } while (left > 0);
  }

  /** Bits of the block by these codes, which have to be known. */
  private long bits(HuffmanCode literalCode, HuffmanCode distanceCode) {
    long bits = HEADER_BITS + literalCode.bits(literalCounts) + distanceCode.bits(distanceCounts);
    for (int i = 0; i < LITERALS_AND_LENGTHS - FIRST_LENGTH; i++) {
      bits += (long) literalCounts[FIRST_LENGTH + i] * Symbols.lengthExtraBits(i);
    }
    for (int i = 0; i < DISTANCES; i++) {
      bits += (long) distanceCounts[i] * Symbols.distanceExtraBits(i);
    }
    return bits;
  }

  private void writeTokens(HuffmanCode literalCode, HuffmanCode distanceCode, BitWriter out) {
    prepareWords(literalCode, distanceCode);
    for (int i = 0; i < tokenCount; i++) {
      int token = tokens[i];
      int length = token >>> LENGTH_SHIFT;
      if (length == 0) {
        int word = literalWords[token];
        out.put(word >>> COUNT_BITS, word & COUNT_MASK);
      } else {
        int distance = token & DISTANCE_MASK;
        int symbol = Symbols.distance(distance);
        int lengthWord = lengthWords[length];
        int distanceWord = distanceWords[symbol];
        int lengthBits = lengthWord & COUNT_MASK;
        int distanceBits = distanceWord & COUNT_MASK;
        int bitsToExtra = lengthBits + distanceBits;
        out.put(
            lengthWord >>> COUNT_BITS
                | (long) (distanceWord >>> COUNT_BITS) << lengthBits
                | (long) (distance - Symbols.distanceBase(symbol)) << bitsToExtra,
            bitsToExtra + Symbols.distanceExtraBits(symbol));
      }
    }
    int word = literalWords[END_OF_BLOCK];
    out.put(word >>> COUNT_BITS, word & COUNT_MASK);
  }

  private void prepareWords(HuffmanCode literalCode, HuffmanCode distanceCode) {
    for (int i = 0; i <= END_OF_BLOCK; i++) {
      literalWords[i] = word(literalCode, i);
    }
    for (int length = SHORTEST_MATCH_BYTES; length <= LONGEST_MATCH_BYTES; length++) {
      int index = Symbols.lengthIndex(length);
      int symbol = FIRST_LENGTH + index;
      int codeBits = literalCode.lengths()[symbol];
      int bits = literalCode.codes()[symbol] | (length - Symbols.lengthBase(index)) << codeBits;
      lengthWords[length] = bits << COUNT_BITS | (codeBits + Symbols.lengthExtraBits(index));
    }
    for (int i = 0; i < DISTANCES; i++) {
      distanceWords[i] = word(distanceCode, i);
    }
  }

  private static int word(HuffmanCode code, int symbol) {
    return code.codes()[symbol] << COUNT_BITS | code.lengths()[symbol];
  }
}
