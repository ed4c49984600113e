package io.polystream.output;

import io.polystream.error.ErrorKind;
import io.polystream.error.PolyStreamException;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Lets any number of readers write one output in partition order. A partition whose turn it is
 * writes through; the others fill the buffer of their {@link PartWriter} and wait. Lanes are
 * interleaved, so turns come round and waits are short. Thread-safe; a reader that holds the turn
 * never waits for another.
 */
public final class OrderedAppender {
  private final PartFiles files;
  private final boolean rowsAreLimited;
  private final AtomicLong bytesWritten = new AtomicLong();

  // Guarded by this.
  private int turn;
  private boolean stopped;

  private final AtomicLong remainingRows;

  private volatile boolean limitCutRows;

  /**
   * Begins with the first partition.
   *
   * @param maxRows how many rows the output may have, when that is limited
   */
  public OrderedAppender(PartFiles files, OptionalLong maxRows) {
    this(files, maxRows, 0);
  }

  /** Begins with a partition. */
  public OrderedAppender(PartFiles files, OptionalLong maxRows, int firstPartition) {
    this.files = files;
    rowsAreLimited = maxRows.isPresent();
    remainingRows = new AtomicLong(maxRows.orElse(Long.MAX_VALUE));
    turn = firstPartition;
  }

  /**
   * The writer of one reader, with its buffer; the reader closes it.
   *
   * @param separator between two rows of a part
   */
  public PartWriter newWriter(byte[] separator, Compression compression, PartLimits limits) {
    return new PartWriter(this, separator, compression, limits, PartBuffer.USUAL_BYTES);
  }

  /** Makes every wait, now and later, end with an exception. */
  public synchronized void stop() {
    stopped = true;
    notifyAll();
  }

  /** Bytes of parts in the output so far, from any thread. */
  public long bytesWritten() {
    return bytesWritten.get();
  }

  /** Whether the row limit kept a row out that the source has. */
  public boolean limitCutRows() {
    return limitCutRows;
  }

  /** Whether the output has all the rows it may have, and the source is known to have more. */
  public boolean isFull() {
    return limitCutRows && remainingRows.get() == 0;
  }

  /** Says that the source has more rows than the output may have. */
  public void noteRowsBeyondLimit() {
    limitCutRows = true;
  }

  /** The partition whose turn it is, and so how many are in the output. */
  public synchronized int partitionsWritten() {
    return turn;
  }

  synchronized void awaitTurn(int partition) {
    while (turn != partition && !stopped) {
      try {
        wait();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        stop();
      }
    }
    if (stopped) {
      throw new PolyStreamException(ErrorKind.CANCELLED, "the export was stopped");
    }
  }

  /** Lets the next partition have the turn. */
  public synchronized void passTurn() {
    turn++;
    notifyAll();
  }

  synchronized boolean isTurn(int partition) {
    return turn == partition;
  }

  /** How many more rows fit: exact for whoever holds the turn, too many for the others. */
  public long remainingRows() {
    return remainingRows.get();
  }

  boolean rowsAreLimited() {
    return rowsAreLimited;
  }

  // For whoever holds the turn: (begin append* end)*.

  /** Begins a part, see {@link PartFiles#begin}. */
  public void begin(long bytes, long rows, int footerEntryBytes) {
    files.begin(bytes, rows, footerEntryBytes);
  }

  /** Appends bytes of the part. */
  public void append(byte[] bytes, int offset, int length) {
    files.append(bytes, offset, length);
    bytesWritten.addAndGet(length);
  }

  /** Ends the part, whose bytes are all appended, see {@link PartFiles#end}. */
  public PlacedPart end(Part part, byte[] footerEntry) {
    remainingRows.addAndGet(-part.rows());
    return files.end(part, footerEntry);
  }
}
