package io.polystream.service;

import static io.polystream.testing.Patience.await;
import static io.polystream.testing.Patience.awaitPromised;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.polystream.testing.Gate;
import io.polystream.testing.PostgresExtension;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What the service tells those who watch it. */
class MonitoringIT {
  @RegisterExtension static final PostgresExtension postgres = new PostgresExtension();

  private static final Duration SOON = Duration.ofSeconds(2);

  private static final String REQUEST =
      "{\"table\": \"%s\", \"format\": \"csv\", \"columns\": [{\"source\": \"id\"}]}";

  private Api api;

  @BeforeAll
  static void createTables() throws SQLException {
    postgres.execute(
        "CREATE TABLE records AS SELECT n AS id FROM generate_series(1, 10) n",
        "CREATE VIEW slow AS SELECT id FROM records WHERE " + Gate.PASSED);
  }

  @BeforeEach
  void start() throws Exception {
    api = Api.start(postgres);
  }

  @AfterEach
  void stop() {
    api.close();
  }

  @Test
  void afterAnExportEveryMeterIsThere() throws Exception {
    String id = api.completed(REQUEST.formatted("records"));
    api.get("/exports/" + id + "/download");
    api.get("/exports/" + id + "/download?wait=maybe");
    Metrics metrics = Metrics.of(api);
    assertThat(metrics.series())
        .contains(
            "polystream_exports_running",
            "polystream_exports_queued",
            "polystream_pool_connections{state=\"active\"}",
            "polystream_pool_connections{state=\"idle\"}",
            "polystream_pool_waiting",
            "polystream_transfers_active",
            "polystream_transfer_bytes_total",
            "polystream_transfers_aborted_total",
            "polystream_export_queue_seconds_count",
            "polystream_export_queue_seconds_sum",
            "polystream_jobs_ended_total{format=\"csv\",state=\"completed\"}",
            "polystream_export_rows_total{format=\"csv\"}",
            "polystream_export_bytes_total{format=\"csv\"}",
            "polystream_export_duration_seconds_count{format=\"csv\",state=\"completed\"}",
            "polystream_export_duration_seconds_sum{format=\"csv\",state=\"completed\"}",
            "polystream_requests_rejected_total{type=\"request\"}",
            "polystream_http_requests_seconds_count"
                + "{method=\"GET\",route=\"/exports/{id}/download\",status=\"200\"}",
            "polystream_http_requests_seconds_count"
                + "{method=\"GET\",route=\"/exports/{id}/download\",status=\"400\"}",
            "polystream_http_requests_seconds_count"
                + "{method=\"POST\",route=\"/exports\",status=\"201\"}",
            "process_uptime_seconds",
            "process_files_open_files",
            "jvm_threads_live_threads")
        .anyMatch(name -> name.startsWith("jvm_memory_used_bytes"))
        .anyMatch(name -> name.startsWith("jvm_gc_"));
    assertThat(metrics.value("polystream_export_rows_total")).isEqualTo(10);
    assertThat(metrics.value("polystream_export_bytes_total"))
        .isEqualTo(api.status(id).at("/file/bytes").asDouble());
    assertThat(metrics.value("polystream_exports_running")).isZero();
  }

  @Test
  void whatRunsAndWaitsIsCounted() throws Exception {
    try (Gate gate = Gate.shut(postgres)) {
      String running = api.submit(REQUEST.formatted("slow"));
      gate.awaitReaders(1);
      String waiting = api.submit(REQUEST.formatted("records"));
      assertThat(Metrics.of(api).value("polystream_exports_running")).isEqualTo(1);
      assertThat(Metrics.of(api).value("polystream_exports_queued")).isEqualTo(1);
      api.post("/exports/" + running + "/cancel", "");
      api.awaitStatus(running, "cancelled");
      api.awaitStatus(waiting, "completed");
    }
    Metrics metrics = Metrics.of(api);
    assertThat(metrics.value("polystream_exports_running")).isZero();
    assertThat(metrics.value("polystream_exports_queued")).isZero();
    assertThat(metrics.value("polystream_jobs_ended_total{format=\"csv\",state=\"cancelled\"}"))
        .isEqualTo(1);
    assertThat(metrics.value("polystream_jobs_ended_total{format=\"csv\",state=\"completed\"}"))
        .isEqualTo(1);
  }

