package io.polystream.export;

import static io.polystream.error.PolyStreamException.configuration;

import io.polystream.error.ErrorKind;
import io.polystream.error.PolyStreamException;
import io.polystream.output.Output;
import io.polystream.output.PartWriter;
import io.polystream.source.Database;
import io.polystream.source.Partition;
import io.polystream.source.SnapshotTicket;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Pattern;
import org.apache.beam.sdk.Pipeline;
import org.apache.beam.sdk.PipelineResult;
import org.apache.beam.sdk.io.FileSystems;
import org.apache.beam.sdk.options.PipelineOptions;

/**
 * The pipeline on a runner with workers elsewhere: they leave parts in a store, and this process,
 * which keeps the snapshot open, appends them to the output in order as they come.
 */
final class DistributedExecution implements Execution {
  /** Looking costs nothing on a local disk, and money in an object store. */
  private static final long LOCAL_POLL_MILLIS = 50;

  private static final long REMOTE_POLL_MILLIS = 1000;

  private static final Pattern PATTERN = Pattern.compile("[*?\\[\\]{}]");

  /** A connection each time, so not all the time. */
  private static final long CANCEL_MILLIS = 500;

  /** How long workers may take to notice that nobody wants their parts any more. */
  private static final long STOP_MILLIS = 10_000;

  private final ExportRun run;
  private final RunnerChoice runner;
  private final PipelineOptions options;
  private final PartStore store;
  private final SnapshotTicket ticket;
  private final RemoteJob job;
  private final long pollMillis;
  private CompletableFuture<PipelineResult.State> pipeline;
  private boolean isWorking;

  DistributedExecution(ExportRun run, Output output) {
    this.run = run;
    runner = run.plan().request().runner();
    pollMillis = runner.workDirectory().isPresent() ? REMOTE_POLL_MILLIS : LOCAL_POLL_MILLIS;
    options =
        DistributedPipeline.options(
            runner,
            run.plan().request().reading().parallelism(),
            output.partsDirectory().resolveSibling("runner"));
    FileSystems.setDefaultPipelineOptions(options);
    ticket = run.plan().reads().ticket().orElseThrow(runner::noSharedSnapshot);
    store = new PartStore(directory(runner.workDirectory(), output, run.id()));
    job =
        RemoteJob.of(
            run.id(),
            run.plan(),
            ticket,
            output.partLimits(run.plan().encoding().partBytes()),
            store);
  }

  private static String directory(Optional<String> workDirectory, Output output, String exportId) {
    if (workDirectory.isEmpty()) {
      return output.partsDirectory() + "/";
    }
    String given = workDirectory.get();
    boolean isUrl = given.contains("://");
    if (isUrl && PATTERN.matcher(given).find()) {
      throw configuration("--work-dir " + given + ": a URL with *, ?, [, ], { or } is a pattern");
    }
    String path = isUrl ? given : Path.of(given).toAbsolutePath().toString();
    return path.replaceFirst("/*$", "/") + exportId + "/";
  }

  @Override
  public Throwable run() throws Exception {
    // Statements of workers, too, have to end before the process may.
    run.beginWork();
    isWorking = true;
    List<Partition> partitions = run.plan().reads().partitions();
    Pipeline built = DistributedPipeline.of(options, job, partitions);
    pipeline = new CompletableFuture<>();
    Thread submitter = new Thread(() -> runPipeline(built), "submit");
    submitter.setDaemon(true);
    submitter.start();
    try (PartWriter writer = run.newWriter()) {
      PartCollector collector = new PartCollector(run, store, writer, partitions.size());
      Optional<? extends Throwable> failure = collect(collector);
      if (failure.isPresent()) {
        return failure.get();
      }
      if (run.appender().isFull()) {
        // The row limit is reached: what is still being read is of no use.
        endReaders();
      }
      run.publish(collector.placed());
      store.clear(!pipeline.isDone());
      endWork();
      return null;
    }
  }

