package io.polystream.export;

import io.polystream.error.ErrorKind;
import io.polystream.error.PolyStreamException;
import io.polystream.format.Encoding;
import io.polystream.output.OrderedAppender;
import io.polystream.output.PartWriter;
import io.polystream.source.Database;
import io.polystream.source.PartitionReads;
import java.io.IOException;
import java.sql.Connection;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Reads one partition in a worker and leaves its parts in the store. Looks every now and then
 * whether they are still wanted: a runner's cancel may not reach it.
 */
final class RemoteReader implements LaneMonitor {
  private static final long LOOK_NANOS = 1_000_000_000;

  /** How many readers of an export are at work in this process. */
  private static final Map<String, Integer> READING_HERE = new ConcurrentHashMap<>();

  /** Exports that failed in this process, whose store is gone: there is no word to stop in it. */
  private static final Set<String> STOPPED_HERE = ConcurrentHashMap.newKeySet();

  private final RemoteJob job;
  private long nextLookNanos = System.nanoTime();

  RemoteReader(RemoteJob job) {
    this.job = job;
  }

  /** Has readers in this process begin nothing more. */
  static void stopHere(String exportId) {
    STOPPED_HERE.add(exportId);
  }

  private boolean isStopped() {
    return STOPPED_HERE.contains(job.exportId()) || job.store().isStopped();
  }

  /** Keeps what has failed for the submitter, if it wants to hear anything still. */
  void noteFailure(PolyStreamException failure) {
    if (!isStopped()) {
      job.store().noteFailure(failure);
    }
  }

  static boolean isAnyReadingHere(String exportId) {
    return READING_HERE.containsKey(exportId);
  }

  /** Returns how many rows it had. */
  long read(RemotePartition partition, Connection connection) throws IOException {
    READING_HERE.merge(job.exportId(), 1, Integer::sum);
    try {
      // A runner that has lost one worker may have the others begin anew, too.
      boolean wanted = !isStopped() && !job.store().has(partition.index());
      return wanted ? readParts(partition, connection) : 0;
    } catch (PolyStreamException e) {
      // Whoever is interrupted was told to end: what fails then is no reason for anything.
      if (!Thread.currentThread().isInterrupted()) {
        noteFailure(e);
      }
      throw e;
    } finally {
      READING_HERE.computeIfPresent(job.exportId(), (id, count) -> count == 1 ? null : count - 1);
    }
  }

  private long readParts(RemotePartition partition, Connection connection) throws IOException {
    Encoding encoding = job.encoding();
    try (Database database = job.openDatabase();
        PartitionReads reads = database.join(job.ticket());
        PartStore.Attempt attempt = job.store().newAttempt(partition.index())) {
      OrderedAppender appender = new OrderedAppender(attempt, job.rowLimit(), partition.index());
      try (PartWriter writer =
          appender.newWriter(encoding.separator(), job.compression(), job.partLimits())) {
        new LaneReader(reads, connection, encoding.encoders().get(), writer, this)
            .read(partition.index(), partition.partition());
        attempt.commit(appender.limitCutRows());
        return writer.parts().stream().mapToLong(placed -> placed.part().rows()).sum();
      }
    }
  }

  @Override
  public void addRows(long count) {
    // The sidecar says it.
  }

  @Override
  public void requireActive() {
    if (Thread.currentThread().isInterrupted()) {
      throw new PolyStreamException(ErrorKind.CANCELLED, "the runner ended this reader");
    }
    if (System.nanoTime() - nextLookNanos >= 0) {
      nextLookNanos = System.nanoTime() + LOOK_NANOS;
      if (isStopped()) {
        throw new PolyStreamException(ErrorKind.CANCELLED, "the export was stopped");
      }
    }
  }
}
