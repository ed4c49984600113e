package io.polystream.service;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.polystream.format.Format;
import io.polystream.format.Formats;
import io.polystream.testing.PostgresExtension;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What may be asked for, and what comes of asking for anything else. */
class SubmitIT {
  @RegisterExtension static final PostgresExtension postgres = new PostgresExtension();

  private static final String GOOD =
      "{\"table\": \"records\", \"format\": \"csv\", \"columns\": [{\"source\": \"id\"}]}";

  private static final int MOST_BYTES = 1024 * 1024;

  private static final int ROWS = 20;

  private Api api;

  @BeforeAll
  static void createTables() throws SQLException {
    postgres.execute(
        "CREATE TABLE records (id bigserial PRIMARY KEY, name text, at timestamptz, flag boolean,"
            + " metadata jsonb, doc json)",
        "INSERT INTO records (name, metadata)"
            + " SELECT 'it''s \"' || n, jsonb_build_object('n', n) FROM generate_series(1, "
            + ROWS
            + ") n",
        "CREATE SCHEMA sales",
        "CREATE TABLE sales.records AS SELECT 1 AS id",
        "CREATE TABLE other AS SELECT 1 AS id",
        "CREATE TABLE \"Odd.One\" AS SELECT 1 AS id",
        "CREATE TABLE partly AS SELECT 1 AS id, 'x' AS secret",
        "CREATE ROLE submit_reader LOGIN",
        "GRANT SELECT ON records TO submit_reader",
        "GRANT SELECT (id) ON partly TO submit_reader");
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

  private static String with(String field, Object value) throws IOException {
    ObjectNode request = (ObjectNode) Api.JSON.readTree(GOOD);
    request.set(field, Api.JSON.valueToTree(value));
    return request.toString();
  }

  private HttpResponse<byte[]> submit(String json, String... headers) throws Exception {
    return api.post("/exports", json, headers);
  }

  private void requireNothingStarted() throws Exception {
    assertThat(Api.json(api.get("/exports")).get("exports")).isEmpty();
    try (Stream<Path> files = Files.list(Api.exportDirectory(postgres))) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .allMatch(name -> name.startsWith("polystream.db"));
    }
  }

  private int exports() throws Exception {
    return Api.json(api.get("/exports?limit=500")).get("exports").size();
  }

  private static Set<String> pointers(JsonNode problem) {
    Set<String> pointers = new TreeSet<>();
    problem.path("errors").forEach(error -> pointers.add(error.get("pointer").asText()));
    return pointers;
  }

  // ------------------------------------------------------------------ what is wrong

  @TestFactory
  Stream<DynamicTest> everyWrongRequestIsRefusedWithThePlacesOfWhatIsWrong() throws IOException {
    try (InputStream file = SubmitIT.class.getResourceAsStream("/bad-requests.json")) {
      return StreamSupport.stream(Api.JSON.readTree(file).spliterator(), false)
          .map(bad -> dynamicTest(bad.get("what").asText(), () -> requireRefused(bad)));
    }
  }

  private void requireRefused(JsonNode bad) throws Exception {
    int exports = exports();
    HttpResponse<byte[]> response = submit(text(bad));
    assertThat(response.statusCode()).as(new String(response.body(), UTF_8)).isEqualTo(400);
    JsonNode problem = Api.json(response);
    assertThat(problem.get("type").asText()).isEqualTo("urn:polystream:problem:request");
    assertThat(pointers(problem))
        .as(problem.get("detail").asText())
        .containsExactlyInAnyOrderElementsOf(
            StreamSupport.stream(bad.get("pointers").spliterator(), false)
                .map(JsonNode::asText)
                .collect(Collectors.toSet()));
    assertThat(problem.get("detail").asText()).startsWith("the request: ");
    assertThat(exports()).as("exports").isEqualTo(exports);
  }

