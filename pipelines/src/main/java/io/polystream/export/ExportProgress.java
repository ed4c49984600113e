package io.polystream.export;

/**
 * How far an export is.
 *
 * @param bytes in the output
 * @param estimatedRows by the database's statistics and the limit, -1 when unknown
 */
public record ExportProgress(
    long rows,
    long bytes,
    int partitionsDone,
    int partitionsTotal,
    long estimatedRows,
    double seconds) {
  /** 0 to 1, or -1 when there is nothing to tell it by. */
  public double fraction() {
    if (partitionsTotal > 1) {
      return (double) partitionsDone / partitionsTotal;
    }
    return estimatedRows > 0 ? Math.min(1, (double) rows / estimatedRows) : -1;
  }
}
