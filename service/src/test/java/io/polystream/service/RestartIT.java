package io.polystream.service;

import static io.polystream.testing.Patience.await;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.polystream.testing.Gate;
import io.polystream.testing.Patience;
import io.polystream.testing.PostgresExtension;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import java.util.stream.Stream;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** What the next service makes of what the last one left, however that one ended. */
class RestartIT {
  @RegisterExtension static final PostgresExtension postgres = new PostgresExtension();

  private static final String GATED = SlowTable.request(SlowTable.GATED, "csv");
  private static final String WHOLE = SlowTable.request(SlowTable.NAME, "csv");

  private Path directory;

  @BeforeAll
  static void createTable() throws SQLException {
    SlowTable.create(postgres);
  }

  @BeforeEach
  void nameDirectory() {
    directory = Api.exportDirectory(postgres);
  }

  private static Api start(String... namesAndValues) throws Exception {
    return Api.start(postgres, namesAndValues);
  }

  private List<String> files() throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> !name.startsWith("polystream.db"))
          .sorted()
          .toList();
    }
  }

  private static void requireFailed(JsonNode status, String type, String... words) {
    assertThat(status.get("status").asText()).isEqualTo("failed");
    assertThat(status.at("/error/type").asText()).isEqualTo("urn:polystream:problem:" + type);
    assertThat(status.at("/error/detail").asText())
        .contains(words)
        .doesNotContain("\n", "Exception", "defect");
  }

  // ------------------------------------------------------------------ kills

  @Test
  void afterAKillExportsRunAgainAndDownloadsGoOnWhereTheyWere() throws Exception {
    String completed;
    String running;
    String waiting;
    byte[] file;
    String etag;
    ByteArrayOutputStream received = new ByteArrayOutputStream();
    try (Gate gate = Gate.shut(postgres)) {
      try (ServiceProcess service = ServiceProcess.start(postgres, "MAX_CONCURRENT_EXPORTS", "2")) {
        Api api = service.awaitApi();
        completed = api.completed(WHOLE);
        file = Files.readAllBytes(directory.resolve(completed + ".csv"));
        running = api.submit(GATED);
        SlowTable.awaitBytes(api, running);
        HttpResponse<InputStream> oneShot = get(api, "/tables/gated/rows.csv");
        assertThat(oneShot.body().readNBytes(1000)).hasSize(1000);
        gate.awaitReaders(2);
        waiting = api.submit(SlowTable.shortRequest());
        HttpResponse<InputStream> download =
            get(api, "/exports/" + completed + "/download?rate=4MB");
        etag = download.headers().firstValue("ETag").orElseThrow();
        received.write(download.body().readNBytes(1_000_000));
        assertThat(files()).anyMatch(name -> name.startsWith("." + running));
        service.kill();
        SlowTable.endSessions(postgres);
        assertCutOff(download.body(), received);
        assertCutOff(oneShot.body(), new ByteArrayOutputStream());
      }
      assertThat(received.size()).isLessThan(file.length);
      try (Api api = start()) {
        assertThat(ids(api)).containsExactly(waiting, running, completed);
        assertThat(api.status(completed).get("status").asText()).isEqualTo("completed");
        assertThat(api.get("/exports/" + completed + "/download").body()).isEqualTo(file);
        HttpResponse<byte[]> rest =
            api.get(
                "/exports/" + completed + "/download",
                "Range",
                "bytes=" + received.size() + "-",
                "If-Range",
                etag);
        assertThat(rest.statusCode()).isEqualTo(206);
        received.write(rest.body());
        assertThat(received.toByteArray()).isEqualTo(file);

        gate.awaitReaders(1);
        assertThat(api.status(running).get("status").asText()).isEqualTo("running");
        assertThat(api.status(waiting).get("status").asText()).isEqualTo("pending");
        gate.open();
        JsonNode again = api.awaitStatus(running, "completed");
        assertThat(again.get("rows").asLong()).isEqualTo(SlowTable.ROWS);
        assertThat(api.get("/exports/" + running + "/download").body()).isEqualTo(file);
        api.awaitStatus(waiting, "completed");
        assertThat(files())
            .containsExactlyInAnyOrderElementsOf(
                Stream.of(completed, running, waiting)
                    .flatMap(id -> Stream.of(id + ".csv", id + ".manifest.json"))
                    .toList());
      }
    }
  }

  private static HttpResponse<InputStream> get(Api api, String path) throws Exception {
    HttpResponse<InputStream> response =
        api.client().send(api.request(path).build(), BodyHandlers.ofInputStream());
    assertThat(response.statusCode()).isEqualTo(200);
    return response;
  }

  /** No client may take what it has for all there is. */
  private static void assertCutOff(InputStream body, ByteArrayOutputStream received) {
    assertThatIOException()
        .isThrownBy(
            () -> {
              for (int next = body.read(); next >= 0; next = body.read()) {
                received.write(next);
              }
            });
  }

  /** The newest first. */
  private static List<String> ids(Api api) throws Exception {
    List<String> ids = new ArrayList<>();
    for (JsonNode export : Api.json(api.get("/exports?limit=500")).get("exports")) {
      ids.add(export.get("exportId").asText());
    }
    return ids;
  }

  /** As a service leaves it that is killed while it runs its export. */
  private void leaveRunning(String id) throws SQLException {
    try (Connection store =
            DriverManager.getConnection("jdbc:sqlite:" + directory.resolve("polystream.db"));
        Statement statement = store.createStatement()) {
      assertThat(
              statement.executeUpdate(
                  "UPDATE jobs SET status = 'RUNNING', attempts = attempts + 1 WHERE id = '"
                      + id
                      + "' AND status = 'PENDING'"))
          .isEqualTo(1);
    }
  }

  @Test
  void oneThatWasBegunThreeTimesIsNotBegunAgain() throws Exception {
    String id;
    try (Gate gate = Gate.shut(postgres)) {
      try (Api api = start("DRAIN_TIMEOUT", "0s")) {
        id = api.submit(GATED);
        api.service().stop();
      }
      for (int attempt = 1; attempt <= 2; attempt++) {
        leaveRunning(id);
        try (Api api = start("DRAIN_TIMEOUT", "0s")) {
          gate.awaitReaders(1);
          api.service().stop();
        }
      }
      leaveRunning(id);
      try (Api api = start()) {
        requireFailed(api.status(id), "crashed", "3 times");
        assertThat(gate.readers()).isZero();
        api.completed(SlowTable.shortRequest());
      }
    }
  }

  @Tag("soak")
  @Test
  void oneThatServicesWereKilledAtThreeTimesIsNotBegunAgain() throws Exception {
    String id = null;
    try (Gate gate = Gate.shut(postgres)) {
      for (int attempt = 1; attempt <= 3; attempt++) {
        try (ServiceProcess service = ServiceProcess.start(postgres)) {
          Api api = service.awaitApi();
          id = id == null ? api.submit(GATED) : id;
          gate.awaitReaders(1);
          assertThat(api.status(id).get("status").asText()).isEqualTo("running");
          service.kill();
        }
        SlowTable.endSessions(postgres);
      }
      try (Api api = start()) {
        requireFailed(api.status(id), "crashed", "3 times");
        assertThat(files()).isEmpty();
        api.completed(SlowTable.shortRequest());
      }
    }
  }

  /** It was nobody's fault that it had to begin again. */
  @Test
  void oneThatWasStoppedInOrderHasNotCrashed() throws Exception {
    String id = null;
    try (Gate gate = Gate.shut(postgres)) {
      for (int attempt = 1; attempt <= 3; attempt++) {
        try (Api api = start("DRAIN_TIMEOUT", "0s")) {
          id = id == null ? api.submit(GATED) : id;
          gate.awaitReaders(1);
          api.service().stop();
        }
      }
      leaveRunning(id);
      gate.open();
    }
    try (Api api = start()) {
      api.awaitStatus(id, "completed");
    }
  }

  /** From before it listens until after all is done; whatever was answered still holds. */
  @Tag("soak")
  @Test
  void afterKillsAtAnyMomentEveryExportIsWholeOrSaysWhyNot() throws Exception {
    List<String> formats = List.of("csv", "json", "tsv", "xml");
    List<String> ids = new ArrayList<>();
    for (int millis = 700; millis <= 4200; millis += 250) {
      try (ServiceProcess service = ServiceProcess.start(postgres, "MAX_CONCURRENT_EXPORTS", "2")) {
        long begin = System.nanoTime();
        try {
          Api api = service.awaitApi();
          for (String format : formats) {
            ids.add(api.submit(SlowTable.request(SlowTable.NAME, format)));
          }
        } finally {
          Thread.sleep(Math.max(0, millis - (System.nanoTime() - begin) / 1_000_000));
          service.kill();
        }
      }
    }
    SlowTable.endSessions(postgres);
    try (Api api = start("MAX_CONCURRENT_EXPORTS", "2")) {
      assertThat(ids(api)).containsAll(ids);
      List<String> expected = new ArrayList<>();
      for (String id : ids) {
        await("the end of " + id).until(() -> !api.status(id).get("finishedAt").isNull());
        JsonNode status = api.status(id);
        if (status.get("status").asText().equals("failed")) {
          requireFailed(status, "crashed", "times");
          continue;
        }
        assertThat(status.get("status").asText()).isEqualTo("completed");
        assertThat(status.get("rows").asLong()).isEqualTo(SlowTable.ROWS);
        Path file = directory.resolve(id + "." + status.at("/request/format").asText());
        CRC32C crc = new CRC32C();
        crc.update(Files.readAllBytes(file));
        assertThat(status.at("/file/etag").asText())
            .endsWith("-%08x\"".formatted((int) crc.getValue()));
        expected.addAll(List.of(file.getFileName().toString(), id + ".manifest.json"));
      }
      assertThat(files()).containsExactlyInAnyOrderElementsOf(expected);
      System.err.printf("%d of %d exports whole%n", expected.size() / 2, ids.size());
    }
  }

  /** Somebody may try to start it again and again. */
  @Test
  void oneThatWaitsIsNotBegunByAServiceThatCannotListen() throws Exception {
    String id;
    try (Gate gate = Gate.shut(postgres)) {
      try (Api api = start("DRAIN_TIMEOUT", "0s")) {
        id = api.submit(GATED);
        api.service().stop();
      }
      try (ServerSocket taken = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
        ServiceSettings settings =
            Api.settings(postgres, "PORT", String.valueOf(taken.getLocalPort()));
        for (int attempt = 1; attempt <= 3; attempt++) {
          assertThatThrownBy(() -> PolyStreamService.start(settings, Clock.systemUTC()))
              .hasMessageContaining("cannot listen");
        }
      }
      assertThat(gate.readers()).isZero();
      gate.open();
    }
    try (Api api = start()) {
      api.awaitStatus(id, "completed");
    }
  }

  // ------------------------------------------------------------------ files

  @Test
  void oneWhoseFileIsGoneOrCutIsLost() throws Exception {
    String whole;
    String gone;
    String cut;
    try (Api api = start()) {
      whole = api.completed(SlowTable.shortRequest());
      gone = api.completed(SlowTable.shortRequest());
      cut = api.completed(SlowTable.shortRequest());
    }
    Files.delete(directory.resolve(gone + ".csv"));
    try (FileChannel file =
        FileChannel.open(directory.resolve(cut + ".csv"), StandardOpenOption.WRITE)) {
      file.truncate(file.size() - 1);
    }
    try (Api api = start()) {
      for (String id : List.of(gone, cut)) {
        requireFailed(api.status(id), "lost", "run the export again");
        assertThat(api.status(id).get("rows").asLong()).isEqualTo(10);
        assertThat(api.get("/exports/" + id + "/download").statusCode()).isEqualTo(409);
      }
      assertThat(api.get("/exports/" + whole + "/download").statusCode()).isEqualTo(200);
      assertThat(files()).containsExactlyInAnyOrder(whole + ".csv", whole + ".manifest.json");
    }
  }

  @Test
  void whatIsNobodysIsSweptAndWhatIsNotOursStays() throws Exception {
    String orphan = UUID.randomUUID().toString();
    Files.createDirectories(directory);
    List<String> ours =
        List.of(
            orphan + ".csv",
            orphan + ".manifest.json",
            "." + orphan + ".csv.polystream.lock",
            "." + orphan + ".manifest.json.polystream-new");
    List<String> others =
        List.of(
            "report.csv",
            ".hidden",
            "backup-" + orphan + ".csv",
            orphan,
            orphan.toUpperCase(Locale.ROOT) + ".csv",
            orphan.substring(1) + ".csv");
    for (String name : ours) {
      Files.writeString(directory.resolve(name), "old", UTF_8);
    }
    for (String name : others) {
      Files.writeString(directory.resolve(name), "mine", UTF_8);
    }
    Path work =
        Files.createDirectories(directory.resolve("." + orphan + ".json.gz.polystream-0a1b2c3d"));
    Files.writeString(Files.createDirectory(work.resolve("parts")).resolve("1"), "old", UTF_8);
    Path kept = Files.createDirectory(directory.resolve("archive"));
    Files.writeString(kept.resolve(orphan + ".csv"), "mine", UTF_8);
    // What it points at is not ours, wherever the link is.
    Path elsewhere = Files.createDirectory(postgres.directory().resolve("elsewhere"));
    Files.writeString(elsewhere.resolve("file"), "mine", UTF_8);
    Files.createSymbolicLink(directory.resolve(orphan + ".link"), elsewhere);
    List<String> expected = new ArrayList<>(others);
    expected.add("archive");
    try (Api api = start()) {
      assertThat(api.get("/health").statusCode()).isEqualTo(200);
      assertThat(files()).containsExactlyInAnyOrderElementsOf(expected);
      assertThat(kept.resolve(orphan + ".csv")).hasContent("mine");
      assertThat(elsewhere.resolve("file")).hasContent("mine");
    }
  }

  // ------------------------------------------------------------------ the database

  @Test
  void aServiceOutlivesItsDatabaseAndBeginsWithoutIt(@TempDir Path data) throws Exception {
    EmbeddedPostgres database = database(data, 0);
    int port = database.getPort();
    try {
      try (Connection connection = database.getPostgresDatabase().getConnection();
          Statement statement = connection.createStatement()) {
        statement.execute("CREATE TABLE records AS SELECT generate_series(1, 10) AS id");
        statement.execute(
            "CREATE VIEW endless AS SELECT id, pg_sleep(3600)::text AS slept FROM records");
      }
      database.close();
      try (Api api =
          start(
              "DATABASE_URL",
              "postgresql://postgres@localhost:" + port + "/postgres",
              "DB_CONNECT_TIMEOUT",
              "250ms")) {
        requireDatabase(api, 503, "unreachable");
        HttpResponse<byte[]> refused = api.post("/exports", SlowTable.shortRequest());
        assertThat(refused.statusCode()).isEqualTo(503);
        assertThat(Api.json(refused).get("type").asText())
            .isEqualTo("urn:polystream:problem:database-unreachable");
        assertThat(refused.headers().firstValue("Retry-After")).isPresent();

        database = database(data, port);
        awaitReady(api);
        api.completed(SlowTable.shortRequest());

        String running =
            api.submit(
                "{\"table\": \"endless\", \"format\": \"csv\","
                    + " \"columns\": [{\"source\": \"id\"}, {\"source\": \"slept\"}]}");
        awaitStatement(database, "COPY");
        database.close();
        JsonNode failed = api.awaitStatus(running, "failed");
        requireFailed(failed, "query", "connection", "database");
        assertThat(failed.at("/error/detail").asText()).doesNotContain(String.valueOf(port));
        requireDatabase(api, 503, "unreachable");
        assertThat(api.get("/health").statusCode()).isEqualTo(200);

        database = database(data, port);
        awaitReady(api);
        api.completed(SlowTable.shortRequest());
      }
    } finally {
      database.close();
    }
  }

  private static EmbeddedPostgres database(Path data, int port) throws IOException {
    return EmbeddedPostgres.builder()
        .setDataDirectory(data)
        .setCleanDataDirectory(false)
        .setPort(port)
        .setPGStartupWait(Patience.LONGEST)
        .setServerConfig("fsync", "off")
        .start();
  }

  private static void requireDatabase(Api api, int status, String check) throws Exception {
    HttpResponse<byte[]> ready = api.get("/health/ready");
    assertThat(ready.statusCode()).isEqualTo(status);
    assertThat(Api.json(ready).at("/checks/database").asText()).isEqualTo(check);
  }

  private static void awaitReady(Api api) {
    await("the service to be ready").until(() -> api.get("/health/ready").statusCode() == 200);
  }

  private static void awaitStatement(EmbeddedPostgres database, String beginning) {
    await("a statement " + beginning)
        .until(
            () -> {
              try (Connection connection = database.getPostgresDatabase().getConnection();
                  Statement statement = connection.createStatement()) {
                return statement
                    .executeQuery(
                        "SELECT FROM pg_stat_activity WHERE state = 'active' AND query LIKE '"
                            + beginning
                            + "%'")
                    .next();
              }
            });
  }
}