  /** Whoever makes up paths must not make up series. */
  @Test
  void unknownPathsAndMethodsAreOneSeries() throws Exception {
    for (int i = 0; i < 5; i++) {
      api.get("/nowhere/" + i);
      RawClient.ask(api.port(), "FOO" + i + " /health HTTP/1.1\r\nHost: x\r\n\r\n");
    }
    assertThat(Metrics.of(api).series())
        .filteredOn(name -> name.startsWith("polystream_http_requests_seconds_count"))
        .filteredOn(name -> name.contains("unknown"))
        .containsExactlyInAnyOrder(
            "polystream_http_requests_seconds_count"
                + "{method=\"other\",route=\"unknown\",status=\"404\"}",
            "polystream_http_requests_seconds_count"
                + "{method=\"other\",route=\"unknown\",status=\"405\"}");
  }

  @Test
  void theServiceIsReadyWithItsDatabase() throws Exception {
    JsonNode ready = Api.json(api.get("/health/ready"));
    assertThat(ready.get("status").asText()).isEqualTo("ready");
    assertThat(ready.get("checks"))
        .isEqualTo(
            Api.JSON.readTree(
                "{\"database\": \"ok\", \"jobStore\": \"ok\", \"disk\": \"ok\", \"draining\": false}"));
    for (String path : List.of("/health", "/health/live")) {
      HttpResponse<byte[]> response = api.get(path);
      assertThat(Instant.parse(Api.json(response).get("timestamp").asText()))
          .isBetween(Instant.now().minusSeconds(60), Instant.now());
      assertThat(response.headers().firstValue("Cache-Control")).hasValue("no-store");
    }
  }

  @Test
  void withoutItsDatabaseTheServiceLivesAndIsNotReady() throws Exception {
    api.close();
    api =
        Api.start(
            postgres,
            "DATABASE_URL",
            "postgresql://postgres@localhost:1/none",
            "DB_CONNECT_TIMEOUT",
            "300ms");
    HttpResponse<byte[]> ready = api.get("/health/ready");
    assertThat(ready.statusCode()).isEqualTo(503);
    assertThat(Api.json(ready).at("/checks/database").asText()).isEqualTo("unreachable");
    assertThat(Api.json(ready).at("/checks/jobStore").asText()).isEqualTo("ok");
    assertThat(api.get("/health").statusCode()).isEqualTo(200);
    assertThat(api.get("/health/live").statusCode()).isEqualTo(200);
  }

  @Test
  void healthIsAnsweredWhileEverybodyWaits() throws Exception {
    try (Gate gate = Gate.shut(postgres)) {
      String id = api.submit(REQUEST.formatted("slow"));
      gate.awaitReaders(1);
      List<CompletableFuture<HttpResponse<byte[]>>> downloads = new ArrayList<>();
      for (int i = 0; i < 64; i++) {
        downloads.add(begin("/exports/" + id + "/download"));
      }
      await("as many downloads as may be")
          .until(() -> Metrics.of(api).value("polystream_transfers_active") == 64);
      for (int i = 0; i < 30; i++) {
        downloads.add(begin("/tables/slow/rows.csv"));
      }
      for (String path : List.of("/health", "/health/live", "/health/ready", "/exports/" + id)) {
        CompletableFuture<HttpResponse<byte[]>> answer = begin(path);
        awaitPromised("an answer of " + path, SOON, answer::isDone);
        assertThat(answer.get().statusCode()).isEqualTo(200);
      }
      for (CompletableFuture<HttpResponse<byte[]>> tooMany : downloads.subList(64, 94)) {
        assertThat(tooMany.get().statusCode()).isEqualTo(503);
      }
      gate.open();
      for (CompletableFuture<HttpResponse<byte[]>> download : downloads.subList(0, 64)) {
        assertThat(download.get().statusCode()).isEqualTo(200);
      }
    }
  }

  private CompletableFuture<HttpResponse<byte[]>> begin(String path) {
    return api.client().sendAsync(api.request(path).build(), BodyHandlers.ofByteArray());
  }
}
