package io.polystream.service.http;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.polystream.error.PolyStreamException;
import io.polystream.service.jobs.ExportDirectory;
import io.polystream.service.jobs.JobRunner;
import io.polystream.service.jobs.JobStore;
import io.polystream.source.Catalog;
import java.io.IOException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** {@code /health}: whether the service lives, and whether it can do its work. */
final class HealthApi {
  /** Less than a part and its journal is no room for an export. */
  private static final long LEAST_DISK_BYTES = 64L * 1024 * 1024;

  private static final Logger LOG = LoggerFactory.getLogger(HealthApi.class);

  private static final String OK = "ok";

  private final Catalog catalog;
  private final JobStore store;
  private final ExportDirectory directory;
  private final JobRunner runner;

  /** Whoever watches asks every few seconds: only what changes is a line of the log. */
  private final AtomicBoolean wasReady = new AtomicBoolean(true);

  HealthApi(Catalog catalog, JobStore store, ExportDirectory directory, JobRunner runner) {
    this.catalog = catalog;
    this.store = store;
    this.directory = directory;
    this.runner = runner;
  }

  /** Asks nobody: it has to answer at once, whatever else goes on. */
  void health(Exchange exchange) throws IOException {
    exchange.json(200, status("healthy"));
  }

  void live(Exchange exchange) throws IOException {
    exchange.json(200, status("live"));
  }

  private static ObjectNode status(String status) {
    return Exchange.JSON
        .createObjectNode()
        .put("status", status)
        .put("timestamp", Instant.now().truncatedTo(ChronoUnit.MILLIS).toString());
  }

  void ready(Exchange exchange) throws IOException {
    List<String> reasons = new ArrayList<>();
    boolean draining = runner.isDraining();
    ObjectNode json = Exchange.JSON.createObjectNode();
    json.putObject("checks")
        .put("database", check(catalog::ping, "unreachable", reasons))
        .put("jobStore", check(store::ping, "unusable", reasons))
        .put("disk", check(this::requireDisk, "full", reasons))
        .put("draining", draining);
    boolean ready = reasons.isEmpty() && !draining;
    if (wasReady.getAndSet(ready) != ready) {
      LOG.info(ready ? "ready again" : "not ready: {}", String.join("; ", reasons));
    }
    json.setAll(status(ready ? "ready" : "not-ready"));
    exchange.json(ready ? 200 : 503, json);
  }

  private static String check(Runnable check, String otherwise, List<String> reasons) {
    try {
      check.run();
      return OK;
    } catch (PolyStreamException e) {
      reasons.add(e.getMessage());
      return otherwise;
    }
  }

  private void requireDisk() {
    try {
      long usable = directory.usableBytes();
      if (usable < LEAST_DISK_BYTES) {
        throw PolyStreamException.storage(
            "there are " + usable + " bytes left where files are written", null);
      }
    } catch (IOException e) {
      throw PolyStreamException.storage("the disk does not answer: " + e.getMessage(), e);
    }
  }
}
