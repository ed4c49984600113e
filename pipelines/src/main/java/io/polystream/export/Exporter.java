package io.polystream.export;

import io.polystream.error.ErrorKind;
import io.polystream.error.OutOfMemory;
import io.polystream.error.PolyStreamException;
import io.polystream.output.GrowingFile;
import io.polystream.output.Output;
import io.polystream.source.Database;
import io.polystream.source.Databases;
import io.polystream.source.Snapshot;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;

/**
 * One export, from the request to the file: {@link #run} once, from one thread; {@link #progress}
 * and {@link #cancel} from any. Failures are {@link PolyStreamException}; after one there is no
 * file and no work directory.
 */
public final class Exporter {
  private static final long POLL_MILLIS = 200;

  private final ExportRequest request;
  private final Database database;

  /** Held while the output is opened, and while an abandoned one is closed. */
  private final Object opening = new Object();

  // Set while opening is held.
  private volatile Output opened;

  private volatile ExportRun run;
  private volatile PolyStreamException cancelReason;
  private volatile boolean active;

  public Exporter(ExportRequest request) {
    this.request = request;
    database = Databases.at(request.database());
  }

  /** The version of PolyStream, from the jar. */
  public static String version() {
    return Optional.ofNullable(Exporter.class.getPackage().getImplementationVersion())
        .orElse("development");
  }

  /** Runs the export and returns when its file is whole and under its name. */
  public ExportSummary run() {
    return run(UUID.randomUUID().toString());
  }

  /**
   * The same under an id that somebody else has given it.
   *
   * @param id what no other export in this process has; at least 8 letters, digits and dashes
   */
  public ExportSummary run(String id) {
    active = true;
    try {
      return export(id);
    } catch (PolyStreamException e) {
      throw cancelReason == null ? e : cancelReason;
    } finally {
      active = false;
    }
  }

  private ExportSummary export(String id) {
    // The output's problems are known before the database is asked for anything.
    try (Output output = openOutput(id)) {
      try (database;
          Snapshot snapshot = database.snapshot(request.selection().table(), readersHere())) {
        ExportPlan plan = ExportPlan.of(request, snapshot);
        try (plan;
            ExportRun running = new ExportRun(id, plan, database, output)) {
          run = running;
          return runPipeline(running, output);
        }
      }
    }
  }

  /** Opens nothing any more once the export is cancelled: nobody might be left to close it. */
  private Output openOutput(String id) {
    synchronized (opening) {
      if (cancelReason != null) {
        throw cancelReason;
      }
      opened = Output.open(request.destination(), id);
      return opened;
    }
  }

  /**
   * Finds out what {@link #run}, in whose place it is called, would do. Connects and locks the
   * table as it would, for a moment; reads no rows and makes no files.
   *
   * @throws PolyStreamException when the export could not even be planned
   */
  public ExportExplanation explain() {
    active = true;
    try {
      Optional<PolyStreamException> outputProblem = outputProblem();
      try (database;
          Snapshot snapshot = database.snapshot(request.selection().table(), readersHere());
          ExportPlan plan = ExportPlan.of(request, snapshot)) {
        return ExportExplanation.of(plan, outputProblem);
      }
    } catch (PolyStreamException e) {
      throw cancelReason == null ? e : cancelReason;
    } finally {
      active = false;
    }
  }

  private Optional<PolyStreamException> outputProblem() {
    try {
      Output.check(request.destination());
      return Optional.empty();
    } catch (PolyStreamException e) {
      return Optional.of(e);
    }
  }

  /** Workers elsewhere have connections of their own. */
  private int readersHere() {
    return request.runner().isDirect() ? request.reading().parallelism() : 1;
  }

  /** How far the run is, once its rows flow. */
  public Optional<ExportProgress> progress() {
    ExportRun running = run;
    if (running == null) {
      return Optional.empty();
    }
    ExportPlan plan = running.plan();
    long estimate = plan.table().estimatedRows();
    long estimatedRows =
        request.maxRows().isPresent() && estimate >= 0
            ? Math.min(estimate, request.maxRows().getAsLong())
            : estimate;
    return Optional.of(
        new ExportProgress(
            running.rows(),
            running.appender().bytesWritten(),
            running.appender().partitionsWritten(),
            plan.reads().partitions().size(),
            estimatedRows,
            running.elapsedSeconds()));
  }

  /** The file while it grows, once it is begun, if there is just one. Open it before the end. */
  public Optional<GrowingFile> growing() {
    Output output = opened;
    return output == null ? Optional.empty() : output.growing();
  }

  /**
   * Stops the export: its statements end in the server, {@link #run} fails with the reason and
   * leaves nothing behind. Returns at once.
   */
  public void cancel(PolyStreamException reason) {
    cancelReason = reason;
    Thread canceller = new Thread(this::cancelUntilEnded, "cancel");
    canceller.setDaemon(true);
    canceller.start();
  }

  /** Again and again: a statement that begins just after a request would run on. */
  private void cancelUntilEnded() {
    try {
      while (active) {
        ExportRun running = run;
        if (running != null) {
          running.fail(cancelReason);
        }
        database.cancelStatements();
        Thread.sleep(POLL_MILLIS);
      }
    } catch (InterruptedException e) {
      // The process is ending.
    }
  }

  /**
   * Whether a statement of the export may be running in the server: before the pipeline begins, and
   * while its readers read.
   */
  public boolean isAtTheDatabase() {
    ExportRun running = run;
    return active && (running == null || running.isWorking());
  }

  /**
   * Deletes what a cancelled export has written so far, whatever still runs. For a process that is
   * about to end and cannot wait for {@link #run}.
   */
  public void abandon() {
    synchronized (opening) {
      if (opened != null) {
        opened.close();
      }
    }
  }

  private ExportSummary runPipeline(ExportRun running, Output output) {
    Execution execution =
        request.runner().isDirect()
            ? new DirectExecution(running)
            : new DistributedExecution(running, output);
    Throwable failure;
    try {
      failure = execution.run();
    } catch (Exception | OutOfMemoryError | LinkageError e) {
      failure = e;
    }
    if (running.summary() != null) {
      return running.summary();
    }
    // A reader's own failure says more than what the runner makes of it.
    running.fail(failure);
    execution.stop();
    throw failure(running.failure());
  }

  private static PolyStreamException failure(Throwable thrown) {
    List<Throwable> causes = Stream.iterate(thrown, Objects::nonNull, Throwable::getCause).toList();
    for (Throwable cause : causes) {
      if (cause instanceof PolyStreamException known) {
        return known;
      }
    }
    if (OutOfMemory.isCauseOf(thrown)) {
      return new PolyStreamException(ErrorKind.INTERNAL, OutOfMemory.MESSAGE, thrown);
    }
    return causes.stream()
        .filter(ExportPipeline::isOfTheDatabase)
        .findFirst()
        .map(
            broken ->
                new PolyStreamException(
                    ErrorKind.QUERY,
                    "the connection to the database broke: "
                        + broken.getMessage()
                        + "; see the log of the server, or of the pooler before it, then run the export again",
                    thrown))
        .orElseGet(
            () ->
                new PolyStreamException(
                    ErrorKind.INTERNAL,
                    "the export failed by a defect of PolyStream: "
                        + thrown
                        + "; please report this",
                    thrown));
  }
}
