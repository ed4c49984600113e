package io.polystream.export;

import io.polystream.error.ErrorKind;
import io.polystream.error.PolyStreamException;
import io.polystream.format.Encoding;
import io.polystream.output.ExportFile;
import io.polystream.output.Joints;
import io.polystream.output.OrderedAppender;
import io.polystream.output.Output;
import io.polystream.output.PartWriter;
import io.polystream.output.PlacedPart;
import io.polystream.source.Database;
import io.polystream.source.Partition;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;

/**
 * One export while it runs: what its lane readers share. The elements of a pipeline are serialized,
 * so they find these live objects by the export's id. Thread-safe.
 */
final class ExportRun implements LaneMonitor, AutoCloseable {
  private static final Map<String, ExportRun> RUNNING = new ConcurrentHashMap<>();

  private final String id;
  private final ExportPlan plan;
  private final Database database;
  private final Output output;
  private final OrderedAppender appender;
  private final Instant startedAt = Instant.now();
  private final long startedNanos = System.nanoTime();
  private final LongAdder rows = new LongAdder();
  private final AtomicLong mostRows = new AtomicLong();
  private final AtomicReference<Throwable> failure = new AtomicReference<>();
  private final AtomicReference<ExportSummary> summary = new AtomicReference<>();

  // Guarded by this.
  private int working;

  ExportRun(String id, ExportPlan plan, Database database, Output output) {
    this.id = id;
    this.plan = plan;
    this.database = database;
    this.output = output;
    appender =
        new OrderedAppender(
            output.begin(joints(plan.encoding()), plan.request().compression()),
            plan.request().maxRows());
    output.keep("plan.json", stream -> ExportDocuments.writePlan(id, plan, stream));
    RUNNING.put(id, this);
  }

  private static Joints joints(Encoding encoding) {
    return new Joints(encoding.preamble(), encoding.separator(), encoding.footer());
  }

  /** The run of this process with the id. */
  static ExportRun byId(String id) {
    ExportRun run = RUNNING.get(id);
    if (run == null) {
      throw new PolyStreamException(
          ErrorKind.CANCELLED, "export " + id + " does not run in this process any more");
    }
    return run;
  }

  String id() {
    return id;
  }

  ExportPlan plan() {
    return plan;
  }

  OrderedAppender appender() {
    return appender;
  }

  /** The writer of one reader, who closes it. */
  PartWriter newWriter() {
    return appender.newWriter(
        plan.encoding().separator(),
        plan.request().compression(),
        output.partLimits(plan.encoding().partBytes()));
  }

  private LaneReader newReader(Connection connection, PartWriter writer) {
    return new LaneReader(plan.reads(), connection, plan.encoding().encoders().get(), writer, this);
  }

  /** Reads one lane on a reader's connection. Whatever goes wrong stops the whole run. */
  List<PlacedPart> readLane(int index, Connection connection) throws IOException {
    beginWork();
    try (PartWriter writer = newWriter()) {
      Lane lane = plan.lanes().get(index);
      LaneReader reader = newReader(connection, writer);
      List<Partition> partitions = plan.reads().partitions();
      for (int i = lane.index(); i < partitions.size(); i += lane.count()) {
        reader.read(i, partitions.get(i));
      }
      return writer.parts();
    } catch (Throwable e) {
      fail(e);
      throw e;
    } finally {
      endWork();
    }
  }

  /** Reads one partition here, and leaves its rows to a writer that the caller closes. */
  void readPartition(int index, PartWriter writer) throws IOException {
    beginWork();
    try (Connection connection = plan.reads().readers(this::fail).getConnection()) {
      newReader(connection, writer).read(index, plan.reads().partitions().get(index));
    } catch (SQLException e) {
      throw new PolyStreamException(
          ErrorKind.QUERY, "the connection to the database broke: " + e.getMessage(), e);
    } finally {
      endWork();
    }
  }

  /** Completes the file and lets it appear, if the parts are what was planned. */
  void publish(List<PlacedPart> parts) {
    beginWork();
    try {
      requireActive();
      List<PlacedPart> ordered = parts.stream().sorted(PlacedPart.IN_ORDER).toList();
      PartsCheck.requireComplete(ordered, plan.reads().partitions().size());
      long total = ordered.stream().mapToLong(placed -> placed.part().rows()).sum();
      if (total == 0 && !plan.request().allowEmpty()) {
        String restriction = plan.request().selection().restriction();
        throw new PolyStreamException(
            ErrorKind.NO_ROWS,
            plan.table().qualifiedName()
                + " has no rows"
                + (restriction.isEmpty() ? "" : " that " + restriction)
                + ": no file was written; --allow-empty makes an empty one");
      }
      List<ExportFile> files = output.complete();
      long written = files.stream().mapToLong(ExportFile::rows).sum();
      if (written != total) {
        throw new PolyStreamException(
            ErrorKind.INTERNAL,
            "the parts have " + total + " rows, the files " + written + ": please report this");
      }
      ExportSummary result =
          new ExportSummary(
              plan.request().destination().label(),
              files,
              startedAt,
              elapsedSeconds(),
              plan.reads().partitions().size(),
              plan.consistency().level(),
              appender.limitCutRows(),
              ordered.stream().mapToLong(placed -> placed.part().replacedCharacters()).sum(),
              plan.reads().warnings());
      requireActive();
      output.publish(stream -> ExportDocuments.writeManifest(id, plan, result, ordered, stream));
      summary.set(result);
    } catch (Throwable e) {
      fail(e);
      throw e;
    } finally {
      endWork();
    }
  }

  @Override
  public void addRows(long count) {
    rows.add(count);
  }

  /**
   * How many rows were read, for whoever watches: never fewer than before, though what turns out to
   * be beyond the limit is read again.
   */
  long rows() {
    long within = Math.min(rows.sum(), plan.request().maxRows().orElse(Long.MAX_VALUE));
    return mostRows.accumulateAndGet(within, Math::max);
  }

  double elapsedSeconds() {
    return (System.nanoTime() - startedNanos) / 1e9;
  }

  /** Stops everything for this reason, unless there is one already. */
  void fail(Throwable reason) {
    if (failure.compareAndSet(null, reason)) {
      appender.stop();
      database.cancelStatements();
    }
  }

  /** Why the run stopped, or null. */
  Throwable failure() {
    return failure.get();
  }

  /** The result, or null while the file is not published. */
  ExportSummary summary() {
    return summary.get();
  }

  @Override
  public void requireActive() {
    if (failure.get() != null) {
      throw new PolyStreamException(ErrorKind.CANCELLED, "the export was stopped");
    }
  }

  /** From now on statements may be running in the server, until {@link #endWork}. */
  synchronized void beginWork() {
    requireActive();
    working++;
  }

  synchronized void endWork() {
    working--;
    notifyAll();
  }

  synchronized boolean isWorking() {
    return working > 0;
  }

  /**
   * Waits until no reader works any more, cancelling again and again: a statement that begins just
   * after a cancel request would run on.
   *
   * @return whether they ended in time
   */
  synchronized boolean awaitIdle(long timeoutMillis) {
    long deadline = System.nanoTime() + timeoutMillis * 1_000_000;
    while (working > 0 && System.nanoTime() < deadline) {
      database.cancelStatements();
      try {
        wait(100);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return false;
      }
    }
    return working == 0;
  }

  @Override
  public void close() {
    RUNNING.remove(id);
  }
}
