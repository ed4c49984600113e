package io.polystream.output;

import java.io.Serializable;
import java.util.Comparator;

/**
 * Where a part is in the output.
 *
 * @param file the file's number, from 0
 * @param offset of the part's first byte in the file
 */
public record PlacedPart(Part part, int file, long offset) implements Serializable {
  private static final long serialVersionUID = 1L;

  /** The order of the output. */
  public static final Comparator<PlacedPart> IN_ORDER =
      Comparator.comparingInt((PlacedPart placed) -> placed.part().partition())
          .thenComparingInt(placed -> placed.part().piece());

  public PlacedPart {
    if (file < 0 || offset < 0) {
      throw new IllegalArgumentException(part + " has a negative place");
    }
  }
}
