package io.polystream.row;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * Text eight bytes at a time: a word has the first byte lowest. What is found in a word is its
 * highest bits: those of the first byte that matches are right, those above may be wrong (H. S.
 * Warren, Hacker's Delight, section 6-1).
 */
public final class Words {
  private static final VarHandle WORDS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private static final long LOWEST_BITS = 0x0101010101010101L;
  private static final long HIGHEST_BITS = 0x8080808080808080L;

  private Words() {}

  /** The word that begins there. */
  public static long get(byte[] bytes, int offset) {
    return (long) WORDS.get(bytes, offset);
  }

  public static void set(byte[] bytes, int offset, long word) {
    WORDS.set(bytes, offset, word);
  }

  /** A word of nothing but one character of ASCII. */
  public static long of(char character) {
    return LOWEST_BITS * character;
  }

  /** Where two words are alike; 0 for nowhere. */
  public static long matches(long word, long other) {
    long difference = word ^ other;
    return (difference - LOWEST_BITS) & ~difference & HIGHEST_BITS;
  }

  /** The number of the first byte among matches, of which there is one. */
  public static int first(long matches) {
    return Long.numberOfTrailingZeros(matches) / Byte.SIZE;
  }
}
