package io.polystream.service;

import static io.polystream.error.PolyStreamException.configuration;

import io.polystream.error.PolyStreamException;
import io.polystream.export.ExportRequest;
import io.polystream.service.catalog.ExportableTables;
import io.polystream.service.http.HttpService;
import io.polystream.service.jobs.ExportDirectory;
import io.polystream.service.jobs.ExportFactory;
import io.polystream.service.jobs.JobRunner;
import io.polystream.service.jobs.JobStore;
import io.polystream.service.metrics.ServiceMetrics;
import io.polystream.source.Catalog;
import io.polystream.source.DatabaseUrl;
import io.polystream.source.Databases;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The whole service in one object: {@code start}, {@code stop} or {@code close}. Thread-safe. */
public final class PolyStreamService implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(PolyStreamService.class);

  private final ServiceSettings settings;
  private final JobRunner runner;
  private final HttpService http;
  private final int port;

  /** In the order of opening; guarded by itself. */
  private final Deque<AutoCloseable> opened = new ArrayDeque<>();

  private PolyStreamService(ServiceSettings settings, Clock clock) {
    this.settings = settings;
    DatabaseUrl database =
        settings
            .database()
            .orElseThrow(
                () ->
                    configuration(
                        "no database: set DATABASE_URL to"
                            + " postgresql://user:password@host:port/database, or try serve --demo"));
    try {
      ExportDirectory directory = ExportDirectory.at(settings.exportDirectory());
      JobStore store = open(JobStore.open(settings.store(), clock));
      Catalog catalog = open(Databases.catalog(database, settings.pool()));
      ServiceMetrics metrics = open(new ServiceMetrics());
      ExportFactory exports =
          new ExportFactory(
              database,
              settings.table(),
              ExportRequest.Reading.defaultParallelism(),
              settings.rowLimit());
      runner =
          open(
              new JobRunner(
                  store,
                  directory,
                  job -> exports.exporter(job, directory),
                  settings.limits(),
                  metrics,
                  clock));
      metrics.watch(runner, catalog);
      http =
          new HttpService(
              new HttpService.Parts(
                  store,
                  runner,
                  directory,
                  exports,
                  new ExportableTables(catalog, settings.tables()),
                  catalog,
                  metrics),
              settings.mostTransfers(),
              settings.downloadBytesPerSecond());
      runner.recover();
      port = open(http).start(settings.bindAddress(), settings.port());
      // Not before it is sure that the service stays: what is begun and broken off counts.
      runner.start();
      meet(catalog);
    } catch (IOException e) {
      close();
      throw configuration(
          "cannot listen on "
              + settings.bindAddress()
              + " port "
              + settings.port()
              + ": "
              + e.getMessage()
              + "; set BIND_ADDRESS and PORT");
    } catch (RuntimeException e) {
      close();
      throw e;
    }
  }

  /** The first question loads the driver and connects: better now than while somebody waits. */
  private static void meet(Catalog catalog) {
    Thread meeting =
        new Thread(
            () -> {
              try {
                catalog.ping();
              } catch (PolyStreamException e) {
                LOG.warn("the database does not answer yet: {}", e.getMessage());
              }
            },
            "first question");
    meeting.setDaemon(true);
    meeting.start();
  }

  private <T extends AutoCloseable> T open(T part) {
    synchronized (opened) {
      opened.push(part);
    }
    return part;
  }

  /**
   * Starts the service; it listens when this returns. The database need not be there yet.
   *
   * @throws PolyStreamException of kind {@code CONFIGURATION} or {@code STORAGE} when it cannot
   */
  public static PolyStreamService start(ServiceSettings settings, Clock clock) {
    return new PolyStreamService(settings, clock);
  }

  /** Where it listens. */
  public int port() {
    return port;
  }

  /**
   * Ends in order: takes no more jobs in, waits for exports and downloads for as long as the
   * settings say, then closes. What is not done by then starts again with the next service.
   */
  public void stop() {
    Duration timeout = settings.drainTimeout();
    long deadline = System.nanoTime() + timeout.toNanos();
    LOG.info("ending: exports and downloads have {} s", timeout.toSeconds());
    runner.drain(timeout);
    try {
      http.awaitTransfers(Duration.ofNanos(Math.max(0, deadline - System.nanoTime())));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    close();
    LOG.info("ended");
  }

  /** Closes everything at once, the last that was opened first. */
  @Override
  public void close() {
    synchronized (opened) {
      while (!opened.isEmpty()) {
        try {
          opened.pop().close();
        } catch (Exception e) {
          LOG.warn("cannot close a part of the service", e);
        }
      }
    }
  }
}
