package io.polystream.service;

import static io.polystream.testing.Patience.await;
import static io.polystream.testing.Patience.awaitPromised;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import com.fasterxml.jackson.databind.JsonNode;
import com.github.luben.zstd.ZstdInputStream;
import io.polystream.format.Format;
import io.polystream.format.Formats;
import io.polystream.testing.Gate;
import io.polystream.testing.PostgresExtension;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URLEncoder;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Exports straight to the client, which live as long as their download. */
class OneShotIT {
  @RegisterExtension static final PostgresExtension postgres = new PostgresExtension();

  /** What users are promised of an export that nobody waits for any more. */
  private static final Duration SOON = Duration.ofSeconds(2);

  private Api api;

  @BeforeAll
  static void createTables() throws SQLException {
    postgres.execute(
        "CREATE TABLE records AS SELECT n::bigint AS id, 'Record ' || n AS name, n % 2 = 0 AS even,"
            + " jsonb_build_object('category', chr(65 + n % 3), 'n', n, 'odd.key', n % 2) AS metadata"
            + " FROM generate_series(1, 9) n",
        "INSERT INTO records VALUES (10, '', true, '{}')",
        "CREATE TABLE filled AS SELECT id, repeat(md5(id::text), 32) AS filler"
            + " FROM generate_series(1, 6000) AS id",
        // A part of the file is there before the row that has to wait comes.
        "CREATE VIEW slow AS SELECT * FROM filled WHERE id <> 5900 OR " + Gate.PASSED,
        "CREATE VIEW stuck AS SELECT * FROM filled WHERE id <> 1 OR " + Gate.PASSED,
        "CREATE VIEW doomed AS SELECT * FROM filled WHERE 1 / (id - 2) < 5",
        "CREATE VIEW doomed_late AS SELECT * FROM filled WHERE 1 / (id - 5900) < 5");
  }

  @BeforeEach
  void start() throws Exception {
    restart();
  }

  private void restart(String... namesAndValues) throws Exception {
    stop();
    api = Api.start(postgres, namesAndValues);
  }

  @AfterEach
  void stop() {
    if (api != null) {
      api.close();
      api = null;
    }
  }