  /** Appends what workers leave until all is there, or the pipeline has failed. */
  private Optional<? extends Throwable> collect(PartCollector collector) throws Exception {
    while (!collector.isComplete()) {
      boolean hasEnded = pipeline.isDone();
      if (collector.appendWhatIsThere()) {
        continue;
      }
      // A worker that says why it fails will not do better the next time, as far as we know; one
      // that was killed says nothing, and the runner may have another.
      Optional<PolyStreamException> noted = store.failure();
      if (noted.isPresent() || hasEnded) {
        return noted.isPresent() ? noted : Optional.of(runnersFailure(collector.appended()));
      }
      awaitEnd(pollMillis);
    }
    while (!pipeline.isDone() && !run.appender().isFull()) {
      awaitEnd(LOCAL_POLL_MILLIS);
    }
    return Optional.empty();
  }

  /** Some runners return when all is done, others when the job has begun. */
  private void runPipeline(Pipeline built) {
    try {
      PipelineResult result = built.run();
      PipelineResult.State state = result.waitUntilFinish();
      pipeline.complete(state == null ? result.getState() : state);
    } catch (Throwable e) {
      pipeline.completeExceptionally(e);
    }
  }

  /** Waits for the pipeline, but not when the export has failed. */
  private void awaitEnd(long atMostMillis) throws InterruptedException {
    long deadline = System.nanoTime() + atMostMillis * 1_000_000;
    do {
      run.requireActive();
      try {
        pipeline.get(LOCAL_POLL_MILLIS, TimeUnit.MILLISECONDS);
        return;
      } catch (TimeoutException e) {
        // Then there is still something to wait for.
      } catch (ExecutionException e) {
        return;
      }
    } while (System.nanoTime() < deadline);
  }

  private Throwable runnersFailure(int appended) {
    try {
      PipelineResult.State state = pipeline.get();
      return new PolyStreamException(
          ErrorKind.STORAGE,
          "runner "
              + runner.name()
              + " has ended as "
              + state
              + ", but of "
              + run.plan().reads().partitions().size()
              + " partitions only "
              + appended
              + " came through the work directory "
              + store.directory()
              + ": workers and this machine have to share it; see --work-dir");
    } catch (ExecutionException e) {
      return RunnerFailures.of(runner.name(), e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return e;
    }
  }

  @Override
  public void stop() {
    if (pipeline == null) {
      return;
    }
    boolean ended = false;
    try {
      ended = endReaders();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException e) {
      // Workers that go on find no snapshot.
    }
    store.clear(!ended);
    endWork();
  }

  private void endWork() {
    if (isWorking) {
      isWorking = false;
      run.endWork();
    }
  }

  /**
   * Tells workers that nobody wants their parts any more, and has the server end what they read.
   *
   * @return whether all ended in time
   */
  private boolean endReaders() throws InterruptedException {
    store.stop();
    RemoteReader.stopHere(run.id());
    // Connections of its own, which a cancelled export does not cancel.
    try (Database database = job.openDatabase()) {
      return awaitReaders(database);
    }
  }

  /**
   * Cancels again and again: a statement that begins just after a request would run on. A runner
   * that has given up may not have waited for readers in this process.
   */
  private boolean awaitReaders(Database database) throws InterruptedException {
    long deadline = System.nanoTime() + STOP_MILLIS * 1_000_000;
    long nextCancelNanos = System.nanoTime();
    while (System.nanoTime() < deadline) {
      if (pipeline.isDone() && !RemoteReader.isAnyReadingHere(run.id())) {
        return true;
      }
      if (System.nanoTime() - nextCancelNanos >= 0) {
        database.cancelReaders(ticket);
        nextCancelNanos = System.nanoTime() + CANCEL_MILLIS * 1_000_000;
      }
      Thread.sleep(LOCAL_POLL_MILLIS);
    }
    return false;
  }
}
