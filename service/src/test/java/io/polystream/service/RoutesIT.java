package io.polystream.service;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.polystream.service.RawClient.Answer;
import io.polystream.service.RawClient.End;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Methods, paths and requests of every kind, to a service whose database is never asked. */
class RoutesIT {
  private static final String ID = "01234567-89ab-4def-8123-456789abcdef";

  private static final List<String> METHODS =
      List.of(
          "GET",
          "HEAD",
          "POST",
          "PUT",
          "PATCH",
          "DELETE",
          "OPTIONS",
          "TRACE",
          "FOO",
          "PROPFIND",
          "get",
          "Delete");

  @TempDir static Path directory;

  private static Api api;

  @BeforeAll
  static void start() throws Exception {
    api =
        Api.start(
            ServiceSettings.of(
                Map.of(
                    "DATABASE_URL",
                    "postgresql://nobody@localhost:1/none",
                    "PORT",
                    "0",
                    "EXPORT_DIR",
                    directory.toString())),
            Clock.systemUTC());
  }

  @AfterAll
  static void stop() {
    api.close();
  }

  private static Answer ask(String method, String target, String... headers) throws IOException {
    try (RawClient client = RawClient.connect(api.port())) {
      client.request(method, target, headers);
      return client.answer(method.equals("HEAD"));
    }
  }

  private static Answer askRaw(String request) throws IOException {
    return RawClient.ask(api.port(), request);
  }

  private static JsonNode requireProblem(Answer answer, int status) throws IOException {
    assertThat(answer.status()).as(answer.text()).isEqualTo(status);
    assertThat(answer.header("Content-Type")).hasValue("application/problem+json");
    assertThat(answer.end()).isEqualTo(End.WHOLE);
    JsonNode problem = Api.JSON.readTree(answer.body());
    assertThat(problem.get("status").asInt()).isEqualTo(status);
    assertThat(problem.get("type").asText()).startsWith("urn:polystream:problem:");
    assertThat(problem.get("title").asText()).isNotEmpty();
    assertThat(problem.get("detail").asText()).isNotEmpty();
    return problem;
  }

  // ------------------------------------------------------------------ methods

  static Stream<String> paths() {
    return api.description().operations().stream()
        .map(operation -> operation.substring(operation.indexOf(' ') + 1))
        .distinct();
  }

  /** Those that the description has, and HEAD where it has GET. */
  private static Set<String> allowed(String path) {
    Set<String> allowed =
        api.description().operations().stream()
            .filter(operation -> operation.endsWith(" " + path))
            .map(operation -> operation.substring(0, operation.indexOf(' ')))
            .collect(Collectors.toCollection(TreeSet::new));
    if (allowed.contains("GET")) {
      allowed.add("HEAD");
    }
    return allowed;
  }