  private String text(String path) throws Exception {
    HttpResponse<byte[]> response = api.get(path);
    String body = new String(response.body(), UTF_8);
    assertThat(response.statusCode()).as(body).isEqualTo(200);
    return body;
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, UTF_8);
  }

  private void requireNothingLeft() throws Exception {
    awaitPromised("nothing to be left", SOON, this::isNothingLeft);
  }

  private boolean isNothingLeft() throws Exception {
    try (Stream<Path> files = Files.list(Api.exportDirectory(postgres))) {
      return Api.json(api.get("/exports")).get("exports").isEmpty()
          && files.allMatch(file -> file.getFileName().toString().startsWith("polystream.db"));
    }
  }

  // ------------------------------------------------------------------ formats

  static Stream<String> formats() {
    return Formats.all().stream().map(Format::name);
  }

  @ParameterizedTest
  @MethodSource("formats")
  void everyFormatWithEveryCompressionIsTheFile(String name) throws Exception {
    Format format = Formats.byName(name);
    String id =
        api.completed(
            """
            {"format": "%s", "columns": [{"source": "id"}, {"source": "name"}, {"source": "even"},
                                         {"source": "metadata"}]}"""
                .formatted(name));
    byte[] file = api.get("/exports/" + id + "/download").body();
    api.delete("/exports/" + id);

    String path = "/tables/records/rows." + format.extension();
    HttpResponse<byte[]> plain = api.get(path);
    assertThat(plain.body()).isEqualTo(file);
    assertThat(plain.headers().firstValue("Content-Type")).hasValue(format.contentType());
    if (name.equals("parquet")) {
      assertThat(api.get(path + ".gz").statusCode()).isEqualTo(400);
      assertThat(api.get(path + ".zst").statusCode()).isEqualTo(400);
    } else {
      InputStream gzip = new ByteArrayInputStream(api.get(path + ".gz").body());
      assertThat(new GZIPInputStream(gzip).readAllBytes()).isEqualTo(file);
      InputStream zstd = new ByteArrayInputStream(api.get(path + ".zst").body());
      assertThat(new ZstdInputStream(zstd).readAllBytes()).isEqualTo(file);
    }
    requireNothingLeft();
  }

  @ParameterizedTest
  @CsvSource(
      nullValues = "-",
      value = {
        "rows.csv, gzip, text/csv; charset=utf-8, -, .csv",
        "rows.csv.gz, gzip, text/csv; charset=utf-8, gzip, .csv",
        "rows.csv.gz, -, text/csv; charset=utf-8, gzip, .csv.gz",
        "rows.csv.gz, identity, application/gzip, -, .csv.gz",
        "rows.csv.zst, gzip, application/zstd, -, .csv.zst",
      })
  void aCompressedOneIsWhatADownloadIs(
      String rows, String accepted, String type, String coding, String extension) throws Exception {
    String[] headers =
        accepted == null ? new String[0] : new String[] {"Accept-Encoding", accepted};
    HttpResponse<byte[]> get = api.get("/tables/records/" + rows, headers);
    HttpResponse<byte[]> head = api.head("/tables/records/" + rows, headers);
    for (HttpResponse<byte[]> response : List.of(get, head)) {
      assertThat(response.statusCode()).isEqualTo(200);
      assertThat(response.headers().firstValue("Content-Type")).hasValue(type);
      assertThat(response.headers().firstValue("Content-Encoding"))
          .isEqualTo(Optional.ofNullable(coding));
    }
    assertThat(get.headers().firstValue("Content-Disposition").orElseThrow())
        .endsWith(extension + "\"");
  }

  @Test
  void headStartsNothing() throws Exception {
    HttpResponse<byte[]> head = api.head("/tables/records/rows.csv");
    assertThat(head.statusCode()).isEqualTo(200);
    assertThat(head.body()).isEmpty();
    assertThat(api.head("/tables/records/rows.csv?columns=missing").statusCode()).isEqualTo(400);
    assertThat(Metrics.of(api).series())
        .noneMatch(name -> name.startsWith("polystream_jobs_ended"));
  }

  // ------------------------------------------------------------------ queries

  @Test
  void columnsFilterAndLimitAreThoseOfARequest() throws Exception {
    assertThat(
            text(
                "/tables/records/rows.csv?columns="
                    + encoded("id:ID,metadata.category:\"a, b\",metadata.\"odd.key\"")
                    + "&limit=2&filter="
                    + encoded("[{\"column\": \"metadata.n\", \"op\": \"gt\", \"value\": 2.50}]")))
        .isEqualTo("ID,\"a, b\",\"metadata.\"\"odd.key\"\"\"\r\n3,A,1\r\n4,B,0\r\n");
  }

  @TestFactory
  Stream<DynamicTest> aQueryThatIsWrongStartsNothing() {
    return Stream.of(
            "columns=missing",
            "columns=",
            "columns=id,id",
            "columns=%22id",
            "filter=id%3D1",
            "filter=",
            "filter=%7B%7D",
            "filter=%5B%7B%22column%22:%22id%22,%22op%22:%22eq%22,%22value%22:%22x%22%7D%5D",
            "limit=0",
            "limit=ten",
            "rate=0",
            "limit=1&limit=2",
            "where=1%3D1",
            "as=file")
        .map(
            query ->
                dynamicTest(
                    query,
                    () -> {
                      HttpResponse<byte[]> response = api.get("/tables/records/rows.csv?" + query);
                      assertThat(response.statusCode()).isEqualTo(400);
                      assertThat(Metrics.of(api).series())
                          .noneMatch(name -> name.startsWith("polystream_jobs_ended"));
                      requireNothingLeft();
                    }));
  }

  @Test
  void aWrongQueryNamesThePlace() throws Exception {
    JsonNode problem =
        Api.json(
            api.get(
                "/tables/records/rows.csv?columns=id,missing&filter="
                    + encoded("[{\"column\": \"id\", \"op\": \"eq\", \"value\": \"x\"}]")));
    Set<String> pointers = new TreeSet<>();
    problem.get("errors").forEach(error -> pointers.add(error.get("pointer").asText()));
    assertThat(pointers).containsExactly("/columns/1/source", "/filter/0/value");
  }

  // ------------------------------------------------------------------ aliases

  /** With the ids of the rows that there are. */
  @TestFactory
  Stream<DynamicTest> everyOtherParameterOfAnAliasIsACondition() {
    return Map.ofEntries(
            Map.entry("id=3", "3"),
            Map.entry("id=3&name=Record+3", "3"),
            Map.entry("id=3&name=Record%203", "3"),
            Map.entry("id=3&name=Record+4", ""),
            Map.entry("name=", "10"),
            Map.entry("even=true&id=4", "4"),
            Map.entry("metadata.category=A&id=3", "3"),
            Map.entry("metadata.n=5", "5"),
            Map.entry("metadata.%22odd.key%22=1&id=7", "7"),
            Map.entry("metadata.category=%27%20OR%201%3D1", ""),
            Map.entry("metadata.category=C&limit=1", "2"),
            Map.entry("ID=8", "8"))
        .entrySet()
        .stream()
        .map(
            query ->
                dynamicTest(
                    query.getKey(),
                    () ->
                        assertThat(text("/api/export/csv?columns=id&" + query.getKey()))
                            .isEqualTo(
                                "id\r\n"
                                    + (query.getValue().isEmpty()
                                        ? ""
                                        : query.getValue() + "\r\n"))));
  }

  @Test
  void anAliasHasAllColumnsInItsFormat() throws Exception {
    assertThat(text("/api/export/csv?id=1"))
        .startsWith("id,name,even,metadata\r\n1,Record 1,false,");
    JsonNode rows = Api.JSON.readTree(text("/api/export/json?id=1"));
    assertThat(rows).hasSize(1);
    assertThat(rows.at("/0/metadata/category").asText()).isEqualTo("B");
    requireNothingLeft();
  }

  @Test
  void anAliasIsOfTheUsualTableOrAnother() throws Exception {
    assertThat(text("/api/export/csv?table=filled&columns=id&id=7")).isEqualTo("id\r\n7\r\n");
    assertThat(api.get("/api/export/csv?table=missing").statusCode()).isEqualTo(404);
    restart("EXPORT_TABLE", "filled");
    assertThat(text("/api/export/csv?columns=id&id=7")).isEqualTo("id\r\n7\r\n");
  }

  @TestFactory
  Stream<DynamicTest> anAliasWithAWrongConditionStartsNothing() {
    return Stream.of(
            "missing=1",
            "id=x",
            "id=1&id=2",
            "name.x=1",
            "=1",
            "id.=1",
            "limit=0",
            "columns=missing",
            "rate=x",
            "%zz=1",
            // As Latin-1 has it: no UTF-8, and not to be taken for U+FFFD.
            "name=Z%FCrich",
            "name%FF=1",
            "name=%ED%A0%80")
        .map(
            query ->
                dynamicTest(
                    query,
                    () -> {
                      RawClient.Answer answer =
                          RawClient.ask(
                              api.port(),
                              "GET /api/export/csv?" + query + " HTTP/1.1\r\nHost: x\r\n\r\n");
                      assertThat(answer.status()).as(answer.text()).isEqualTo(400);
                      requireNothingLeft();
                    }));
  }

  // ------------------------------------------------------------------ endings

  @Test
  void aClientThatGoesBeforeTheFirstByteStopsItsExport() throws Exception {
    try (Gate gate = Gate.shut(postgres)) {
      try (RawClient client = RawClient.connect(api.port())) {
        client.request("GET", "/tables/stuck/rows.csv");
        gate.awaitReaders(1);
      }
      awaitPromised("the statements' end", SOON, () -> gate.readers() == 0);
      requireNothingLeft();
    }
  }

  @Test
  void aClientThatGoesInTheMiddleStopsItsExport() throws Exception {
    try (Gate gate = Gate.shut(postgres)) {
      try (RawClient client = RawClient.connect(api.port())) {
        client.request("GET", "/tables/slow/rows.csv");
        client.take(1_000_000);
        gate.awaitReaders(1);
      }
      awaitPromised("the statements' end", SOON, () -> gate.readers() == 0);
      requireNothingLeft();
      Metrics metrics = Metrics.of(api);
      assertThat(metrics.value("polystream_transfers_active")).isZero();
      assertThat(metrics.value("polystream_transfers_aborted_total")).isEqualTo(1);
      assertThat(metrics.value("polystream_exports_running")).isZero();
    }
  }

  @Test
  void aClientThatGoesBeforeItsTurnLosesIt() throws Exception {
    try (Gate gate = Gate.shut(postgres)) {
      String running =
          api.submit(
              "{\"table\": \"stuck\", \"format\": \"csv\", \"columns\": [{\"source\": \"id\"}]}");
      gate.awaitReaders(1);
      try (RawClient client = RawClient.connect(api.port())) {
        client.request("GET", "/tables/records/rows.csv");
        await("two exports").until(() -> Api.json(api.get("/exports")).get("exports").size() == 2);
      }
      awaitPromised(
          "one export", SOON, () -> Api.json(api.get("/exports")).get("exports").size() == 1);
      gate.open();
      api.awaitStatus(running, "completed");
    }
  }

  @Test
  void oneThatFailsBeforeItsFirstByteIsAProblem() throws Exception {
    HttpResponse<byte[]> response = api.get("/tables/doomed/rows.csv");
    assertThat(response.statusCode()).isEqualTo(409);
    assertThat(Api.json(response).get("detail").asText()).contains("division by zero");
    requireNothingLeft();
  }

  @Test
  void oneThatFailsInTheMiddleIsBrokenOff() throws Exception {
    HttpResponse<InputStream> response =
        api.client()
            .send(
                api.request("/tables/doomed_late/rows.csv").build(), BodyHandlers.ofInputStream());
    assertThatThrownBy(() -> response.body().readAllBytes()).isInstanceOf(IOException.class);
    requireNothingLeft();
  }

  @Test
  void oneTooManyIsSentAwayAndForgotten() throws Exception {
    restart("MAX_TRANSFERS", "1");
    try (Gate gate = Gate.shut(postgres)) {
      CompletableFuture<HttpResponse<byte[]>> first =
          api.client()
              .sendAsync(api.request("/tables/stuck/rows.csv").build(), BodyHandlers.ofByteArray());
      gate.awaitReaders(1);
      HttpResponse<byte[]> second = api.get("/tables/records/rows.csv");
      assertThat(second.statusCode()).isEqualTo(503);
      assertThat(second.headers().firstValue("Retry-After")).isPresent();
      assertThat(Api.json(api.get("/exports")).get("exports")).hasSize(1);
      gate.open();
      assertThat(first.get().statusCode()).isEqualTo(200);
    }
    requireNothingLeft();
  }

  @Test
  void withoutRoomInTheQueueNothingIsBegun() throws Exception {
    restart("MAX_QUEUED_EXPORTS", "0");
    try (Gate gate = Gate.shut(postgres)) {
      api.submit(
          "{\"table\": \"stuck\", \"format\": \"csv\", \"columns\": [{\"source\": \"id\"}]}");
      gate.awaitReaders(1);
      HttpResponse<byte[]> response = api.get("/tables/records/rows.csv");
      assertThat(response.statusCode()).isEqualTo(503);
      assertThat(Api.json(response).get("type").asText())
          .isEqualTo("urn:polystream:problem:queue-full");
      assertThat(response.headers().firstValue("Retry-After")).isPresent();
      gate.open();
    }
  }

  @Test
  void oneThatHasNoRowsIsWhole() throws Exception {
    assertThat(
            text(
                "/tables/records/rows.csv?columns=id&filter="
                    + encoded("{\"column\": \"id\", \"op\": \"lt\", \"value\": 0}")))
        .isEqualTo("id\r\n");
    assertThat(
            text(
                "/tables/records/rows.ndjson?columns=id&filter="
                    + encoded("{\"column\": \"id\", \"op\": \"lt\", \"value\": 0}")))
        .isEmpty();
  }
}
