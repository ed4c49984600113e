package io.polystream.source;

/**
 * What the database's planner expects of a statement, by its statistics.
 *
 * @param rows 0 or more
 * @param rowBytes of an average row, as the database counts them; values stored outside the row
 *     count little
 */
public record Estimate(long rows, long rowBytes) {
  public Estimate {
    if (rows < 0 || rowBytes < 0) {
      throw new IllegalArgumentException(rows + " rows of " + rowBytes + " bytes");
    }
  }
}
