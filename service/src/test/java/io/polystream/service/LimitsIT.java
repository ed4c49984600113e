package io.polystream.service;

import static io.polystream.testing.Patience.await;
import static io.polystream.testing.Patience.awaitPromised;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assertions.withinPercentage;

import com.fasterxml.jackson.databind.JsonNode;
import io.polystream.testing.Gate;
import io.polystream.testing.PostgresExtension;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What jobs may use: turns, the queue, time, the disk; and how they are stopped. */
class LimitsIT {
  @RegisterExtension static final PostgresExtension postgres = new PostgresExtension();

  private static final Duration QUERIES_END = Duration.ofSeconds(2);

  private static final String GATED = SlowTable.request(SlowTable.GATED, "csv");

  private Api api;

  @BeforeAll
  static void createTable() throws SQLException {
    SlowTable.create(postgres);
  }

  private void start(String... namesAndValues) throws Exception {
    api = Api.start(postgres, namesAndValues);
  }

  private void startAsReader() throws Exception {
    start("DATABASE_URL", SlowTable.readerUrl(postgres));
  }

  @AfterEach
  void stop() {
    api.service().stop();
  }

  private static Path directory() {
    return Api.exportDirectory(postgres);
  }

  /** Files and directories of exports: the store has its own. */
  private static List<String> files() throws IOException {
    try (Stream<Path> files = Files.list(directory())) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> !name.startsWith("polystream.db"))
          .sorted()
          .toList();
    }
  }

  private static void awaitNoStatements() throws Exception {
    awaitPromised(
        "the statements' end", QUERIES_END, () -> SlowTable.statements(postgres).isEmpty());
  }

  private String statusOf(String id) throws Exception {
    return api.status(id).get("status").asText();
  }

  private HttpResponse<byte[]> refused(String request, int status, String type) throws Exception {
    HttpResponse<byte[]> response = api.post("/exports", request);
    assertThat(response.statusCode()).isEqualTo(status);
    assertThat(Api.json(response).get("type").asText()).isEqualTo("urn:polystream:problem:" + type);
    return response;
  }

  private JsonNode requireFailed(String id, String type) throws Exception {
    JsonNode status = api.awaitStatus(id, "failed");
    assertThat(status.at("/error/type").asText()).isEqualTo("urn:polystream:problem:" + type);
    assertThat(status.at("/error/detail").asText())
        .doesNotContain("\n", "Exception", "defect")
        .isNotBlank();
    assertThat(status.get("file").isNull()).isTrue();
    return status;
  }

  // ------------------------------------------------------------------ turns

  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void soManyRunAtOnceAsMayAndTheOthersFollowInTheirOrder(int most) throws Exception {
    start("MAX_CONCURRENT_EXPORTS", String.valueOf(most));
    List<String> ids = new ArrayList<>();
    try (Gate gate = Gate.shut(postgres)) {
      for (int i = 0; i < most; i++) {
        ids.add(api.submit(GATED));
      }
      gate.awaitReaders(most);
      for (int i = 0; i < 3; i++) {
        ids.add(api.submit(SlowTable.shortRequest()));
      }
      for (int i = 0; i < ids.size(); i++) {
        assertThat(statusOf(ids.get(i))).isEqualTo(i < most ? "running" : "pending");
      }
      gate.open();
    }
    List<Instant> beginnings = new ArrayList<>();
    for (String id : ids) {
      beginnings.add(Instant.parse(api.awaitStatus(id, "completed").get("startedAt").asText()));
    }
    if (most == 1) {
      // Two that have their turn at once may say so in either order.
      assertThat(beginnings).isSorted();
    }
  }

  @Test
  void whoeverWouldWaitBehindTooManyIsToldToAskAgain() throws Exception {
    start("MAX_QUEUED_EXPORTS", "1");
    try (Gate gate = Gate.shut(postgres)) {
      String running = api.submit(GATED);
      gate.awaitReaders(1);
      String waiting = api.submit(SlowTable.shortRequest());
      HttpResponse<byte[]> refusal = refused(SlowTable.shortRequest(), 503, "queue-full");
      assertThat(refusal.headers().firstValue("Retry-After")).hasValue("5");
      gate.open();
      api.awaitStatus(running, "completed");
      api.awaitStatus(waiting, "completed");
    }
    api.completed(SlowTable.shortRequest());
  }

  @Test
  void whereNobodyMayWaitOneRunsStill() throws Exception {
    start("MAX_QUEUED_EXPORTS", "0");
    try (Gate gate = Gate.shut(postgres)) {
      String running = api.submit(GATED);
      refused(SlowTable.shortRequest(), 503, "queue-full");
      gate.open();
      api.awaitStatus(running, "completed");
    }
    api.completed(SlowTable.shortRequest());
  }

  // ------------------------------------------------------------------ progress

  /** The numbers of an export as it goes on, each no smaller than before. */
  private static final class Progress {
    private static final List<String> RISING =
        List.of("rows", "bytes", "partitionsDone", "partitionsTotal", "durationSeconds");

    private JsonNode last;

    void requireRising(JsonNode status) {
      if (last != null) {
        for (String name : RISING) {
          assertThat(status.get(name).asDouble())
              .as("%s of %s after %s", name, status, last)
              .isGreaterThanOrEqualTo(last.get(name).asDouble());
        }
      }
      last = status;
    }
  }

  @Test
  void numbersRiseUntilTheEndAndSayHowLongItTakes() throws Exception {
    startAsReader();
    String first;
    String second;
    double waited;
    Progress progress = new Progress();
    try (Gate gate = Gate.shut(postgres)) {
      first = api.submit(SlowTable.request(SlowTable.PARTITIONED, "csv"));
      second = api.submit(SlowTable.shortRequest());
      long submitted = System.nanoTime();
      await("some partitions")
          .until(
              () -> {
                JsonNode status = api.status(first);
                progress.requireRising(status);
                int total = status.get("partitionsTotal").asInt();
                return total > 2 && status.get("partitionsDone").asInt() >= 1;
              });
      JsonNode waiting = api.status(first);
      double seconds = waiting.get("durationSeconds").asDouble();
      int done = waiting.get("partitionsDone").asInt();
      int left = waiting.get("partitionsTotal").asInt() - done;
      assertThat(left).isPositive();
      assertThat(waiting.get("rows").asLong()).isPositive().isLessThan(SlowTable.ROWS);
      assertThat(waiting.get("etaSeconds").asDouble())
          .isCloseTo(seconds * left / done, within(0.01));
      assertThat(waiting.get("rowsPerSecond").asDouble())
          .isCloseTo(waiting.get("rows").asLong() / seconds, withinPercentage(5));
      JsonNode queued = api.status(second);
      assertThat(queued.get("etaSeconds").isNull()).isTrue();
      assertThat(queued.get("startedAt").isNull()).isTrue();
      waited = (System.nanoTime() - submitted) / 1e9;
      gate.open();
      await("the end")
          .until(
              () -> {
                JsonNode status = api.status(first);
                progress.requireRising(status);
                return status.get("status").asText().equals("completed");
              });
    }
    JsonNode end = api.status(first);
    assertThat(end.get("etaSeconds").isNull()).isTrue();
    assertThat(end.get("rows").asLong()).isEqualTo(SlowTable.ROWS);
    assertThat(end.get("bytes").asLong()).isEqualTo(end.at("/file/bytes").asLong());
    assertThat(end.get("partitionsDone").asInt()).isEqualTo(end.get("partitionsTotal").asInt());
    assertThat(end.get("durationSeconds").asDouble())
        .isLessThanOrEqualTo(secondsBetween(end, "startedAt", "finishedAt") + 0.01);
    JsonNode next = api.awaitStatus(second, "completed");
    assertThat(next.get("queueSeconds").asDouble())
        .isBetween(waited, secondsBetween(next, "createdAt", "startedAt") + 0.01);
  }

  private static double secondsBetween(JsonNode status, String from, String until) {
    return Duration.between(
                Instant.parse(status.get(from).asText()), Instant.parse(status.get(until).asText()))
            .toMillis()
        / 1e3;
  }

  // ------------------------------------------------------------------ stopping

  @Test
  void oneThatWaitsIsCancelledAtOnce() throws Exception {
    start();
    try (Gate gate = Gate.shut(postgres)) {
      String running = api.submit(GATED);
      gate.awaitReaders(1);
      String waiting = api.submit(SlowTable.shortRequest());
      HttpResponse<byte[]> answer = api.post("/exports/" + waiting + "/cancel", "");
      assertThat(answer.statusCode()).isEqualTo(202);
      assertThat(Api.json(answer).get("status").asText()).isEqualTo("cancelled");
      assertThat(Api.json(answer).get("startedAt").isNull()).isTrue();
      assertThat(statusOf(running)).isEqualTo("running");
      gate.open();
      api.awaitStatus(running, "completed");
      assertThat(statusOf(waiting)).isEqualTo("cancelled");
    }
  }

  @Test
  void oneThatRunsIsCancelledAndItsStatementsEnd() throws Exception {
    start();
    try (Gate gate = Gate.shut(postgres)) {
      String id = api.submit(GATED);
      SlowTable.awaitBytes(api, id);
      gate.awaitReaders(1);
      assertThat(api.post("/exports/" + id + "/cancel", "").statusCode()).isEqualTo(202);
      awaitNoStatements();
      JsonNode status = api.awaitStatus(id, "cancelled");
      assertThat(status.get("error").isNull()).isTrue();
      assertThat(status.get("finishedAt").isNull()).isFalse();
    }
    assertThat(files()).isEmpty();
    api.completed(SlowTable.shortRequest());
  }

  @Test
  void whatIsFinishedCannotBeCancelled() throws Exception {
    start();
    String id = api.completed(SlowTable.shortRequest());
    HttpResponse<byte[]> answer = api.post("/exports/" + id + "/cancel", "");
    assertThat(answer.statusCode()).isEqualTo(409);
    assertThat(Api.json(answer).get("detail").asText()).contains(id, "completed");
    assertThat(statusOf(id)).isEqualTo("completed");
    assertThat(api.get("/exports/" + id + "/download").statusCode()).isEqualTo(200);
  }

  @Test
  void oneThatIsDeletedWhileItRunsIsStoppedAndLeavesNothing() throws Exception {
    start();
    try (Gate gate = Gate.shut(postgres)) {
      String id = api.submit(GATED);
      SlowTable.awaitBytes(api, id);
      gate.awaitReaders(1);
      assertThat(files()).isNotEmpty();
      assertThat(api.delete("/exports/" + id).statusCode()).isEqualTo(204);
      assertThat(api.get("/exports/" + id).statusCode()).isEqualTo(410);
      awaitNoStatements();
      await("its files to be gone").until(() -> files().isEmpty());
      for (String path : List.of("", "/download", "/manifest")) {
        assertThat(api.get("/exports/" + id + path).statusCode()).isEqualTo(410);
      }
      assertThat(Api.json(api.get("/exports")).get("exports")).isEmpty();
    }
    api.completed(SlowTable.shortRequest());
  }

  // ------------------------------------------------------------------ time and disk

  @Test
  void oneThatTakesTooLongIsStopped() throws Exception {
    start("EXPORT_TIMEOUT", "1s");
    try (Gate gate = Gate.shut(postgres)) {
      String id = api.submit(GATED);
      JsonNode status = requireFailed(id, "timeout");
      assertThat(status.at("/error/detail").asText()).contains("1 s", "EXPORT_TIMEOUT");
      assertThat(status.get("durationSeconds").asDouble()).isGreaterThan(1);
      awaitNoStatements();
    }
    assertThat(files()).isEmpty();
    api.completed(SlowTable.shortRequest());
  }

  @Test
  void oneThatUsesMoreOfTheDiskThanExportsMayIsStopped() throws Exception {
    start("EXPORT_DISK_LIMIT", "1MB");
    try (Gate gate = Gate.shut(postgres)) {
      String kept = api.completed(SlowTable.shortRequest());
      JsonNode status = requireFailed(api.submit(GATED), "disk-full");
      assertThat(status.at("/error/detail").asText()).contains("1000000", "EXPORT_DISK_LIMIT");
      awaitNoStatements();
      assertThat(files()).containsExactlyInAnyOrder(kept + ".csv", kept + ".manifest.json");
    }
    api.completed(SlowTable.shortRequest());
  }

  @Test
  void noneIsTakenInOnceTheDiskIsUsedUp() throws Exception {
    String limit = "35";
    start("EXPORT_DISK_LIMIT", limit);
    String id = api.completed(SlowTable.shortRequest());
    assertThat(api.status(id).at("/file/bytes").asText()).isEqualTo(limit);
    HttpResponse<byte[]> refusal = refused(SlowTable.shortRequest(), 507, "disk-full");
    assertThat(Api.json(refusal).get("detail").asText()).contains(limit + " bytes");
    assertThat(api.delete("/exports/" + id).statusCode()).isEqualTo(204);
    api.completed(SlowTable.shortRequest());
  }

  // ------------------------------------------------------------------ expiry

  @Test
  void filesAreKeptForAWhile() throws Exception {
    SettableClock clock = SettableClock.standing();
    api = Api.start(Api.settings(postgres, "EXPORT_TTL", "1s"), clock);
    String old = api.completed(SlowTable.shortRequest());
    clock.advance(Duration.ofMillis(900));
    String young = api.completed(SlowTable.shortRequest());
    clock.advance(Duration.ofMillis(200));
    await("the first to expire").until(() -> statusOf(old).equals("expired"));
    assertThat(statusOf(young)).isEqualTo("completed");
    assertThat(files()).containsExactlyInAnyOrder(young + ".csv", young + ".manifest.json");
    assertThat(api.status(old).get("file").isNull()).isTrue();
    assertThat(api.get("/exports/" + old + "/download").statusCode()).isEqualTo(410);
    assertThat(api.get("/exports/" + old + "/manifest").statusCode()).isEqualTo(410);
    assertThat(api.post("/exports/" + old + "/cancel", "").statusCode()).isEqualTo(409);
    assertThat(api.delete("/exports/" + old).statusCode()).isEqualTo(204);
  }
}
