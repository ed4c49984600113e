package io.polystream.output;

import java.io.Serializable;

/**
 * Where a part ends: at the end of the first row that reaches one of these.
 *
 * @param plainBytes before compression
 */
public record PartLimits(long plainBytes, long rows) implements Serializable {
  private static final long serialVersionUID = 1L;

  /** What a reader's buffer holds. */
  public static final PartLimits USUAL = new PartLimits(PartBuffer.USUAL_BYTES, Long.MAX_VALUE);

  public PartLimits {
    if (plainBytes < 1 || rows < 1) {
      throw new IllegalArgumentException("parts of " + plainBytes + " bytes and " + rows + " rows");
    }
  }
}