  @ParameterizedTest
  @MethodSource("paths")
  void everyOtherMethodIsRefusedWithThoseThatThePathTakes(String path) throws Exception {
    String target =
        path.replace("{id}", ID).replace("{name}", "records").replace("{extension}", "csv");
    Set<String> allowed = allowed(path);
    for (String method : METHODS) {
      if (!allowed.contains(method)) {
        Answer answer = ask(method, target, "Content-Length: 0");
        assertThat(answer.status()).as("%s %s", method, target).isEqualTo(405);
        assertThat(answer.header("Allow")).hasValue(String.join(", ", allowed));
        if (method.equals("HEAD")) {
          assertThat(answer.body()).isEmpty();
        } else {
          requireProblem(answer, 405);
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"FOO", "PROPFIND", "TRACE", "OPTIONS", "PUT", "GET", "get"})
  void whateverTheMethodAnUnknownPathIsUnknown(String method) throws Exception {
    requireProblem(ask(method, "/nowhere", "Content-Length: 0"), 404);
  }

  @Test
  void theMethodIsTheRequestsOwn() throws Exception {
    for (String header :
        List.of(
            "X-HTTP-Method-Override",
            "x-http-method-override",
            "X-HTTP-Method",
            "X-Method-Override")) {
      assertThat(ask("GET", "/exports", header + ": POST").status()).isEqualTo(200);
      requireProblem(ask("POST", "/exports", header + ": GET", "Content-Length: 0"), 415);
      requireProblem(ask("PUT", "/health", header + ": GET", "Content-Length: 0"), 405);
    }
    requireProblem(
        ask(
            "POST",
            "/health",
            "Content-Type: application/x-www-form-urlencoded",
            "Content-Length: 11\r\n\r\n_method=GET"),
        405);
  }

  @ParameterizedTest
  @ValueSource(strings = {"TRACE", "OPTIONS"})
  void theServerAsAWholeTakesNothing(String method) throws Exception {
    assertThat(ask(method, "*").status()).isBetween(400, 499);
  }

  @Test
  void theServiceIsNoProxy() throws Exception {
    assertThat(ask("CONNECT", "localhost:80").status()).isBetween(400, 499);
    requireProblem(ask("GET", "http://elsewhere/nowhere"), 404);
    assertThat(ask("GET", "http://elsewhere/health").status()).isEqualTo(200);
  }

  // ------------------------------------------------------------------ paths

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/",
        "/nowhere",
        "/index.html",
        "/favicon.ico",
        "/exports/",
        "/Exports",
        "/exports;x=1",
        "/exports/x",
        "/exports/benchmark/",
        "/exports/../x",
        "/exports/./x",
        "/exports/..",
        "/exports/%2e%2e",
        "/exports/%2e%2e/x",
        "/exports/..%2f",
        "/exports/..%5cpolystream.db",
        "/exports/%252e%252e%252fpolystream.db",
        "/exports/..%2fpolystream.db/download",
        "/exports/%0a",
        "/exports/%ff",
        "/exports/" + ID,
        "/exports/" + ID + "%20",
        "/exports/" + ID + ".csv",
        "/exports/" + ID + "/",
        "/exports/" + ID + "/x",
        "/exports/" + ID + "/download",
        "/exports/" + ID + "/download/",
        "/exports/" + ID + "/manifest",
        "/exports/" + ID + "/download/x",
        "/exports/" + ID + "/../../health",
        "/exports/01234567-89AB-4DEF-8123-456789ABCDEF",
        "/exports/1-2-3-4-5",
        "/exports/{01234567-89ab-4def-8123-456789abcdef}",
        "/tables/",
        "/tables/a/b",
        "/tables/a/b/rows.csv",
        "/tables/a/rows",
        "/tables/a/rows.",
        "/tables/a/rows.exe",
        "/tables/a/rows.csv.exe",
        "/tables/a/rows.csv.gz.gz",
        "/tables/a/rows.gz",
        "/tables/a/rows.CSV",
        "/tables/a/rows.csv/",
        "/api/export/xml",
        "/api/export",
        "/health/",
        "/health/x",
        "/metrics/",
        "/openapi.json/",
        "/openapi.yaml",
        "/polystream.db",
      })
  void whatIsNotThereIsUnknown(String target) throws Exception {
    requireProblem(ask("GET", target), 404);
    assertThat(ask("HEAD", target).status()).isEqualTo(404);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"/exports/%zz", "/exports/%", "/tables/%f", "/%zz", "/tables/a%2/rows.csv"})
  void whatIsNoAddressIsRefused(String target) throws Exception {
    requireProblem(ask("GET", target), 400);
  }

  /** Jetty knows such paths for what they are before anybody else sees them. */
  @ParameterizedTest
  @ValueSource(
      strings = {"/exports/%00", "/exports/" + ID + "%00", "/tables/a%00b", "/tables/%00/rows.csv"})
  void aPathHasNoNul(String target) throws Exception {
    requireProblem(ask("GET", target), 400);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/../health",
        "/../../etc/passwd",
        "/exports/../../x",
        "/%2e%2e/%2e%2e/etc/passwd",
        "/exports/..%2f..%2fpolystream.db"
      })
  void nothingIsAboveTheService(String target) throws Exception {
    Answer answer = ask("GET", target);
    assertThat(answer.status()).isIn(400, 404);
    requireProblem(answer, answer.status());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/exports?nonsense=1",
        "/exports?limit=1&limit=2",
        "/exports?limit=%zz",
        "/exports?limit=0",
        "/exports?limit=501",
        "/exports?limit=-1",
        "/exports?limit=1.5",
        "/exports?limit=",
        "/exports?limit=99999999999999999999",
        "/exports?status=done",
        "/exports?status=deleted",
        "/exports?status=RUNNING",
        "/exports?status=",
        "/exports?cursor=",
        "/exports?cursor=x",
        "/exports?cursor=!!!",
        "/exports?cursor=eA",
        "/exports?cursor=MS41",
        "/exports/" + ID + "?x=1",
        "/exports/" + ID + "/download?x=1",
        "/exports/" + ID + "/manifest?x=1",
        "/exports/benchmark?x=1",
        "/exports/benchmark?rows=0",
        "/exports/benchmark?rows=x",
        "/exports/benchmark?formats=cvs",
        "/exports/benchmark?formats=csv,,json",
        "/exports/benchmark?formats=",
        "/tables?x=1",
        "/tables/records?x=1",
        "/tables/records/rows.csv?x=1",
      })
  void aQueryThatIsWrongIsRefused(String target) throws Exception {
    requireProblem(ask("GET", target), 400);
  }

  @ParameterizedTest
  @ValueSource(strings = {"/exports/" + ID + "/cancel", "/exports/" + ID})
  void whatIsNotThereCanBeNeitherStoppedNorDeleted(String target) throws Exception {
    requireProblem(
        ask(target.endsWith("cancel") ? "POST" : "DELETE", target, "Content-Length: 0"), 404);
  }

  // ------------------------------------------------------------------ headers

  @ParameterizedTest
  @ValueSource(
      strings = {
        "*/*",
        "application/json",
        "text/html",
        "image/png;q=0.5",
        "application/json;q=0",
        "*/*;q=0",
        "application/json;q=high",
        "json",
        "*",
        "/",
        ",",
        ";",
        "",
        "a/b/c",
        "text/html, */",
      })
  void whatAClientWantsToSeeHidesNothing(String accept) throws Exception {
    assertThat(ask("GET", "/health/live", "Accept: " + accept).status()).isEqualTo(200);
    requireProblem(ask("GET", "/nowhere", "Accept: " + accept), 404);
    requireProblem(ask("PUT", "/exports", "Content-Length: 0", "Accept: " + accept), 405);
  }

  @Test
  void aRequestKeepsItsId() throws Exception {
    Answer answer = ask("GET", "/nowhere", "X-Request-Id: my.request_1-2");
    assertThat(answer.header("X-Request-Id")).hasValue("my.request_1-2");
    assertThat(requireProblem(answer, 404).get("traceId").asText()).isEqualTo("my.request_1-2");
    assertThat(ask("GET", "/health", "X-Request-Id: a").header("X-Request-Id")).hasValue("a");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "a b", "a\"b", "\u00e9", "a;b"})
  void aRequestWithAnOddIdGetsAnother(String id) throws Exception {
    Answer answer = ask("GET", "/nowhere", "X-Request-Id: " + id);
    UUID given = UUID.fromString(answer.header("X-Request-Id").orElseThrow());
    assertThat(requireProblem(answer, 404).get("traceId").asText()).isEqualTo(given.toString());
  }

  @Test
  void anIdIsNotTooLong() throws Exception {
    assertThat(ask("GET", "/health", "X-Request-Id: " + "a".repeat(65)).header("X-Request-Id"))
        .isNotEqualTo(Optional.of("a".repeat(65)));
  }

  @Test
  void nobodyLearnsWhatServesThem() throws Exception {
    Answer answer = ask("GET", "/health");
    assertThat(answer.headers()).doesNotContainKeys("server", "x-powered-by", "set-cookie");
    assertThat(askRaw("garbage\r\n\r\n").headers()).doesNotContainKeys("server", "x-powered-by");
  }

  // ------------------------------------------------------------------ what is not HTTP

  @Test
  void aHeaderThatIsTooLongIsAProblem() throws Exception {
    JsonNode problem = requireProblem(ask("GET", "/health", "X-Long: " + "x".repeat(9_000)), 431);
    assertThat(problem.get("detail").asText()).contains("8192 bytes");
    String many =
        Stream.generate(() -> "X-Many: x").limit(1_500).collect(Collectors.joining("\r\n"));
    requireProblem(ask("GET", "/health", many), 431);
  }

  @Test
  void aPathThatIsTooLongIsAProblem() throws Exception {
    requireProblem(ask("GET", "/" + "x".repeat(9_000)), 414);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "garbage\r\n\r\n",
        "GET\r\n\r\n",
        "GET /health HTTP/1.1\r\n\r\n",
        "GET /health HTTP/1.1\r\nHost: x\r\nno colon\r\n\r\n",
        "GET /health HTTP/1.1\r\nHost: x\r\nX Y: z\r\n\r\n",
        "GET /health HTTP/1.1\r\nHost: x\r\nX: a\r\n folded\r\n\r\n",
        "GET /health HTTP/1.1\r\nHost: x\r\nX: a\0b\r\n\r\n",
        "GET health HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET /health HTTP/1.1\r\nHost: x\r\nHost: x\r\n\r\n",
        "POST /exports HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
        "POST /exports HTTP/1.1\r\nHost: x\r\nContent-Length: 1x\r\n\r\n",
        "POST /exports HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n{}",
        "POST /x HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "\u0016\u0003\u0001\u0002\u0000\u0001\r\n\r\n",
      })
  void whatIsNotHttpIsAProblem(String request) throws Exception {
    Answer answer = askRaw(request);
    String id = requireProblem(answer, 400).get("traceId").asText();
    assertThat(answer.header("X-Request-Id")).hasValue(UUID.fromString(id).toString());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "GET /health\r\n\r\n",
        "GET /health HTTP/9.9\r\nHost: x\r\n\r\n",
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
      })
  void anotherVersionIsAProblem(String request) throws Exception {
    Answer answer = askRaw(request);
    assertThat(answer.status()).isIn(400, 426, 505);
    requireProblem(answer, answer.status());
  }

  @ParameterizedTest
  @ValueSource(strings = {"zz\r\n{}\r\n0\r\n\r\n", "-1\r\n", "2\r\n{}{}\r\n0\r\n\r\n"})
  void aBodyThatIsNotHttpIsAProblem(String body) throws Exception {
    requireProblem(
        askRaw(
            "POST /exports HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
                + "Transfer-Encoding: chunked\r\n\r\n"
                + body),
        400);
  }

  @Test
  void aClientThatGoesInTheMiddleHarmsNobody() throws Exception {
    for (String begun :
        List.of(
            "",
            "GE",
            "GET /health HTTP/1.1\r\nHo",
            "POST /exports HTTP/1.1\r\nHost: x\r\n"
                + "Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{")) {
      try (RawClient client = RawClient.connect(api.port())) {
        client.send(begun);
      }
    }
    assertThat(ask("GET", "/health").status()).isEqualTo(200);
  }

  @Test
  void manyRequestsOnOneConnectionAreAnsweredInTheirOrder() throws Exception {
    try (RawClient client = RawClient.connect(api.port())) {
      for (int i = 0; i < 20; i++) {
        client.request("GET", i % 2 == 0 ? "/health" : "/nowhere", "X-Request-Id: r" + i);
      }
      for (int i = 0; i < 20; i++) {
        Answer answer = client.answer();
        assertThat(answer.header("X-Request-Id")).hasValue("r" + i);
        assertThat(answer.status()).isEqualTo(i % 2 == 0 ? 200 : 404);
      }
    }
  }

  @Test
  void aConnectionOutlivesAProblem() throws Exception {
    try (RawClient client = RawClient.connect(api.port())) {
      client.send(
          "PUT /exports HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello"
              + "POST /exports HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello"
              + "GET /health HTTP/1.1\r\nHost: x\r\n\r\n");
      assertThat(Arrays.asList(client.answer().status(), client.answer().status()))
          .containsExactly(405, 415);
      assertThat(client.answer().status()).isEqualTo(200);
    }
  }
}
