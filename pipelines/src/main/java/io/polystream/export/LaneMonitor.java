package io.polystream.export;

/** Who looks after a reader while it reads. Thread-safe. */
interface LaneMonitor {
  /** Takes note of rows that were read since the last call; fewer than none when read again. */
  void addRows(long count);

  /**
   * Looks whether the reader should go on.
   *
   * @throws io.polystream.error.PolyStreamException of kind {@code CANCELLED} when the reader
   *     should stop
   */
  void requireActive();
}
