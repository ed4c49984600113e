package io.polystream.output.deflate;

import io.polystream.row.ByteSink;
import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * Encodes parts as deflate blocks (RFC 1951) without a last one. Each part ends at a byte's end and
 * looks back at nothing before its beginning, so that parts may follow one another in one stream.
 * What a part is encoded as depends on its bytes, on how they are divided among the calls, and on
 * the level. Not thread-safe; about 1 MB of heap.
 */
public final class DeflateEncoder {
  private static final int HISTORY_BYTES = Symbols.FARTHEST_BYTES;
  private static final int HISTORY_MASK = HISTORY_BYTES - 1;
  private static final int MOST_BLOCK_BYTES = 64 * 1024;

  /** So that history is moved to the front after every few blocks only. */
  private static final int WINDOW_BYTES = 8 * HISTORY_BYTES;

  /** Words are read past the end. */
  private static final int SLACK_BYTES = Long.BYTES;

  /** What is hashed: for matches of three bytes there is one place only. */
  private static final int WORD_BYTES = Integer.BYTES;

  private static final int FIRST_THREE_BYTES = 0xffffff;
  private static final int HASH_BITS = 15;
  private static final int HASH_SHIFT = Integer.SIZE - HASH_BITS;

  /** 2 to the power of 32, divided by the golden ratio: D. E. Knuth, TAOCP 3, section 6.4. */
  private static final int HASH_FACTOR = 0x9E3779B1;

  /** A shorter match farther away takes more bits than its literals. */
  private static final int FARTHEST_SHORT_MATCH = 4096;

  private static final int NOWHERE = -1;

  private static final VarHandle INT =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private final Effort effort;
  private final Block block = new Block(MOST_BLOCK_BYTES);
  private final BitWriter bits = new BitWriter(Block.mostWrittenBytes(MOST_BLOCK_BYTES));

  private final byte[] window = new byte[WINDOW_BYTES + SLACK_BYTES];
  private int windowEnd;

  /** The last place of each word, by its hash, and by the hash of its first three bytes. */
  private final int[] lastPlaces = new int[1 << HASH_BITS];

  private final int[] lastShortPlaces = new int[1 << HASH_BITS];

  /** For each place in history the one before it with the same hash. */
  private final int[] earlierPlaces = new int[HISTORY_BYTES];

  /**
   * @param level 1 (fastest) to 9 (smallest), as zlib's
   */
  public DeflateEncoder(int level) {
    effort = Effort.ofLevel(level);
    forget();
  }

  /** Encodes some bytes of a part. */
  public void encode(byte[] bytes, int offset, int length, ByteSink encoded) throws IOException {
    int from = offset;
    int left = length;
    while (left > 0) {
      int blockBytes = Math.min(left, MOST_BLOCK_BYTES);
      int start = append(bytes, from, blockBytes);
      block.clear();
      parse(start, windowEnd);
      block.write(window, start, blockBytes, bits);
      handOn(encoded);
      from += blockBytes;
      left -= blockBytes;
    }
  }

  /** Ends a part; the next one may begin. */
  public void endPart(ByteSink encoded) throws IOException {
    Block.store(window, 0, 0, bits);
    handOn(encoded);
    forget();
  }

  private void handOn(ByteSink encoded) throws IOException {
    encoded.write(bits.buffer(), 0, bits.position());
    bits.clear();
  }

  private void forget() {
    windowEnd = 0;
    Arrays.fill(lastPlaces, NOWHERE);
    Arrays.fill(lastShortPlaces, NOWHERE);
  }

  private int append(byte[] bytes, int offset, int length) {
    if (windowEnd + length > WINDOW_BYTES) {
      // By whole turns of the places before, which so stay where they are.
      int moved = (windowEnd - HISTORY_BYTES) & ~HISTORY_MASK;
      System.arraycopy(window, moved, window, 0, windowEnd - moved);
      windowEnd -= moved;
      moveBack(lastPlaces, moved);
      moveBack(lastShortPlaces, moved);
      moveBack(earlierPlaces, moved);
    }
    int start = windowEnd;
    System.arraycopy(bytes, offset, window, start, length);
    windowEnd += length;
    return start;
  }

  private static void moveBack(int[] places, int bytes) {
    for (int i = 0; i < places.length; i++) {
      places[i] = Math.max(places[i] - bytes, NOWHERE);
    }
  }

