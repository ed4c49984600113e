package io.polystream.service.metrics;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.FileDescriptorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.polystream.service.jobs.Job;
import io.polystream.service.jobs.JobEvents;
import io.polystream.service.jobs.JobRunner;
import io.polystream.source.Catalog;
import java.time.Duration;
import java.util.function.IntSupplier;

/** The service's meters, for Prometheus. Thread-safe. */
public final class ServiceMetrics implements JobEvents, AutoCloseable {
  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final JvmGcMetrics gc = new JvmGcMetrics();
  private final Counter sentBytes =
      Counter.builder("polystream.transfer.bytes")
          .description("Bytes of files sent to clients")
          .baseUnit("bytes")
          .register(registry);
  private final Counter abortedTransfers =
      Counter.builder("polystream.transfers.aborted")
          .description("Downloads that were broken off")
          .register(registry);

  public ServiceMetrics() {
    new JvmMemoryMetrics().bindTo(registry);
    new JvmThreadMetrics().bindTo(registry);
    new FileDescriptorMetrics().bindTo(registry);
    new UptimeMetrics().bindTo(registry);
    gc.bindTo(registry);
  }

  /** In Prometheus' text format, version 0.0.4. */
  public String text() {
    return registry.scrape();
  }

  /** Watches what runs and waits, and the pool of connections. */
  public void watch(JobRunner runner, Catalog catalog) {
    Gauge.builder("polystream.exports.running", runner, JobRunner::running)
        .description("Exports that run")
        .register(registry);
    Gauge.builder("polystream.exports.queued", runner, JobRunner::queued)
        .description("Exports that wait for their turn")
        .register(registry);
    Gauge.builder("polystream.pool.connections", catalog, pool -> pool.connections().active())
        .description("Connections of the catalog's pool")
        .tag("state", "active")
        .register(registry);
    Gauge.builder("polystream.pool.connections", catalog, pool -> pool.connections().idle())
        .description("Connections of the catalog's pool")
        .tag("state", "idle")
        .register(registry);
    Gauge.builder("polystream.pool.waiting", catalog, pool -> pool.connections().waiting())
        .description("Who waits for a connection of the catalog's pool")
        .register(registry);
  }

  public void gaugeTransfers(IntSupplier active) {
    // Held by the registry, as what it is asked of is held by nobody else.
    Gauge.builder("polystream.transfers.active", () -> active.getAsInt())
        .description("Downloads under way")
        .register(registry);
  }

  public void sent(long bytes) {
    sentBytes.increment((double) bytes);
  }

  public void transferAborted() {
    abortedTransfers.increment();
  }

  /** A request was answered. */
  public void answered(String method, String route, int status, Duration duration) {
    Timer.builder("polystream.http.requests")
        .description("Requests and how long they took, downloads included")
        .tag("method", method)
        .tag("route", route)
        .tag("status", String.valueOf(status))
        .register(registry)
        .record(duration);
  }

  /** A request was refused with a problem of this type. */
  public void rejected(String type) {
    Counter.builder("polystream.requests.rejected")
        .description("Requests answered with a problem")
        .tag("type", type)
        .register(registry)
        .increment();
  }

  @Override
  public void started(Job job) {
    Timer.builder("polystream.export.queue")
        .description("How long exports waited for their turn")
        .register(registry)
        .record(Duration.ofNanos((long) (job.queueSeconds() * 1e9)));
  }

  @Override
  public void ended(Job job) {
    String format = job.format().name();
    Counter.builder("polystream.jobs.ended")
        .description("Jobs by what became of them")
        .tag("state", job.status().label())
        .tag("format", format)
        .register(registry)
        .increment();
    Counter.builder("polystream.export.rows")
        .description("Rows exported")
        .tag("format", format)
        .register(registry)
        .increment((double) job.progress().rows());
    Counter.builder("polystream.export.bytes")
        .description("Bytes of files written")
        .baseUnit("bytes")
        .tag("format", format)
        .register(registry)
        .increment((double) job.progress().bytes());
    Timer.builder("polystream.export.duration")
        .description("How long exports ran")
        .tag("format", format)
        .tag("state", job.status().label())
        .register(registry)
        .record(Duration.ofNanos((long) (job.progress().seconds() * 1e9)));
  }

  @Override
  public void close() {
    gc.close();
    registry.close();
  }
}