  /** The good request with fields changed or left out, or a text that is none. */
  private static String text(JsonNode bad) throws IOException {
    if (bad.has("text")) {
      return bad.get("text").asText();
    }
    ObjectNode request = (ObjectNode) Api.JSON.readTree(GOOD);
    if (bad.has("change")) {
      request.setAll((ObjectNode) bad.get("change"));
    }
    bad.path("without").forEach(name -> request.remove(name.asText()));
    return Api.JSON.writer().with(JsonWriteFeature.ESCAPE_NON_ASCII).writeValueAsString(request);
  }

  @Test
  void theGoodRequestIsGood() throws Exception {
    api.awaitStatus(api.submit(GOOD), "completed");
  }

  @Test
  void tooManyColumnsAreOneProblem() throws Exception {
    ArrayNode columns = Api.JSON.createArrayNode();
    for (int i = 0; i < 1601; i++) {
      columns.addObject().put("source", "id").put("target", "c" + i);
    }
    HttpResponse<byte[]> response = submit(with("columns", columns));
    assertThat(response.statusCode()).isEqualTo(400);
    assertThat(pointers(Api.json(response))).containsExactly("/columns");
    columns.remove(1600);
    assertThat(submit(with("columns", columns)).statusCode()).isEqualTo(201);
  }

  @Test
  void aFilterIsNestedOnlySoDeep() throws Exception {
    String filter = "{\"column\": \"id\", \"op\": \"eq\", \"value\": 1}";
    for (int level = 2; level <= 16; level++) {
      filter = "{\"and\": [" + filter + "]}";
    }
    assertThat(submit(with("filter", Api.JSON.readTree(filter))).statusCode()).isEqualTo(201);
    HttpResponse<byte[]> deeper =
        submit(with("filter", Api.JSON.readTree("{\"or\": [" + filter + "]}")));
    assertThat(deeper.statusCode()).isEqualTo(400);
    assertThat(pointers(Api.json(deeper))).containsExactly("/filter/or/0" + "/and/0".repeat(15));
  }

  @Test
  void textThatIsNotUtf8IsRefused() throws Exception {
    byte[] bytes = GOOD.replace("csv", "c\u00ffv").getBytes(ISO_8859_1);
    assertThat(
            api.send(
                    "POST",
                    "/exports",
                    BodyPublishers.ofByteArray(bytes),
                    "Content-Type",
                    "application/json")
                .statusCode())
        .isEqualTo(400);
    requireNothingStarted();
  }

  // ------------------------------------------------------------------ the body

  private int statusOfType(String type) throws Exception {
    return api.send("POST", "/exports", BodyPublishers.ofString(GOOD), "Content-Type", type)
        .statusCode();
  }

  @Test
  void whatDoesNotSayThatItIsJsonIsRefused() throws Exception {
    for (String type :
        List.of(
            "text/plain",
            "application/x-www-form-urlencoded",
            "application/jsonx",
            "application/problem+json",
            "text/json",
            "multipart/form-data; boundary=x",
            "json",
            "")) {
      assertThat(statusOfType(type)).as(type).isEqualTo(415);
    }
    requireNothingStarted();
  }

  @Test
  void whatDoesNotSayWhatItIsIsRefused() throws Exception {
    HttpResponse<byte[]> response = api.send("POST", "/exports", BodyPublishers.ofString(GOOD));
    assertThat(response.statusCode()).isEqualTo(415);
    assertThat(response.headers().firstValue("Accept")).hasValue("application/json");
  }

  @Test
  void theTypeMayBeWrittenInOtherWays() throws Exception {
    for (String type :
        List.of("application/json; charset=utf-8", "Application/JSON", "application/json;")) {
      assertThat(statusOfType(type)).as(type).isEqualTo(201);
    }
  }

  private static String padded(int bytes) {
    return GOOD + " ".repeat(bytes - GOOD.length());
  }

  @Test
  void aBodyOfOneMebibyteIsRead() throws Exception {
    assertThat(submit(padded(MOST_BYTES)).statusCode()).isEqualTo(201);
  }

