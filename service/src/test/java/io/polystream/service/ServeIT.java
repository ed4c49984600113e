package io.polystream.service;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.polystream.testing.Gate;
import io.polystream.testing.JavaProcess;
import io.polystream.testing.Patience;
import io.polystream.testing.PostgresExtension;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** The program {@code polystream serve}: how it begins, what it says, how it ends. */
class ServeIT {
  @RegisterExtension static final PostgresExtension postgres = new PostgresExtension();

  private static final int WRONG = 2;
  private static final int STORAGE = 5;

  private static final String GATED = SlowTable.request(SlowTable.GATED, "csv");

  @BeforeAll
  static void createTable() throws SQLException {
    SlowTable.create(postgres);
  }

  private static Map<String, String> environment(String... namesAndValues) {
    return Api.environment(postgres, namesAndValues);
  }

  /** Ended as it should: this exit code, nothing on standard output, one plain line. */
  private static void requireRefused(JavaProcess.End end, int code, String... words) {
    assertThat(end.exitCode()).as(end.err()).isEqualTo(code);
    assertThat(end.out()).isEmpty();
    List<String> lines = end.err().lines().toList();
    assertThat(lines).as("lines on standard error").hasSize(1);
    assertThat(lines.get(0))
        .startsWith("polystream: ")
        .contains(words)
        .doesNotContain("Exception", " null", "defect", "  ");
  }

  // ------------------------------------------------------------------ beginning

  @Test
  void helpSaysWhatItTakesAndHowItEnds() throws Exception {
    JavaProcess.End help = ServiceProcess.run(Map.of(), "--help");
    assertThat(help.exitCode()).isZero();
    assertThat(help.err()).isEmpty();
    assertThat(help.out())
        .startsWith("Usage: polystream serve")
        .contains("--demo", "--rows", "--insecure", "Exit codes:", ".env.example", "DATABASE_URL");
  }

  @Test
  void versionIsOneLine() throws Exception {
    JavaProcess.End version = ServiceProcess.run(Map.of(), "--version");
    assertThat(version.exitCode()).isZero();
    assertThat(version.err()).isEmpty();
    assertThat(version.out()).matches("polystream \\S+\\R");
  }

  @Test
  void whateverIsWrongWithTheSettingsIsInOneLine() throws Exception {
    Map<String, String> environment = new HashMap<>();
    environment.put("DATABASE_URL", "mysql://localhost/shop");
    environment.put("PORT", "99999");
    environment.put("MAX_CONCURRENT_EXPORTS", "none");
    environment.put("MAX_QUEUED_EXPORTS", "-1");
    environment.put("EXPORT_TIMEOUT", "soon");
    environment.put("EXPORT_DISK_LIMIT", "0");
    environment.put("EXPORT_TABLES", "a.b.c.d");
    environment.put("DRAIN_TIMEOUT", "30");
    environment.put("LOG_FORMAT", "xml");
    String[] names = environment.keySet().toArray(String[]::new);
    requireRefused(ServiceProcess.run(environment), WRONG, names);
  }

  @Test
  void anUnknownArgumentIsRefused() throws Exception {
    requireRefused(ServiceProcess.run(environment(), "--port", "1"), WRONG, "--port", "--help");
  }

  @Test
  void withoutADatabaseItSaysHowToNameOne() throws Exception {
    Map<String, String> environment = environment();
    environment.remove("DATABASE_URL");
    requireRefused(ServiceProcess.run(environment), WRONG, "DATABASE_URL", "--demo");
  }

