package io.polystream.service;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.polystream.format.Format;
import io.polystream.format.Formats;
import io.polystream.testing.Gate;
import io.polystream.testing.Patience;
import io.polystream.testing.PostgresExtension;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class BenchmarkIT {
  @RegisterExtension static final PostgresExtension postgres = new PostgresExtension();

  private Api api;

  @BeforeAll
  static void createTables() throws SQLException {
    postgres.execute(
        "CREATE TABLE records AS SELECT n AS id, 'Record ' || n AS name"
            + " FROM generate_series(1, 1000) n",
        "CREATE VIEW slow AS SELECT * FROM records WHERE id <> 1 OR " + Gate.PASSED,
        "CREATE VIEW doomed AS SELECT * FROM records WHERE 1 / (id - 900) < 2");
  }

  @AfterEach
  void stop() {
    api.close();
  }

  private static List<String> formats(JsonNode benchmark) {
    List<String> formats = new ArrayList<>();
    benchmark.get("results").forEach(result -> formats.add(result.get("format").asText()));
    return formats;
  }

  /** Statements end before files are deleted. */
  private void requireNoFiles() {
    Patience.await("its files to go")
        .until(
            () -> {
              try (Stream<Path> files = Files.list(Api.exportDirectory(postgres))) {
                return files.allMatch(
                    file -> file.getFileName().toString().startsWith("polystream.db"));
              }
            });
  }

  @Test
  void everyFormatIsMeasuredOnce() throws Exception {
    api = Api.start(postgres);
    JsonNode benchmark = Api.json(api.get("/exports/benchmark"));
    assertThat(formats(benchmark))
        .containsExactlyElementsOf(Formats.all().stream().map(Format::name).toList());
    assertThat(benchmark.get("datasetRowCount").asInt()).isEqualTo(1000);
    assertThat(benchmark.get("table").asText()).isEqualTo("records");
    assertThat(benchmark.get("results"))
        .allSatisfy(
            result -> {
              assertThat(result.get("fileSizeBytes").asInt()).isPositive();
              assertThat(result.get("rowsPerSecond").asInt()).isPositive();
              assertThat(result.get("durationSeconds").asDouble()).isPositive();
              assertThat(result.get("peakMemoryMB").asDouble()).isPositive();
            });
    requireNoFiles();
    assertThat(Api.json(api.get("/exports")).get("exports")).isEmpty();
  }

  @Test
  void fewerRowsAndFormatsAreMeasuredInTheOrderAskedFor() throws Exception {
    api = Api.start(postgres);
    JsonNode benchmark = Api.json(api.get("/exports/benchmark?rows=10&formats=tsv,csv"));
    assertThat(formats(benchmark)).containsExactly("tsv", "csv");
    assertThat(benchmark.get("datasetRowCount").asInt()).isEqualTo(10);
  }

  @Test
  void noMoreRowsAreMeasuredThanMayBeExported() throws Exception {
    api = Api.start(postgres, "EXPORT_ROW_LIMIT", "5");
    assertThat(
            Api.json(api.get("/exports/benchmark?rows=10&formats=csv"))
                .get("datasetRowCount")
                .asInt())
        .isEqualTo(5);
  }

  @Test
  void headMeasuresNothing() throws Exception {
    api = Api.start(postgres);
    assertThat(api.head("/exports/benchmark").statusCode()).isEqualTo(200);
    assertThat(api.head("/exports/benchmark?rows=0").statusCode()).isEqualTo(400);
  }

  @Test
  void aTableThatIsNotThereIsRefused() throws Exception {
    api = Api.start(postgres, "EXPORT_TABLE", "missing");
    assertThat(api.get("/exports/benchmark").statusCode()).isEqualTo(400);
  }

  @Test
  void whatTheDatabaseBreaksOffIsItsFault() throws Exception {
    api = Api.start(postgres, "EXPORT_TABLE", "doomed");
    HttpResponse<byte[]> response = api.get("/exports/benchmark?formats=csv");
    assertThat(response.statusCode()).isEqualTo(502);
    assertThat(Api.json(response).get("detail").asText()).contains("division by zero");
    requireNoFiles();
    assertThat(api.get("/exports/benchmark?formats=csv").statusCode()).isEqualTo(502);
  }

  private CompletableFuture<HttpResponse<byte[]>> begin(String path) {
    return api.client().sendAsync(api.request(path).build(), BodyHandlers.ofByteArray());
  }

  @Test
  void thereIsOneAtATime() throws Exception {
    api = Api.start(postgres, "EXPORT_TABLE", "slow");
    try (Gate gate = Gate.shut(postgres)) {
      CompletableFuture<HttpResponse<byte[]>> first = begin("/exports/benchmark?formats=csv");
      gate.awaitReaders(1);
      HttpResponse<byte[]> second = api.get("/exports/benchmark?formats=csv");
      assertThat(second.statusCode()).isEqualTo(409);
      assertThat(second.headers().firstValueAsLong("Retry-After").orElseThrow()).isPositive();
      gate.open();
      assertThat(first.get().statusCode()).isEqualTo(200);
    }
    assertThat(api.get("/exports/benchmark?formats=csv").statusCode()).isEqualTo(200);
  }

  @Test
  void itEndsWithTheService() throws Exception {
    api = Api.start(postgres, "EXPORT_TABLE", "slow", "DRAIN_TIMEOUT", "30s");
    try (Gate gate = Gate.shut(postgres)) {
      CompletableFuture<HttpResponse<byte[]>> benchmark = begin("/exports/benchmark?formats=csv");
      gate.awaitReaders(1);
      api.service().stop();
      assertThat(benchmark.get().statusCode()).isEqualTo(503);
      gate.awaitReaders(0);
      requireNoFiles();
    }
  }

  @Test
  void oneThatWaitsDoesNotBeginOnceTheServiceEnds() throws Exception {
    api = Api.start(postgres, "DRAIN_TIMEOUT", "1s");
    try (Gate gate = Gate.shut(postgres)) {
      api.submit("{\"table\": \"slow\", \"format\": \"csv\", \"columns\": [{\"source\": \"id\"}]}");
      gate.awaitReaders(1);
      CompletableFuture<HttpResponse<byte[]>> one = begin("/exports/benchmark?formats=csv");
      CompletableFuture<HttpResponse<byte[]>> other = begin("/exports/benchmark?formats=csv");
      // One waits, and the other is told so.
      CompletableFuture.anyOf(one, other).get();
      api.service().stop();
      assertThat(List.of(one.get().statusCode(), other.get().statusCode()))
          .containsExactlyInAnyOrder(409, 503);
    }
  }

  @Test
  void whoeverClosesTheConnectionStopsIt() throws Exception {
    api = Api.start(postgres, "EXPORT_TABLE", "slow");
    try (Gate gate = Gate.shut(postgres)) {
      try (RawClient client = RawClient.connect(api.port())) {
        client.send("GET /exports/benchmark?formats=csv HTTP/1.1\r\nHost: x\r\n\r\n");
        gate.awaitReaders(1);
      }
      gate.awaitReaders(0);
      requireNoFiles();
    }
    assertThat(api.get("/exports/benchmark?formats=csv").statusCode()).isEqualTo(200);
  }

  @Test
  void itHasAnExportsTurn() throws Exception {
    api = Api.start(postgres, "EXPORT_TABLE", "slow");
    try (Gate gate = Gate.shut(postgres)) {
      CompletableFuture<HttpResponse<byte[]>> benchmark = begin("/exports/benchmark?formats=csv");
      gate.awaitReaders(1);
      String waiting =
          api.submit(
              "{\"table\": \"records\", \"format\": \"csv\", \"columns\": [{\"source\": \"id\"}]}");
      assertThat(api.status(waiting).get("status").asText()).isEqualTo("pending");
      gate.open();
      assertThat(benchmark.get().statusCode()).isEqualTo(200);
      api.awaitStatus(waiting, "completed");
    }
  }
}
