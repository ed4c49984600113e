package io.polystream.service.jobs;

import io.polystream.error.PolyStreamException;
import io.polystream.export.ExportProgress;
import io.polystream.export.ExportSummary;
import io.polystream.export.Exporter;
import io.polystream.output.ExportFile;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;

/**
 * Runs jobs in the order they came, some at once, and looks after them: time, disk, expiry, the end
 * of the service. Owns its threads. Thread-safe.
 */
public final class JobRunner implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(JobRunner.class);

  /** A request that ends the process each time must not do so for ever. */
  private static final int MOST_ATTEMPTS = 3;

  /** How long jobs without a file are remembered. */
  private static final Duration REMEMBERED = Duration.ofDays(30);

  private static final long WATCH_MILLIS = 500;
  private static final long MOST_EXPIRY_MILLIS = 60_000;

  /**
   * Statements end in the server within 2 s, and files are deleted; for a server that does not
   * answer an export waits 10 s, and cleans up then.
   */
  private static final long STOP_MILLIS = 12_000;

  private final JobStore store;
  private final ExportDirectory directory;
  private final Function<Job, Exporter> exporters;
  private final RunnerLimits limits;
  private final JobEvents events;
  private final Clock clock;

  private final Semaphore slots;
  private final LinkedBlockingQueue<ActiveJob> queue = new LinkedBlockingQueue<>();
  private final Map<UUID, ActiveJob> active = new ConcurrentHashMap<>();
  private final List<Thread> threads = new ArrayList<>();

  private volatile boolean draining;
  private volatile boolean closed;

  /**
   * @param exporters what runs a job: its file is the directory's for the job
   */
  public JobRunner(
      JobStore store,
      ExportDirectory directory,
      Function<Job, Exporter> exporters,
      RunnerLimits limits,
      JobEvents events,
      Clock clock) {
    this.store = store;
    this.directory = directory;
    this.exporters = exporters;
    this.limits = limits;
    this.events = events;
    this.clock = clock;
    slots = new Semaphore(limits.concurrentExports(), true);
  }

  /** Begins to work. Once, after {@link #recover}. */
  public void start() {
    for (int i = 0; i < limits.concurrentExports(); i++) {
      startThread("export-" + i, this::work);
    }
    startThread("watch", this::watch);
  }

  private void startThread(String name, Runnable task) {
    Thread thread = new Thread(task, name);
    thread.setDaemon(true);
    threads.add(thread);
    thread.start();
  }

  /** Takes up what an earlier service left; runs nothing yet. Once, before anything else. */
  public void recover() {
    for (Job job : store.withStatus(JobStatus.RUNNING)) {
      if (job.attempts() >= MOST_ATTEMPTS) {
        JobFailure failure =
            new JobFailure(
                JobFailure.Reason.CRASHED,
                "the service ended "
                    + job.attempts()
                    + " times while it ran this export: see its log, and its memory");
        store.fail(job.id(), Job.Progress.NONE, failure);
      } else {
        store.restart(job.id());
      }
    }
    Set<UUID> withFiles = new HashSet<>();
    for (Job job : store.withStatus(JobStatus.COMPLETED)) {
      if (job.isOneShot()) {
        store.forget(job.id());
      } else if (hasFile(job)) {
        withFiles.add(job.id());
      } else {
        store.fail(
            job.id(),
            job.progress(),
            new JobFailure(
                JobFailure.Reason.LOST,
                "the file was gone when the service started: run the export again"));
      }
    }
    int swept = directory.sweep(withFiles);
    int restarted = 0;
    for (Job job : store.withStatus(JobStatus.PENDING)) {
      if (job.isOneShot()) {
        // Whoever asked for it is gone.
        store.forget(job.id());
      } else {
        enqueue(job.id());
        restarted++;
      }
    }
    if (restarted + swept > 0) {
      LOG.info("{} exports start again, {} files of earlier ones were removed", restarted, swept);
    }
  }

  private boolean hasFile(Job job) {
    try {
      return Files.size(directory.file(job)) == job.file().orElseThrow().bytes();
    } catch (IOException missing) {
      return false;
    }
  }

  /**
   * Takes a job in, unless its key is that of an earlier one.
   *
   * @throws JobRefusedException when there is no room
   */
  public JobStore.Insertion submit(NewJob job) {
    synchronized (queue) {
      Optional<JobStore.Insertion> earlier =
          job.idempotencyKey().flatMap(key -> store.underKey(key, job));
      if (earlier.isPresent()) {
        return earlier.get();
      }
      requireRoom();
      JobStore.Insertion inserted = store.insert(job);
      if (inserted instanceof JobStore.Insertion.Created created) {
        enqueue(created.job().id());
      }
      return inserted;
    }
  }

  /**
   * Says that the service takes nothing more in.
   *
   * @throws JobRefusedException once it is ending
   */
  public void requireNotDraining() {
    if (draining) {
      throw new JobRefusedException(
          JobRefusedException.Cause.DRAINING, "the service is ending: ask again in a moment");
    }
  }

  private void requireRoom() {
    requireNotDraining();
    // One that finds a worker idle does not wait.
    if (active.size() >= limits.concurrentExports() + limits.queuedExports()) {
      throw new JobRefusedException(
          JobRefusedException.Cause.QUEUE_FULL,
          "as many exports wait as may, " + limits.queuedExports() + ": ask again later");
    }
    if (limits.diskBytes().isPresent() && usedBytes() >= limits.diskBytes().getAsLong()) {
      throw new JobRefusedException(
          JobRefusedException.Cause.DISK_LIMIT,
          "exports use all of the disk they may, "
              + limits.diskBytes().getAsLong()
              + " bytes: delete some, or wait until they expire");
    }
  }

  private void enqueue(UUID id) {
    ActiveJob job = new ActiveJob(id);
    active.put(id, job);
    queue.add(job);
  }

  /** The job while it waits or runs. */
  public Optional<ActiveJob> active(UUID id) {
    return Optional.ofNullable(active.get(id));
  }

  /** A job, and how far it is, at one moment. */
  public record View(Job job, Job.Progress progress) {}

  /** A job as it is now, for whoever has found it in the store a moment ago. */
  public View view(Job found) {
    Optional<ActiveJob> at = active(found.id());
    // One that has ended meanwhile has its last numbers in the store, and only there.
    Job job =
        at.isEmpty() && found.status().isUnfinished()
            ? store
                .find(found.id())
                .filter(ended -> ended.status() != JobStatus.DELETED)
                .orElse(found)
            : found;
    return new View(
        job, at.flatMap(ActiveJob::progress).map(JobRunner::progress).orElse(job.progress()));
  }

  private static Job.Progress progress(ExportProgress progress) {
    return new Job.Progress(
        progress.rows(),
        progress.bytes(),
        progress.partitionsDone(),
        progress.partitionsTotal(),
        progress.seconds());
  }

  /** How many wait for their turn. */
  public int queued() {
    return queue.size();
  }

  /** How many run. */
  public int running() {
    return active.size() - queue.size();
  }

  /**
   * Stops a job that is not finished. Its statements in the server end soon after.
   *
   * @return whether there was one to stop
   */
  public boolean cancel(UUID id) {
    ActiveJob job = active.get(id);
    if (job == null) {
      return false;
    }
    job.stop(ActiveJob.Stop.CANCELLED);
    if (queue.remove(job)) {
      try {
        store.cancel(id, Job.Progress.NONE);
      } catch (PolyStreamException e) {
        // Its turn will come, and it will be found stopped.
        queue.add(job);
        throw e;
      }
      ended(job, store.find(id));
    }
    return true;
  }

  /** Stops a job if it runs, deletes its file, and remembers only that it was there. */
  public void delete(Job job) {
    // On a full disk there has to be room before the store can remember anything.
    directory.delete(job);
    store.setStatus(job.id(), JobStatus.DELETED);
    cancel(job.id());
    // It may have been finished meanwhile.
    directory.delete(job);
  }

  /** As {@link #delete}, and remembers nothing; what has its file already may end in order. */
  public void forget(Job job) throws InterruptedException {
    Optional<ActiveJob> ending = active(job.id()).filter(ActiveJob::hasFile);
    if (ending.isPresent()) {
      ending.get().awaitEnd(STOP_MILLIS);
    }
    delete(job);
    if (!active.containsKey(job.id())) {
      store.forget(job.id());
    }
  }

  /**
   * Runs something that takes an export's turn without being a job, and has to end soon once {@link
   * #isDraining}.
   *
   * @param isWanted asked again and again while it waits
   * @throws JobRefusedException when the service ends before its turn
   * @throws CancellationException when nobody wants it any more
   */
  public <T> T inSlot(BooleanSupplier isWanted, Callable<T> work) throws Exception {
    while (!slots.tryAcquire(WATCH_MILLIS, TimeUnit.MILLISECONDS)) {
      requireNotDraining();
      if (!isWanted.getAsBoolean()) {
        throw new CancellationException("nobody waits for it any more");
      }
    }
    try {
      requireNotDraining();
      return work.call();
    } finally {
      slots.release();
    }
  }

  private void work() {
    try {
      while (!draining) {
        slots.acquire();
        try {
          ActiveJob next = queue.poll(WATCH_MILLIS, TimeUnit.MILLISECONDS);
          if (next != null && !draining) {
            run(next);
          } else if (next != null) {
            // It has its turn with the next service.
            queue.add(next);
            next.end();
          }
        } finally {
          slots.release();
        }
      }
    } catch (InterruptedException e) {
      // The service has ended.
    }
  }

  private void run(ActiveJob turn) throws InterruptedException {
    try (MDC.MDCCloseable unused = MDC.putCloseable("exportId", turn.id().toString())) {
      Runnable outcome = export(turn);
      withStore(
          () -> {
            outcome.run();
            return true;
          });
      ended(turn, withStore(() -> store.find(turn.id())));
    }
  }

  /** Runs it, and gives what the store has to be told of it. */
  private Runnable export(ActiveJob turn) throws InterruptedException {
    UUID id = turn.id();
    try {
      Job job = withStore(() -> store.find(id)).orElseThrow();
      Exporter exporter = exporters.apply(job);
      double queueSeconds = turn.queueSeconds();
      if (!turn.start(exporter)) {
        return stopped(turn);
      }
      events.started(
          withStore(
              () -> {
                store.start(id, queueSeconds);
                return store.find(id).orElse(job);
              }));
      LOG.info("export begins: {} from {}", job.format().name(), job.request());
      ExportSummary summary = exporter.run(id.toString());
      LOG.info(
          "export completed: {} rows, {} bytes in {} s",
          summary.rows(),
          summary.bytes(),
          summary.seconds());
      // The summary's seconds were over before the file was safe and had its name.
      Job.Progress progress =
          new Job.Progress(
              summary.rows(),
              summary.bytes(),
              summary.partitions(),
              summary.partitions(),
              turn.progress().map(ExportProgress::seconds).orElse(summary.seconds()));
      ExportFile file = summary.files().get(0);
      Job.JobFile whole =
          new Job.JobFile(file.bytes(), file.crc32c(), summary.limited(), summary.warnings());
      return () -> store.complete(id, progress, whole);
    } catch (PolyStreamException e) {
      LOG.warn("there is no file: {}", e.getMessage());
      return unfinished(turn, JobFailure.of(e));
    } catch (RuntimeException | Error e) {
      LOG.error("export failed by a defect", e);
      return unfinished(turn, JobFailure.defect());
    }
  }

  /**
   * Asks or tells the store something, again and again while it does not work: its disk may be full
   * for a while, and a job whose end it does not know would never end.
   */
  private <T> T withStore(Supplier<T> work) throws InterruptedException {
    while (true) {
      try {
        return work.get();
      } catch (PolyStreamException e) {
        if (closed) {
          throw new InterruptedException("the service has ended");
        }
        LOG.warn("{}; trying again", e.getMessage());
        Thread.sleep(WATCH_MILLIS);
      }
    }
  }

  private Runnable unfinished(ActiveJob turn, JobFailure failure) {
    return turn.stopped().isPresent()
        ? stopped(turn)
        : () -> store.fail(turn.id(), lastProgress(turn), failure);
  }

  private static Job.Progress lastProgress(ActiveJob turn) {
    return turn.progress().map(JobRunner::progress).orElse(Job.Progress.NONE);
  }

  private Runnable stopped(ActiveJob turn) {
    UUID id = turn.id();
    Job.Progress progress = lastProgress(turn);
    ActiveJob.Stop stop = turn.stopped().orElseThrow();
    LOG.info("export stopped: {}", stop);
    return switch (stop) {
      case CANCELLED -> () -> store.cancel(id, progress);
      case DRAINED -> () -> store.takeBack(id);
      case TIMEOUT ->
          () ->
              store.fail(
                  id,
                  progress,
                  new JobFailure(
                      JobFailure.Reason.TIMEOUT,
                      "the export took longer than "
                          + limits.exportTimeout().toSeconds()
                          + " s, which EXPORT_TIMEOUT allows"));
      case DISK_FULL ->
          () ->
              store.fail(
                  id,
                  progress,
                  new JobFailure(
                      JobFailure.Reason.DISK_FULL,
                      "exports together have more than "
                          + limits.diskBytes().orElseThrow()
                          + " bytes, which EXPORT_DISK_LIMIT allows: delete some"));
    };
  }

  /**
   * Whoever waits for the end finds the store up to date.
   *
   * @param job as the store has it now
   */
  private void ended(ActiveJob turn, Optional<Job> job) {
    active.remove(turn.id());
    try {
      if (job.isPresent() && job.get().status() == JobStatus.DELETED) {
        directory.delete(job.get());
        if (job.get().isOneShot()) {
          store.forget(turn.id());
        }
      }
    } catch (PolyStreamException e) {
      LOG.warn("{}; the next service does it", e.getMessage());
    } finally {
      turn.end();
    }
    job.filter(ended -> !ended.status().isUnfinished()).ifPresent(events::ended);
  }

  /** Looks after time and disk, and lets files expire. */
  private void watch() {
    long expiryMillis = Math.min(MOST_EXPIRY_MILLIS, limits.fileTtl().toMillis() / 2);
    long nextExpiry = System.nanoTime();
    try {
      while (true) {
        Thread.sleep(WATCH_MILLIS);
        try {
          stopWhatUsesTooMuch();
          if (System.nanoTime() >= nextExpiry) {
            nextExpiry = System.nanoTime() + expiryMillis * 1_000_000;
            expire();
          }
        } catch (PolyStreamException e) {
          // The store or the disk does not work, which readiness says; they may work again.
          LOG.warn("cannot look after exports: {}", e.getMessage());
        }
      }
    } catch (InterruptedException e) {
      // The service has ended.
    }
  }

  private void stopWhatUsesTooMuch() {
    for (ActiveJob job : active.values()) {
      if (job.runSeconds().orElse(0) > limits.exportTimeout().toMillis() / 1e3) {
        job.stop(ActiveJob.Stop.TIMEOUT);
      }
    }
    if (limits.diskBytes().isPresent()
        && !active.isEmpty()
        && usedBytes() > limits.diskBytes().getAsLong()) {
      active.values().stream()
          .filter(job -> job.runSeconds().isPresent())
          .forEach(job -> job.stop(ActiveJob.Stop.DISK_FULL));
    }
  }

  private long usedBytes() {
    long growing =
        active.values().stream()
            // One whose file is whole is, or is about to be, among the store's.
            .filter(job -> !job.hasFile())
            .flatMap(job -> job.progress().stream())
            .mapToLong(ExportProgress::bytes)
            .sum();
    return store.fileBytes() + growing;
  }

  private void expire() {
    Instant now = clock.instant();
    for (Job job : store.completedBefore(now.minus(limits.fileTtl()))) {
      if (!job.isOneShot()) {
        directory.delete(job);
        store.setStatus(job.id(), JobStatus.EXPIRED);
        LOG.info("export {} expired", job.id());
      }
    }
    store.forgetEndedBefore(now.minus(REMEMBERED));
  }

  /** Whether no new jobs are taken in because the service is ending. */
  public boolean isDraining() {
    return draining;
  }

  /**
   * Takes no more jobs in, lets those that run finish within the time, and stops the rest, which
   * start again with the next service, as those that wait do.
   */
  public void drain(Duration timeout) {
    draining = true;
    // Whoever waits for what they would become asks the next service.
    queue.forEach(ActiveJob::end);
    long deadline = System.nanoTime() + timeout.toNanos();
    try {
      for (ActiveJob job : begun()) {
        job.awaitEnd(Math.max(0, (deadline - System.nanoTime()) / 1_000_000));
      }
      List<ActiveJob> unfinished = begun();
      unfinished.forEach(job -> job.stop(ActiveJob.Stop.DRAINED));
      for (ActiveJob job : unfinished) {
        job.awaitEnd(STOP_MILLIS);
      }
      // What has a turn without being a job ends by itself.
      if (slots.tryAcquire(limits.concurrentExports(), STOP_MILLIS, TimeUnit.MILLISECONDS)) {
        slots.release(limits.concurrentExports());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Those that a worker has, whether their rows flow already or not. */
  private List<ActiveJob> begun() {
    Set<ActiveJob> waiting = Set.copyOf(queue);
    return active.values().stream().filter(job -> !waiting.contains(job)).toList();
  }

  /**
   * Stops what runs, unless {@link #drain} has, and ends the threads. It starts again with the next
   * service.
   */
  @Override
  public void close() {
    if (!draining) {
      drain(Duration.ZERO);
    }
    closed = true;
    threads.forEach(Thread::interrupt);
    try {
      for (Thread thread : threads) {
        thread.join(STOP_MILLIS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
