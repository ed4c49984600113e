package io.polystream.output;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * One file of an export while it is written: how much of it is what the finished file will have. It
 * grows by whole parts, as the journal does, and ends either finished, under its own name, or
 * abandoned. Thread-safe; whoever reads along keeps an open channel, which outlives the renaming.
 */
public final class GrowingFile {
  private final Path partial;
  private final Path finished;

  // Guarded by this.
  private long safeBytes;
  private Phase phase = Phase.GROWING;

  /** What becomes of the file. */
  public enum Phase {
    GROWING,
    /** All its bytes are there, and safe. */
    FINISHED,
    /** There will be no more bytes, and no file: what was read of it is worth nothing. */
    ABANDONED
  }

  /**
   * How far the file is.
   *
   * @param safeBytes from its beginning, which do not change any more
   */
  public record Extent(long safeBytes, Phase phase) {}

  GrowingFile(Path partial, Path finished) {
    this.partial = partial;
    this.finished = finished;
  }

  /** Opens the file for reading, whether it grows still or is finished. The caller closes it. */
  public FileChannel open() throws IOException {
    try {
      return FileChannel.open(partial, StandardOpenOption.READ);
    } catch (NoSuchFileException renamed) {
      return FileChannel.open(finished, StandardOpenOption.READ);
    }
  }

  /**
   * Waits until there are more safe bytes than these, or no more will come.
   *
   * @return how far the file is then, or when the time is over
   */
  public synchronized Extent await(long bytes, long timeoutMillis) throws InterruptedException {
    long deadline = System.nanoTime() + timeoutMillis * 1_000_000;
    while (safeBytes <= bytes && phase == Phase.GROWING) {
      long leftMillis = (deadline - System.nanoTime()) / 1_000_000;
      if (leftMillis <= 0) {
        break;
      }
      wait(leftMillis);
    }
    return new Extent(safeBytes, phase);
  }

  public synchronized boolean isFinished() {
    return phase == Phase.FINISHED;
  }

  synchronized void grow(long bytes) {
    safeBytes = bytes;
    notifyAll();
  }

  synchronized void finish(long bytes) {
    safeBytes = bytes;
    phase = Phase.FINISHED;
    notifyAll();
  }

  /** Does nothing to a finished file. */
  synchronized void abandon() {
    if (phase == Phase.GROWING) {
      phase = Phase.ABANDONED;
      notifyAll();
    }
  }
}
