package io.polystream.service.http;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.polystream.error.ErrorKind;
import io.polystream.error.PolyStreamException;
import io.polystream.export.ExportSummary;
import io.polystream.export.Exporter;
import io.polystream.export.RequestDocument;
import io.polystream.format.Format;
import io.polystream.format.Formats;
import io.polystream.process.ProcessMemory;
import io.polystream.service.jobs.ExportDirectory;
import io.polystream.service.jobs.ExportFactory;
import io.polystream.service.jobs.JobRunner;
import io.polystream.source.TableName;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReentrantLock;

/** {@code /exports/benchmark}: each format once, measured, in an export's turn. */
final class BenchmarkApi {
  private static final double BYTES_PER_MEBIBYTE = 1024 * 1024;
  private static final long RETRY_SECONDS = 30;
  private static final long POLL_MILLIS = 200;

  private final ExportFactory exports;
  private final ExportDirectory directory;
  private final Requests requests;
  private final JobRunner runner;
  private final ReentrantLock running = new ReentrantLock();

  BenchmarkApi(
      ExportFactory exports, ExportDirectory directory, Requests requests, JobRunner runner) {
    this.exports = exports;
    this.directory = directory;
    this.requests = requests;
    this.runner = runner;
  }

  void run(Exchange exchange) throws Exception {
    exchange.requireQuery("rows", "formats");
    OptionalLong rows =
        exchange
            .queryParameter("rows")
            .map(text -> OptionalLong.of(QueryValues.number("rows", text, 1, Long.MAX_VALUE)))
            .orElse(OptionalLong.empty());
    List<Format> formats =
        exchange.queryParameter("formats").map(BenchmarkApi::formats).orElse(Formats.all());
    if (exchange.isHead()) {
      exchange.header("Content-Type", "application/json");
      exchange.begin(200);
      return;
    }
    RequestDocument sample = document(formats.get(0), rows);
    requests.requirePossible(sample);
    if (!running.tryLock()) {
      throw new ProblemException(
              409,
              "benchmark-runs",
              "A benchmark runs",
              "there is one benchmark at a time: ask again when it is over")
          .retryAfter(RETRY_SECONDS);
    }
    try {
      exchange.json(200, measured(formats, rows, exchange));
    } catch (CancellationException e) {
      exchange.abort("the client has gone");
    } finally {
      running.unlock();
    }
  }

  private static List<Format> formats(String list) {
    try {
      return Arrays.stream(list.split(",", -1)).map(String::strip).map(Formats::byName).toList();
    } catch (PolyStreamException e) {
      throw ProblemException.badRequest("formats: " + e.getMessage());
    }
  }

  private RequestDocument document(Format format, OptionalLong rows) {
    ObjectNode json = Exchange.JSON.createObjectNode();
    json.put("format", format.name());
    rows.ifPresent(limit -> json.put("limit", limit));
    return ExportFactory.parse(json.toString().getBytes(UTF_8), RequestDocument.Door.SERVICE_QUERY);
  }

  private ObjectNode measured(List<Format> formats, OptionalLong rows, Exchange exchange)
      throws Exception {
    ObjectNode json = Exchange.JSON.createObjectNode();
    json.put("datasetRowCount", 0L);
    TableName table = exports.table();
    json.put("table", table.text());
    ArrayNode results = json.putArray("results");
    for (Format format : formats) {
      // Others may have their turn between two formats.
      ExportSummary summary =
          runner.inSlot(
              () -> !exchange.isAbandoned(),
              () -> measure(document(format, rows), format, results.addObject(), exchange));
      json.put("datasetRowCount", summary.rows());
    }
    json.set("environment", environment());
    return json;
  }

  private ExportSummary measure(
      RequestDocument document, Format format, ObjectNode result, Exchange exchange)
      throws IOException, InterruptedException {
    Path file = directory.path().resolve(UUID.randomUUID() + "." + format.extension());
    Exporter exporter = exports.exporter(document, file, Optional.empty());
    ProcessMemory.resetPeak();
    try {
      ExportSummary summary = run(exporter, exchange);
      result.put("format", format.name());
      result.put("durationSeconds", Math.round(summary.seconds() * 1000) / 1000.0);
      result.put("fileSizeBytes", summary.bytes());
      result.put("rowsPerSecond", summary.rowsPerSecond());
      result.put(
          "peakMemoryMB", Math.round(ProcessMemory.peakBytes() / BYTES_PER_MEBIBYTE * 10) / 10.0);
      return summary;
    } catch (PolyStreamException e) {
      throw e.kind() == ErrorKind.QUERY
          ? new ProblemException(
              502, "query", "The database broke the benchmark off", e.getMessage())
          : e;
    } finally {
      Files.deleteIfExists(file);
    }
  }

  /** Stops it when nobody waits for it any more, or the service ends: it is no job. */
  private ExportSummary run(Exporter exporter, Exchange exchange) throws InterruptedException {
    FutureTask<ExportSummary> export = new FutureTask<>(exporter::run);
    Thread thread = new Thread(export, "benchmark");
    thread.setDaemon(true);
    thread.start();
    boolean stopped = false;
    while (true) {
      try {
        return export.get(POLL_MILLIS, TimeUnit.MILLISECONDS);
      } catch (TimeoutException e) {
        if (!stopped && (runner.isDraining() || exchange.isAbandoned())) {
          stopped = true;
          exporter.cancel(new PolyStreamException(ErrorKind.CANCELLED, "the benchmark is stopped"));
        }
      } catch (InterruptedException e) {
        // Its file would appear after ours was deleted.
        exporter.cancel(new PolyStreamException(ErrorKind.CANCELLED, "the benchmark is stopped"));
        throw e;
      } catch (ExecutionException e) {
        if (stopped) {
          runner.requireNotDraining();
          throw new CancellationException("the client has gone");
        }
        throw e.getCause() instanceof PolyStreamException known
            ? known
            : new IllegalStateException(e.getCause());
      }
    }
  }

  private ObjectNode environment() {
    Runtime runtime = Runtime.getRuntime();
    return Exchange.JSON
        .createObjectNode()
        .put("polystream", Exporter.version())
        .put("java", Runtime.version().toString())
        .put("os", System.getProperty("os.name") + " " + System.getProperty("os.arch"))
        .put("processors", runtime.availableProcessors())
        .put("maxHeapMB", runtime.maxMemory() / (long) BYTES_PER_MEBIBYTE)
        .put("readers", exports.readers());
  }
}
