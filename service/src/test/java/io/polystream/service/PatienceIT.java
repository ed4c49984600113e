package io.polystream.service;

import static io.polystream.testing.Patience.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.polystream.testing.Gate;
import io.polystream.testing.PostgresExtension;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.sql.SQLException;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What the service waits for, which is half a minute, and what it waits for longer. */
@Tag("soak")
class PatienceIT {
  @RegisterExtension static final PostgresExtension postgres = new PostgresExtension();

  private static final String REQUEST =
      "{\"table\": \"%s\", \"format\": \"csv\", \"columns\": [{\"source\": \"filler\"}]}";

  private Api api;

  @BeforeAll
  static void createTables() throws SQLException {
    postgres.execute(
        "CREATE TABLE filled AS SELECT id, repeat(md5(id::text), 32) AS filler"
            + " FROM generate_series(1, 12000) AS id",
        "CREATE VIEW slow AS SELECT * FROM filled WHERE id <> 11900 OR " + Gate.PASSED);
  }

  @AfterEach
  void stop() {
    api.close();
  }

  @Test
  void aConnectionWithoutARequestIsClosed() throws Exception {
    api = Api.start(postgres);
    try (RawClient client = RawClient.connect(api.port())) {
      assertThat(client.isEnded()).isTrue();
    }
  }

  @Test
  void aBodyThatDoesNotGoOnIsRefused() throws Exception {
    api = Api.start(postgres);
    try (RawClient client = RawClient.connect(api.port())) {
      client.request(
          "POST", "/exports", "Content-Type: application/json", "Content-Length: 100\r\n\r\n{");
      RawClient.Answer answer = client.answer();
      assertThat(answer.status()).isEqualTo(408);
      assertThat(answer.header("Content-Type")).hasValue("application/problem+json");
    }
  }

  @Test
  void aClientThatTakesNothingLosesItsPlace() throws Exception {
    api = Api.start(postgres, "MAX_TRANSFERS", "1");
    String path = "/exports/" + api.completed(REQUEST.formatted("filled")) + "/download";
    try (RawClient client = RawClient.connectNarrow(api.port())) {
      client.request("GET", path);
      assertThat(client.head().status()).isEqualTo(200);
      assertThat(api.get(path).statusCode()).isEqualTo(503);
      await("room").until(() -> api.get(path).statusCode() == 200);
    }
  }

  /** Nothing else would tell it from the end of a file that grows. */
  @Test
  void aClientOfHttpOneZeroThatTakesNothingForTooLongHasAnError() throws Exception {
    api = Api.start(postgres);
    try (Gate gate = Gate.shut(postgres);
        RawClient client = RawClient.connectNarrow(api.port())) {
      String id = api.submit(REQUEST.formatted("slow"));
      gate.awaitReaders(1);
      client.send("GET /exports/" + id + "/download HTTP/1.0\r\n\r\n");
      assertThat(client.head().status()).isEqualTo(200);
      await("the service to give up")
          .until(() -> Metrics.of(api).value("polystream_transfers_aborted_total") == 1);
      assertThat(client.rest().end()).isEqualTo(RawClient.End.RESET);
    }
  }

  @Test
  void aDownloadWaitsForItsExportHoweverLong() throws Exception {
    api = Api.start(postgres);
    try (Gate gate = Gate.shut(postgres);
        RawClient idle = RawClient.connect(api.port())) {
      String id = api.submit(REQUEST.formatted("slow"));
      gate.awaitReaders(1);
      CompletableFuture<HttpResponse<byte[]>> download =
          api.client()
              .sendAsync(
                  api.request("/exports/" + id + "/download").build(), BodyHandlers.ofByteArray());
      await("the download to wait")
          .until(() -> Metrics.of(api).value("polystream_transfers_active") == 1);
      idle.request("GET", "/health");
      assertThat(idle.answer().status()).isEqualTo(200);
      assertThat(idle.isEnded()).isTrue();
      gate.open();
      assertThat(download.get().body()).isEqualTo(api.get("/exports/" + id + "/download").body());
    }
  }
}
