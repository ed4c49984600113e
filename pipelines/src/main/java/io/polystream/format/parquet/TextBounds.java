package io.polystream.format.parquet;

import io.polystream.row.Utf8Slice;
import java.util.Arrays;
import org.apache.parquet.column.statistics.Statistics;
import org.apache.parquet.internal.column.columnindex.BinaryTruncator;
import org.apache.parquet.io.api.Binary;
import org.apache.parquet.schema.PrimitiveType;

/**
 * Bounds of a page's texts, by their first bytes, which is all that readers are told: values may
 * have megabytes, and parquet-java would keep four of them whole. Texts compare as unsigned bytes.
 * Not thread-safe.
 */
final class TextBounds {
  /** What bounds in a file have at most; parquet-java cuts those of pages there, too. */
  static final int BOUND_BYTES = 64;

  /** Some more, so that cutting ends at a character and a greatest one can be made greater. */
  private static final int KEPT_BYTES = BOUND_BYTES + 8;

  private final PrimitiveType type;
  private final BinaryTruncator truncator;
  private final byte[] least = new byte[KEPT_BYTES];
  private final byte[] greatest = new byte[KEPT_BYTES];
  private int leastLength = -1;
  private int greatestLength = -1;
  private long nulls;

  TextBounds(PrimitiveType type) {
    this.type = type;
    truncator = BinaryTruncator.getTruncator(type);
  }

  void add(Utf8Slice text) {
    byte[] bytes = text.bytes();
    int from = text.offset();
    int length = Math.min(KEPT_BYTES, text.length());
    if (leastLength < 0 || compare(bytes, from, length, least, leastLength) < 0) {
      System.arraycopy(bytes, from, least, 0, length);
      leastLength = length;
    }
    if (greatestLength < 0 || compare(bytes, from, length, greatest, greatestLength) > 0) {
      System.arraycopy(bytes, from, greatest, 0, length);
      greatestLength = length;
    }
  }

  private static int compare(byte[] bytes, int from, int length, byte[] bound, int boundLength) {
    return Arrays.compareUnsigned(bytes, from, from + length, bound, 0, boundLength);
  }

  void addNull() {
    nulls++;
  }

  /** What there was since the last call; without bounds when there is none above the greatest. */
  Statistics<?> take() {
    Statistics.Builder statistics = Statistics.getBuilderForReading(type).withNumNulls(nulls);
    if (leastLength >= 0) {
      Binary upper = truncator.truncateMax(copy(greatest, greatestLength), BOUND_BYTES);
      Binary lower = truncator.truncateMin(copy(least, leastLength), BOUND_BYTES);
      if (upper.length() <= BOUND_BYTES && lower.length() <= BOUND_BYTES) {
        statistics.withMin(lower.getBytes()).withMax(upper.getBytes());
      }
    }
    leastLength = -1;
    greatestLength = -1;
    nulls = 0;
    return statistics.build();
  }

  private static Binary copy(byte[] bytes, int length) {
    return Binary.fromConstantByteArray(Arrays.copyOf(bytes, length));
  }
}
