package io.polystream.output;

import java.io.Serializable;

/**
 * Where a part ends: at the end of the first row that reaches one of these.
 *
 * @param plainBytes before compression
 */
public record PartLimits(long plainBytes, long rows) implements Serializable {
  private static final long serialVersionUID = 1L;

  public PartLimits {
    if (plainBytes < 1 || rows < 1) {
      throw new IllegalArgumentException("parts of " + plainBytes + " bytes and " + rows + " rows");
    }
  }

  /** Parts that end by their bytes alone. */
  static PartLimits ofBytes(long plainBytes) {
    return new PartLimits(plainBytes, Long.MAX_VALUE);
  }
}
