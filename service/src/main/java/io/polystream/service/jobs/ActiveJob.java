package io.polystream.service.jobs;

import io.polystream.error.ErrorKind;
import io.polystream.error.PolyStreamException;
import io.polystream.export.ExportProgress;
import io.polystream.export.Exporter;
import io.polystream.output.GrowingFile;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** A job that waits for its turn or runs. Thread-safe. */
public final class ActiveJob {
  private final UUID id;
  private final long queuedNanos = System.nanoTime();
  private final CountDownLatch ended = new CountDownLatch(1);

  // Guarded by this.
  private Exporter exporter;
  private Stop stop;
  private long startedNanos;

  /** Why a job is stopped before it is done. */
  enum Stop {
    CANCELLED("cancelled"),
    TIMEOUT("took longer than exports may"),
    DISK_FULL("exports use more of the disk than they may"),
    /** The service ends; the job starts again with the next one. */
    DRAINED("the service is ending");

    private final String words;

    Stop(String words) {
      this.words = words;
    }
  }

  ActiveJob(UUID id) {
    this.id = id;
  }

  public UUID id() {
    return id;
  }

  /**
   * Its turn has come.
   *
   * @return false when it was stopped meanwhile
   */
  synchronized boolean start(Exporter itsExporter) {
    if (stop != null) {
      return false;
    }
    exporter = itsExporter;
    startedNanos = System.nanoTime();
    return true;
  }

  double queueSeconds() {
    return (System.nanoTime() - queuedNanos) / 1e9;
  }

  /** How long it runs; empty before it does. */
  synchronized OptionalDouble runSeconds() {
    return exporter == null
        ? OptionalDouble.empty()
        : OptionalDouble.of((System.nanoTime() - startedNanos) / 1e9);
  }

  /** Stops it, now or before it starts; the first reason counts. Returns at once. */
  synchronized void stop(Stop reason) {
    if (stop != null) {
      return;
    }
    stop = reason;
    if (exporter != null) {
      exporter.cancel(new PolyStreamException(ErrorKind.CANCELLED, "export " + reason.words));
    }
  }

  synchronized Optional<Stop> stopped() {
    return Optional.ofNullable(stop);
  }

  void end() {
    ended.countDown();
  }

  /** Whether it is over, or is within the time. */
  public boolean awaitEnd(long timeoutMillis) throws InterruptedException {
    return ended.await(timeoutMillis, TimeUnit.MILLISECONDS);
  }

  /** Its file while it grows, once there is one. */
  public synchronized Optional<GrowingFile> growing() {
    return exporter == null ? Optional.empty() : exporter.growing();
  }

  /** Whether its file is whole, and it is about to end. */
  boolean hasFile() {
    return growing().filter(GrowingFile::isFinished).isPresent();
  }

  /** How far it is, once its rows flow. */
  public synchronized Optional<ExportProgress> progress() {
    return exporter == null ? Optional.empty() : exporter.progress();
  }
}