  @Test
  void aBodyOfAByteMoreIsRefused() throws Exception {
    assertThat(submit(padded(MOST_BYTES + 1)).statusCode()).isEqualTo(413);
    requireNothingStarted();
  }

  @Test
  void aBodyOfAByteMoreIsRefusedThoughItDoesNotSayHowLongItIs() throws Exception {
    byte[] body = padded(MOST_BYTES + 1).getBytes(UTF_8);
    HttpResponse<byte[]> response =
        api.send(
            "POST",
            "/exports",
            BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(body)),
            "Content-Type",
            "application/json");
    assertThat(response.statusCode()).isEqualTo(413);
    requireNothingStarted();
  }

  @Test
  void aBodyThatSaysItIsTooLongIsNotWaitedFor() throws Exception {
    // Jetty waits for the first byte, unless the client waits for leave to send it.
    for (String begun : List.of("\r\n{", "Expect: 100-continue\r\n\r\n")) {
      RawClient.Answer answer =
          RawClient.ask(
              api.port(),
              "POST /exports HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
                  + "Content-Length: "
                  + (MOST_BYTES + 1)
                  + "\r\n"
                  + begun);
      assertThat(answer.status()).isEqualTo(413);
      assertThat(answer.header("Connection")).hasValue("close");
      assertThat(answer.header("Content-Type")).hasValue("application/problem+json");
    }
  }

  @Test
  void aBodyWithoutAnEndIsNotReadForEver() throws Exception {
    try (RawClient client = RawClient.connect(api.port())) {
      client.request(
          "POST", "/exports", "Content-Type: application/json", "Transfer-Encoding: chunked");
      String chunk = Integer.toHexString(64 * 1024) + "\r\n" + " ".repeat(64 * 1024) + "\r\n";
      for (int i = 0; i < 17; i++) {
        client.send(chunk);
      }
      assertThat(client.answer().status()).isEqualTo(413);
    }
  }

  // ------------------------------------------------------------------ names and values

  @Test
  void namesAndValuesAreNeverSql() throws Exception {
    String evil = "x'; DROP TABLE records; --\"";
    String id =
        api.completed(
            """
            {"table": "records", "format": "csv",
             "columns": [{"source": "id", "target": "%1$s"}],
             "filter": {"or": [{"column": "name", "op": "eq", "value": "%1$s"},
                               {"column": "name", "op": "like", "value": "it's \\"1"},
                               {"column": "metadata.\\"%2$s\\"", "op": "eq", "value": "%1$s"}]}}"""
                .formatted(evil.replace("\"", "\\\""), "a' || b"));
    assertThat(new String(api.get("/exports/" + id + "/download").body(), UTF_8))
        .isEqualTo("\"x'; DROP TABLE records; --\"\"\"\r\n1\r\n");
    assertThat(postgres.queryLong("SELECT count(*) FROM records")).isEqualTo(ROWS);
  }

  @Test
  void theRequestIsKeptToTheLastDigit() throws Exception {
    String filter =
        "[{\"column\":\"metadata.n\",\"op\":\"lt\",\"value\":12345678901234567890.12345678901234567890},"
            + "{\"column\":\"metadata.n\",\"op\":\"gt\",\"value\":-0.1000000000000000055511151231257827}]";
    HttpResponse<byte[]> response =
        submit(GOOD.replace("\"format\"", "\"filter\": " + filter + ", \"format\""));
    assertThat(response.statusCode()).isEqualTo(201);
    assertThat(new String(response.body(), UTF_8)).contains("\"filter\":" + filter);
  }

  @Test
  void withoutATableItIsTheUsualOne() throws Exception {
    restart("EXPORT_TABLE", "sales.records");
    String id = api.completed("{\"format\": \"csv\", \"columns\": [{\"source\": \"id\"}]}");
    assertThat(api.status(id).at("/request/table").asText()).isEqualTo("sales.records");
    assertThat(api.status(id).get("rows").asInt()).isEqualTo(1);
  }

  // ------------------------------------------------------------------ once or twice

  @Test
  void withoutAKeyTheSameIsTwoExports() throws Exception {
    assertThat(api.submit(GOOD)).isNotEqualTo(api.submit(GOOD));
  }

  @Test
  void underAKeyTheSameIsOneExport() throws Exception {
    HttpResponse<byte[]> first = submit(GOOD, "Idempotency-Key", "k");
    assertThat(first.statusCode()).isEqualTo(201);
    String id = Api.json(first).get("exportId").asText();
    assertThat(first.headers().firstValue("Location")).hasValue("/exports/" + id);
    api.awaitStatus(id, "completed");
    HttpResponse<byte[]> second = submit("  " + GOOD.replace(": ", ":\n"), "Idempotency-Key", "k");
    assertThat(second.statusCode()).isEqualTo(200);
    assertThat(second.headers().firstValue("Location")).hasValue("/exports/" + id);
    assertThat(Api.json(second).get("exportId").asText()).isEqualTo(id);
    assertThat(Api.json(second).get("status").asText()).isEqualTo("completed");
    assertThat(Api.json(api.get("/exports")).get("exports")).hasSize(1);
  }

  @Test
  void twoKeysAreRefused() throws Exception {
    assertThat(submit(GOOD, "Idempotency-Key", "k", "Idempotency-Key", "l").statusCode())
        .isEqualTo(400);
    requireNothingStarted();
  }

  @Test
  void aCompressedBodyIsRefused() throws Exception {
    HttpResponse<byte[]> response = submit(GOOD, "Content-Encoding", "gzip");
    assertThat(response.statusCode()).isEqualTo(415);
    assertThat(Api.json(response).get("detail").asText()).contains("Content-Encoding is gzip");
    assertThat(submit(GOOD, "Content-Encoding", "identity").statusCode()).isEqualTo(201);
  }

  @Test
  void underAKeyOfAnotherRequestNothingIsDone() throws Exception {
    submit(GOOD, "Idempotency-Key", "k");
    HttpResponse<byte[]> other = submit(with("limit", 5), "Idempotency-Key", "k");
    assertThat(other.statusCode()).isEqualTo(422);
    assertThat(Api.json(other).get("type").asText())
        .isEqualTo("urn:polystream:problem:idempotency-key");
    assertThat(Api.json(api.get("/exports")).get("exports")).hasSize(1);
  }

  @Test
  void aKeyStaysTakenWhenItsExportIsDeleted() throws Exception {
    String id = Api.json(submit(GOOD, "Idempotency-Key", "k")).get("exportId").asText();
    api.awaitStatus(id, "completed");
    api.delete("/exports/" + id);
    assertThat(submit(GOOD, "Idempotency-Key", "k").statusCode()).isEqualTo(410);
    assertThat(submit(with("limit", 5), "Idempotency-Key", "k").statusCode()).isEqualTo(422);
    assertThat(Api.json(api.get("/exports")).get("exports")).isEmpty();
  }

  @Test
  void aRequestThatWasRefusedTakesNoKey() throws Exception {
    assertThat(submit(with("table", "missing"), "Idempotency-Key", "k").statusCode())
        .isEqualTo(400);
    assertThat(submit(GOOD, "Idempotency-Key", "k").statusCode()).isEqualTo(201);
  }

  @Test
  void keysAreOfPrintableAsciiAndNotTooLong() throws Exception {
    for (String key : List.of("k".repeat(256), "", " ", "é", "a\tb")) {
      assertThat(
              RawClient.ask(
                      api.port(),
                      "POST /exports HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
                          + "Idempotency-Key: "
                          + key
                          + "\r\nContent-Length: "
                          + GOOD.length()
                          + "\r\n\r\n"
                          + GOOD)
                  .status())
          .as(key)
          .isEqualTo(400);
    }
    requireNothingStarted();
    assertThat(submit(GOOD, "Idempotency-Key", "k".repeat(255)).statusCode()).isEqualTo(201);
  }

  @Test
  void manyAtOnceUnderOneKeyAreExactlyOneExport() throws Exception {
    List<CompletableFuture<HttpResponse<byte[]>>> answers = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      answers.add(
          api.client()
              .sendAsync(
                  api.request("/exports")
                      .header("Content-Type", "application/json")
                      .header("Idempotency-Key", "k")
                      .POST(BodyPublishers.ofString(GOOD))
                      .build(),
                  BodyHandlers.ofByteArray()));
    }
    Set<String> ids = new TreeSet<>();
    List<Integer> statuses = new ArrayList<>();
    for (CompletableFuture<HttpResponse<byte[]>> answer : answers) {
      statuses.add(answer.get().statusCode());
      ids.add(Api.json(answer.get()).path("exportId").asText());
    }
    assertThat(statuses).containsOnlyOnce(201).containsOnly(200, 201);
    assertThat(ids).hasSize(1);
    assertThat(Api.json(api.get("/exports")).get("exports")).hasSize(1);
    assertThat(api.awaitStatus(ids.iterator().next(), "completed").get("rows").asInt())
        .isEqualTo(ROWS);
  }

  // ------------------------------------------------------------------ what may be exported

  private int statusOf(String table) throws Exception {
    return submit(with("table", table)).statusCode();
  }

  @ParameterizedTest
  @ValueSource(strings = {"records", "public.records", "PUBLIC.Records", " \"records\" , other"})
  void onlyTablesOfTheListMayBeExported(String list) throws Exception {
    restart("EXPORT_TABLES", list);
    assertThat(statusOf("records")).isEqualTo(201);
    assertThat(statusOf("public.\"records\"")).isEqualTo(201);
    HttpResponse<byte[]> refused = submit(with("table", "sales.records"));
    assertThat(refused.statusCode()).isEqualTo(400);
    assertThat(pointers(Api.json(refused))).containsExactly("/table");
    assertThat(statusOf("partly")).isEqualTo(400);
    assertThat(statusOf("other")).isEqualTo(list.contains("other") ? 201 : 400);
    assertThat(api.get("/tables/records").statusCode()).isEqualTo(200);
    assertThat(api.get("/tables/partly").statusCode()).isEqualTo(404);
    assertThat(api.get("/tables/partly/rows.csv").statusCode()).isEqualTo(404);
    assertThat(api.get("/api/export/csv?table=partly").statusCode()).isEqualTo(404);
    assertThat(tableNames())
        .containsExactlyInAnyOrderElementsOf(
            list.contains("other")
                ? List.of("public.records", "public.other")
                : List.of("public.records"));
  }

  private List<String> tableNames() throws Exception {
    List<String> names = new ArrayList<>();
    Api.json(api.get("/tables"))
        .get("tables")
        .forEach(
            table -> names.add(table.get("schema").asText() + "." + table.get("name").asText()));
    return names;
  }

  @Test
  void aListMayNameTablesWithADotInTheirName() throws Exception {
    restart("EXPORT_TABLES", "\"Odd.One\"");
    assertThat(tableNames()).containsExactly("public.Odd.One");
    assertThat(statusOf("\"Odd.One\"")).isEqualTo(201);
    assertThat(statusOf("Odd.One")).isEqualTo(201);
    assertThat(statusOf("records")).isEqualTo(400);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "pg_catalog.pg_class",
        "pg_class",
        "information_schema.tables",
        "pg_toast.pg_toast_1255"
      })
  void tablesOfTheSystemNeverMay(String table) throws Exception {
    restart("EXPORT_TABLES", table + ",records");
    assertThat(statusOf(table)).isEqualTo(400);
    assertThat(api.get("/tables/" + table).statusCode()).isEqualTo(404);
    assertThat(tableNames()).containsExactly("public.records");
  }

  @Test
  void whatTheRoleMayNotReadIsRefusedBeforeAnythingStarts() throws Exception {
    restart("DATABASE_URL", postgres.urlText().replace("postgres@", "submit_reader@"));
    assertThat(statusOf("other")).isEqualTo(400);
    assertThat(
            submit(
                    "{\"table\": \"partly\", \"format\": \"csv\", \"columns\":"
                        + " [{\"source\": \"id\"}, {\"source\": \"secret\"}]}")
                .statusCode())
        .isEqualTo(400);
    assertThat(
            submit(
                    "{\"table\": \"partly\", \"format\": \"csv\", \"columns\": [{\"source\": \"id\"}],"
                        + " \"filter\": {\"column\": \"secret\", \"op\": \"eq\", \"value\": \"x\"}}")
                .statusCode())
        .isEqualTo(400);
    assertThat(api.get("/tables/other/rows.csv").statusCode()).isEqualTo(404);
    requireNothingStarted();
    assertThat(tableNames()).containsExactly("public.partly", "public.records");
    api.completed(with("table", "partly"));
  }

  @Test
  void withoutADatabaseNothingStartsAndSomebodyMayComeAgain() throws Exception {
    restart(
        "DATABASE_URL", "postgresql://postgres@localhost:1/none", "DB_CONNECT_TIMEOUT", "300ms");
    HttpResponse<byte[]> response = submit(GOOD);
    assertThat(response.statusCode()).isEqualTo(503);
    assertThat(Api.json(response).get("type").asText())
        .isEqualTo("urn:polystream:problem:database-unreachable");
    assertThat(response.headers().firstValueAsLong("Retry-After").orElseThrow()).isPositive();
    requireNothingStarted();
  }

  @Test
  void noExportHasMoreRowsThanTheServiceLets() throws Exception {
    restart("EXPORT_ROW_LIMIT", "10");
    assertThat(rows(GOOD)).isEqualTo(10);
    assertThat(rows(with("limit", 15))).isEqualTo(10);
    assertThat(rows(with("limit", 5))).isEqualTo(5);
    HttpResponse<byte[]> once = api.get("/tables/records/rows.ndjson?columns=id");
    assertThat(new String(once.body(), UTF_8)).hasLineCount(10);
    assertThat(once.headers().firstValue("PolyStream-Row-Limit")).hasValue("10");
    assertThat(api.head("/tables/records/rows.csv").headers().map())
        .containsKey("polystream-row-limit");
    assertThat(api.get("/tables/records/rows.ndjson?columns=id&limit=10").headers().map())
        .doesNotContainKey("polystream-row-limit");
  }

  private int rows(String request) throws Exception {
    String id = api.completed(request);
    JsonNode manifest = Api.json(api.get("/exports/" + id + "/manifest"));
    assertThat(manifest.get("limited").asBoolean()).isTrue();
    assertThat(api.status(id).at("/file/limited").asBoolean()).isTrue();
    return manifest.get("rows").asInt();
  }

  static Stream<String> formats() {
    return Formats.all().stream().map(Format::name);
  }

  @ParameterizedTest
  @MethodSource("formats")
  void noRowsAreASuccess(String format) throws Exception {
    JsonNode status =
        api.status(
            api.completed(
                """
                {"table": "records", "format": "%s", "columns": [{"source": "id"}],
                 "filter": {"column": "id", "op": "lt", "value": 0}}"""
                    .formatted(format)));
    assertThat(status.get("rows").asInt()).isZero();
    HttpResponse<byte[]> file =
        api.get("/exports/" + status.get("exportId").asText() + "/download");
    assertThat(file.statusCode()).isEqualTo(200);
    assertThat(file.body()).hasSize(status.at("/file/bytes").asInt());
  }

  @Test
  void noRowsAreAFailureForWhoeverSaysSo() throws Exception {
    ObjectNode request = (ObjectNode) Api.JSON.readTree(with("allowEmpty", false));
    request.putObject("filter").put("column", "id").put("op", "lt").put("value", 0);
    String id = api.submit(request.toString());
    JsonNode status = api.awaitStatus(id, "failed");
    assertThat(status.at("/error/type").asText()).isEqualTo("urn:polystream:problem:no-rows");
    assertThat(api.get("/exports/" + id + "/download").statusCode()).isEqualTo(409);
  }
}