  @Test
  void aPortThatSomebodyHasIsRefused() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
      String port = String.valueOf(taken.getLocalPort());
      requireRefused(ServiceProcess.run(environment("PORT", port)), WRONG, port, "set", "PORT");
    }
  }

  @Test
  void aDirectoryThatCannotBeMadeIsRefused() throws Exception {
    Path file = Files.createFile(postgres.directory().resolve("file"));
    String directory = file.resolve("exports").toString();
    requireRefused(
        ServiceProcess.run(environment("EXPORT_DIR", directory)), STORAGE, directory, "EXPORT_DIR");
  }

  @Test
  void aSecondOneOnTheSameStoreIsRefusedAndTheFirstGoesOn() throws Exception {
    try (Api first = Api.start(postgres)) {
      String id = first.completed(SlowTable.shortRequest());
      requireRefused(
          ServiceProcess.run(environment()),
          WRONG,
          "another service",
          "polystream.db",
          "STORE_PATH");
      assertThat(first.get("/exports/" + id + "/download").statusCode()).isEqualTo(200);
      first.completed(SlowTable.shortRequest());
    }
  }

  @Test
  void anAddressThatOthersReachTakesAWord() throws Exception {
    Map<String, String> everywhere = environment("BIND_ADDRESS", "0.0.0.0");
    requireRefused(ServiceProcess.run(everywhere), WRONG, "BIND_ADDRESS", "0.0.0.0", "--insecure");
    try (ServiceProcess service =
        ServiceProcess.start(ServiceProcess.setup(everywhere), "--insecure")) {
      assertThat(service.awaitApi().get("/health").statusCode()).isEqualTo(200);
      service.end("TERM");
    }
  }

  // ------------------------------------------------------------------ the log

  @Test
  void linesOfTheLogAreObjectsWithIds() throws Exception {
    String id;
    String err;
    try (ServiceProcess service = ServiceProcess.start(postgres, "LOG_FORMAT", "json")) {
      Api api = service.awaitApi();
      id = api.completed(SlowTable.shortRequest());
      assertThat(api.get("/health", "X-Request-Id", "what-I-call-it").statusCode()).isEqualTo(200);
      err = service.end("TERM").err();
    }
    List<JsonNode> lines = new ArrayList<>();
    for (String line : err.lines().toList()) {
      lines.add(Api.JSON.readTree(line));
    }
    assertThat(lines)
        .allSatisfy(
            line -> {
              assertThat(line.isObject()).as("%s", line).isTrue();
              assertThat(line.get("time").asText()).matches("\\d{4}-\\d\\d-\\d\\dT[\\d:.]+Z");
              assertThat(line.get("level").asText()).isEqualTo("INFO");
              assertThat(line.get("message").asText()).isNotBlank();
            });
    assertThat(lines)
        .filteredOn(line -> line.path("exportId").asText().equals(id))
        .extracting(line -> line.get("message").asText())
        .anyMatch(message -> message.startsWith("export begins"))
        .anyMatch(message -> message.startsWith("export completed"));
    assertThat(lines)
        .filteredOn(line -> line.path("traceId").asText().equals("what-I-call-it"))
        .extracting(line -> line.get("message").asText())
        .singleElement()
        .asString()
        .startsWith("GET /health 200");
  }

  // ------------------------------------------------------------------ ending

  private static void requireDraining(HttpResponse<byte[]> answer) throws IOException {
    assertThat(answer.statusCode()).isEqualTo(503);
    assertThat(Api.json(answer).get("type").asText()).isEqualTo("urn:polystream:problem:draining");
    assertThat(answer.headers().firstValue("Retry-After")).isPresent();
  }

  private static void awaitDraining(Api api) {
    Patience.await("the service to end")
        .until(
            () ->
                Api.json(api.get("/health/ready")).at("/checks/draining").asBoolean()
                    && api.get("/health/ready").statusCode() == 503);
  }

  @Test
  void whatRunsFinishesBeforeItEnds() throws Exception {
    requireFinished("TERM");
  }

  @Test
  void whatTakesTooLongIsStoppedAndBegunAgainByTheNextOne() throws Exception {
    requireBegunAgain("INT");
  }

  @Tag("soak")
  @Test
  void bothSignalsDoTheSame() throws Exception {
    requireFinished("INT");
    requireBegunAgain("TERM");
  }

  private static void requireFinished(String signal) throws Exception {
    String running;
    String waiting;
    try (Gate gate = Gate.shut(postgres);
        ServiceProcess service = ServiceProcess.start(postgres)) {
      Api api = service.awaitApi();
      running = api.submit(GATED);
      waiting = api.submit(SlowTable.shortRequest());
      gate.awaitReaders(1);
      service.process().signal(signal);
      awaitDraining(api);
      requireDraining(api.post("/exports", SlowTable.shortRequest()));
      assertThat(api.get("/health/live").statusCode()).isEqualTo(200);
      assertThat(api.status(running).get("status").asText()).isEqualTo("running");
      gate.open();
      service.awaitOrderlyEnd();
      assertThat(Api.exportDirectory(postgres).resolve(running + ".csv")).isNotEmptyFile();
    }
    try (Api next = Api.start(postgres)) {
      assertThat(next.status(running).get("status").asText()).isEqualTo("completed");
      next.awaitStatus(waiting, "completed");
    }
  }

  @Test
  void aSecondInterruptEndsItAtOnce() throws Exception {
    try (Gate gate = Gate.shut(postgres)) {
      String id;
      try (ServiceProcess service = ServiceProcess.start(postgres)) {
        Api api = service.awaitApi();
        id = api.submit(GATED);
        gate.awaitReaders(1);
        service.process().signal("INT");
        awaitDraining(api);
        service.process().signal("INT");
        assertThat(service.process().awaitEnd(Patience.LONGEST).exitCode()).isEqualTo(130);
      }
      gate.open();
      try (Api next = Api.start(postgres)) {
        next.awaitStatus(id, "completed");
      }
    }
  }

  private static void requireBegunAgain(String signal) throws Exception {
    try (Gate gate = Gate.shut(postgres)) {
      String id;
      try (ServiceProcess service = ServiceProcess.start(postgres, "DRAIN_TIMEOUT", "200ms")) {
        Api api = service.awaitApi();
        id = api.submit(GATED);
        SlowTable.awaitBytes(api, id);
        gate.awaitReaders(1);
        service.end(signal);
      }
      assertThat(SlowTable.statements(postgres)).isEmpty();
      assertThat(names(Api.exportDirectory(postgres)))
          .contains("polystream.db")
          .noneMatch(name -> name.contains(id) || name.startsWith("polystream.db-"));
      try (Api next = Api.start(postgres)) {
        gate.awaitReaders(1);
        assertThat(next.status(id).get("status").asText()).isEqualTo("running");
        gate.open();
        JsonNode status = next.awaitStatus(id, "completed");
        assertThat(status.get("rows").asLong()).isEqualTo(SlowTable.ROWS);
      }
    }
  }

  /** As a signal does, in a thread of its own. */
  private static CompletableFuture<Void> tellToEnd(Api api) {
    // Not in the common pool, which has one thread for two processors and Java's client needs.
    CompletableFuture<Void> ended =
        CompletableFuture.runAsync(api.service()::stop, task -> new Thread(task, "stop").start());
    awaitDraining(api);
    return ended;
  }

  private static <T> T await(CompletableFuture<T> future) throws Exception {
    return future.get(Patience.LONGEST.toSeconds(), TimeUnit.SECONDS);
  }

  @Test
  void aDownloadFinishesBeforeItEnds() throws Exception {
    try (Api api = Api.start(postgres)) {
      String id = api.completed(SlowTable.request(SlowTable.NAME, "csv"));
      HttpResponse<InputStream> download =
          api.client()
              .send(
                  api.request("/exports/" + id + "/download?rate=16MB").build(),
                  BodyHandlers.ofInputStream());
      CompletableFuture<Void> ended = tellToEnd(api);
      try (InputStream body = download.body()) {
        assertThat(body.readAllBytes())
            .isEqualTo(Files.readAllBytes(Api.exportDirectory(postgres).resolve(id + ".csv")));
      }
      await(ended);
    }
  }

  /** Nobody will run it any more: to wait for it would be to wait for the connection's end. */
  @Test
  void whoeverWaitsForAnExportWhoseTurnHasNotComeIsToldToAskTheNextOne() throws Exception {
    try (Gate gate = Gate.shut(postgres);
        Api api = Api.start(postgres)) {
      String running = api.submit(GATED);
      String waiting = api.submit(SlowTable.shortRequest());
      gate.awaitReaders(1);
      CompletableFuture<HttpResponse<byte[]>> answer =
          api.client()
              .sendAsync(
                  api.request("/exports/" + waiting + "/download").build(),
                  BodyHandlers.ofByteArray());
      Patience.await("the one who waits")
          .until(
              () ->
                  new String(api.get("/metrics").body(), UTF_8)
                      .contains("polystream_transfers_active 1"));
      CompletableFuture<Void> ended = tellToEnd(api);
      requireDraining(await(answer));
      requireDraining(api.get("/exports/" + waiting + "/download"));
      assertThat(api.post("/exports/" + waiting + "/cancel", "").statusCode()).isEqualTo(202);
      assertThat(api.status(waiting).get("status").asText()).isEqualTo("cancelled");
      assertThat(api.status(running).get("status").asText()).isEqualTo("running");
      gate.open();
      await(ended);
    }
  }

  /** Its processes do not run any more, but the connections to them are open. */
  @Tag("soak")
  @Test
  void aFrozenDatabaseDoesNotKeepItFromEnding() throws Exception {
    String id;
    try (Gate gate = Gate.shut(postgres)) {
      try (ServiceProcess service = ServiceProcess.start(postgres, "DRAIN_TIMEOUT", "1s")) {
        Api api = service.awaitApi();
        id = api.submit(GATED);
        SlowTable.awaitBytes(api, id);
        gate.awaitReaders(1);
        List<String> backends =
            postgres.queryColumn(
                "SELECT pid FROM pg_stat_activity WHERE application_name LIKE 'polystream%'"
                    + " AND datname = current_database()");
        try {
          for (String pid : backends) {
            JavaProcess.signal("STOP", Long.parseLong(pid));
          }
          service.process().signal("TERM");
          Patience.awaitPromised(
              "the end", Duration.ofSeconds(16), () -> !service.process().isAlive());
          service.awaitOrderlyEnd();
        } finally {
          for (String pid : backends) {
            JavaProcess.signal("CONT", Long.parseLong(pid));
          }
        }
      }
      SlowTable.endSessions(postgres);
      gate.open();
    }
    try (Api next = Api.start(postgres)) {
      next.awaitStatus(id, "completed");
    }
  }

  private static List<String> names(Path directory) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  // ------------------------------------------------------------------ the demo

  /** On a machine that has never seen one: its directory for temporary files is empty. */
  private static ServiceProcess startDemo(Path directory, String rows) throws IOException {
    Path temporary = Files.createDirectory(directory.resolve("tmp"));
    JavaProcess.Setup setup =
        ServiceProcess.setup(
                Map.of("PORT", "0", "EXPORT_DIR", directory.resolve("exports").toString()))
            .jvmFlags("-Djava.io.tmpdir=" + temporary);
    return ServiceProcess.start(setup, "--demo", "--rows", rows);
  }

  private static void requireNothingLeft(Path directory) throws IOException {
    Path temporary = directory.resolve("tmp");
    assertThat(names(temporary)).noneMatch(name -> name.startsWith("polystream"));
    assertThat(ProcessHandle.allProcesses().map(process -> process.info().commandLine().orElse("")))
        .noneMatch(command -> command.contains(temporary.toString()));
  }

  @Tag("soak")
  @Test
  void theDemoServesATableOfItsOwnAndLeavesNothing(@TempDir Path directory) throws Exception {
    try (ServiceProcess demo = startDemo(directory, "1000")) {
      Api api = demo.awaitApi();
      assertThat(api.get("/health/ready").statusCode()).isEqualTo(200);
      String id = api.completed("{\"format\": \"csv\", \"columns\": [{\"source\": \"id\"}]}");
      assertThat(api.status(id).get("rows").asLong()).isEqualTo(1000);
      demo.end("TERM");
    }
    requireNothingLeft(directory);
  }

  @Tag("soak")
  @Test
  void theDemoEndsWhileItsTableIsFilled(@TempDir Path directory) throws Exception {
    try (ServiceProcess demo = startDemo(directory, "50000000")) {
      Patience.await("the demo to fill its table")
          .until(() -> demo.process().errSoFar().contains("filling"));
      demo.process().signal("INT");
      Patience.awaitPromised("the end", Duration.ofSeconds(10), () -> !demo.process().isAlive());
      demo.awaitOrderlyEnd();
    }
    requireNothingLeft(directory);
  }
}