  /** Divides bytes into literals and matches. */
  private void parse(int from, int to) {
    int lastWord = to - WORD_BYTES;
    int place = from;
    while (place <= lastWord) {
      int match = longestMatch(place, to, 0, effort.chain());
      if (match == 0) {
        block.literal(window[place++]);
        continue;
      }
      // One that begins a byte later may be better.
      int known = place;
      while (length(match) < effort.lazyBelowBytes() && known < lastWord) {
        known++;
        int next = longestMatch(known, to, length(match), effort.chain() >> 1);
        if (next == 0 || !isWorthALiteral(next, match)) {
          break;
        }
        block.literal(window[place]);
        place = known;
        match = next;
      }
      block.match(length(match), distance(match));
      int end = place + length(match);
      for (int skipped = known + 1; skipped < Math.min(end, lastWord + 1); skipped++) {
        remember(skipped);
      }
      place = end;
    }
    while (place < to) {
      block.literal(window[place++]);
    }
  }

  /** Four bits for each byte more, and what the distance takes less. */
  private static boolean isWorthALiteral(int next, int match) {
    int closer =
        Integer.numberOfLeadingZeros(distance(next))
            - Integer.numberOfLeadingZeros(distance(match));
    return 4 * (length(next) - length(match)) + closer > 2;
  }

  private static int length(int match) {
    return match >>> 16;
  }

  private static int distance(int match) {
    return match & 0xffff;
  }

  private static int hash(int word) {
    return (word * HASH_FACTOR) >>> HASH_SHIFT;
  }

  private void remember(int place) {
    int word = (int) INT.get(window, place);
    lastShortPlaces[hash(word & FIRST_THREE_BYTES)] = place;
    int hash = hash(word);
    earlierPlaces[place & HISTORY_MASK] = lastPlaces[hash];
    lastPlaces[hash] = place;
  }

  /**
   * Remembers the place, and finds the longest match of more than {@code least} bytes; 0 when there
   * is none.
   */
  private int longestMatch(int place, int to, int least, int chain) {
    byte[] bytes = window;
    int word = (int) INT.get(bytes, place);
    int oldest = Math.max(place - HISTORY_BYTES + 1, 0);
    int best = 0;
    int bestLength = least;

    int shortHash = hash(word & FIRST_THREE_BYTES);
    int near = lastShortPlaces[shortHash];
    lastShortPlaces[shortHash] = place;
    if (bestLength < Symbols.SHORTEST_MATCH_BYTES) {
      bestLength = Symbols.SHORTEST_MATCH_BYTES;
      if (near >= oldest
          && place - near <= FARTHEST_SHORT_MATCH
          && (((int) INT.get(bytes, near) ^ word) & FIRST_THREE_BYTES) == 0) {
        best = match(Symbols.SHORTEST_MATCH_BYTES, place - near);
      }
    }

    int hash = hash(word);
    int candidate = lastPlaces[hash];
    earlierPlaces[place & HISTORY_MASK] = candidate;
    lastPlaces[hash] = place;

    int most = Math.min(Symbols.LONGEST_MATCH_BYTES, to - place);
    int enough = Math.min(effort.enoughBytes(), most);
    int tail = bestLength - 3;
    int tailWord = (int) INT.get(bytes, place + tail);
    for (int left = chain; candidate >= oldest && left > 0; left--) {
      if ((int) INT.get(bytes, candidate + tail) == tailWord
          && (int) INT.get(bytes, candidate) == word) {
        int length = matchLength(bytes, candidate, place, most);
        if (length > bestLength) {
          bestLength = length;
          best = match(length, place - candidate);
          if (length >= enough) {
            break;
          }
          tail = length - 3;
          tailWord = (int) INT.get(bytes, place + tail);
        }
      }
      candidate = earlierPlaces[candidate & HISTORY_MASK];
    }
    return best;
  }

  private static int match(int length, int distance) {
    return length << 16 | distance;
  }

  /** How many bytes are the same, when the first word is. */
  private static int matchLength(byte[] bytes, int earlier, int place, int most) {
    int length = WORD_BYTES;
    while (length < most) {
      long difference =
          (long) LONG.get(bytes, earlier + length) ^ (long) LONG.get(bytes, place + length);
      if (difference != 0) {
        return Math.min(length + (Long.numberOfTrailingZeros(difference) >>> 3), most);
      }
      length += Long.BYTES;
    }
    return most;
  }
}
