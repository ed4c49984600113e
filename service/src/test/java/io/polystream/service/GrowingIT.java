package io.polystream.service;

import static io.polystream.testing.Patience.await;
import static io.polystream.testing.Patience.awaitPromised;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.polystream.testing.Gate;
import io.polystream.testing.PostgresExtension;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.zip.CRC32C;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Downloads of files that grow while they are sent, and of those that never become whole. */
class GrowingIT {
  @RegisterExtension static final PostgresExtension postgres = new PostgresExtension();

  /** What users are promised of a cancelled export's statements, and of freed room. */
  private static final Duration SOON = Duration.ofSeconds(2);

  private static final String SLOW = request("slow");

  private Gate gate;
  private Api api;

  @BeforeAll
  static void createTables() throws SQLException {
    postgres.execute(
        // 6 MB: a part of the file is there before the row that has to wait comes.
        "CREATE TABLE filled AS SELECT id, repeat(md5(id::text), 32) AS filler"
            + " FROM generate_series(1, 6000) AS id",
        "CREATE VIEW slow AS SELECT * FROM filled WHERE id <> 5900 OR " + Gate.PASSED,
        // 9 MB that compress to more than a part.
        "CREATE TABLE noise AS SELECT id, string_agg(md5((32 * id + n)::text), '') AS filler"
            + " FROM generate_series(1, 9000) AS id, generate_series(1, 32) AS n"
            + " GROUP BY id ORDER BY id",
        "CREATE VIEW dense AS SELECT * FROM noise WHERE id <> 8900 OR " + Gate.PASSED,
        // Rows, but never a part.
        "CREATE VIEW doomed AS SELECT id FROM filled"
            + " WHERE (id <> 1 OR "
            + Gate.PASSED
            + ") AND 1 / (id - 2) < 5");
  }

  @BeforeEach
  void start() throws Exception {
    api = Api.start(postgres);
    gate = Gate.shut(postgres);
  }

  @AfterEach
  void stop() throws SQLException {
    gate.close();
    api.close();
  }

  private static String request(String table) {
    return "{\"table\": \""
        + table
        + "\", \"format\": \"csv\", \"columns\": [{\"source\": \"id\"}, {\"source\": \"filler\"}]}";
  }

  private static String download(String id) {
    return "/exports/" + id + "/download";
  }

  /** Submits an export that comes to the gate. */
  private String submitSlow() throws Exception {
    String id = api.submit(SLOW);
    gate.awaitReaders(1);
    return id;
  }

  private HttpResponse<InputStream> begin(String path, String... headers) throws Exception {
    HttpRequest.Builder request = api.request(path);
    if (headers.length > 0) {
      request.headers(headers);
    }
    return api.client().send(request.build(), BodyHandlers.ofInputStream());
  }

  private static String crc(byte[] bytes) {
    CRC32C crc = new CRC32C();
    crc.update(bytes);
    return String.format(Locale.ROOT, "%08x", (int) crc.getValue());
  }

  private static void terminateReaders() throws SQLException {
    postgres.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            + " WHERE datname = current_database() AND wait_event = 'advisory'");
  }

  @Test
  void aDownloadBeginsBeforeTheExportEndsAndBecomesTheFile() throws Exception {
    String id = submitSlow();
    HttpResponse<InputStream> response = begin(download(id));
    ByteArrayOutputStream got = new ByteArrayOutputStream();
    got.write(response.body().readNBytes(4_000_000));
    assertThat(got.size()).isEqualTo(4_000_000);
    assertThat(api.status(id).get("status").asText()).isEqualTo("running");

    gate.open();
    got.write(response.body().readAllBytes());
    JsonNode status = api.awaitStatus(id, "completed");
    assertThat(got.size()).isEqualTo(status.at("/file/bytes").asInt());
    assertThat(crc(got.toByteArray()))
        .isEqualTo(
            Api.json(api.get("/exports/" + id + "/manifest")).at("/files/0/crc32c").asText());
    assertThat(got.toByteArray()).isEqualTo(api.get(download(id)).body());
  }

  @Test
  void whatGrowsHasNoLengthNoTagAndNoRanges() throws Exception {
    String id = submitSlow();
    HttpResponse<InputStream> response =
        begin(download(id), "Range", "bytes=0-9", "If-None-Match", "*");
    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(response.headers().map())
        .doesNotContainKeys("content-length", "etag", "last-modified", "content-range");
    assertThat(response.headers().firstValue("Accept-Ranges")).hasValue("none");
    assertThat(response.headers().firstValue("Cache-Control")).hasValue("private, no-transform");
    assertThat(response.headers().firstValue("Content-Disposition"))
        .hasValue("attachment; filename=\"export_" + id + ".csv\"");
    response.body().close();
  }

  @Test
  void headOfWhatGrowsIsGetWithoutABody() throws Exception {
    String id = submitSlow();
    try (RawClient getter = RawClient.connect(api.port());
        RawClient header = RawClient.connect(api.port())) {
      getter.request("GET", download(id));
      header.request("HEAD", download(id));
      RawClient.Head get = getter.head();
      RawClient.Head head = header.head();
      assertThat(head.status()).isEqualTo(200);
      for (String name :
          new String[] {
            "content-type",
            "content-disposition",
            "accept-ranges",
            "cache-control",
            "content-length"
          }) {
        assertThat(head.headers().get(name)).as(name).isEqualTo(get.headers().get(name));
      }
    }
  }

  @Test
  void whoComesBeforeTheExportsTurnWaitsForIt() throws Exception {
    submitSlow();
    String waiting = api.submit(request("filled"));
    CompletableFuture<HttpResponse<byte[]>> response =
        api.client().sendAsync(api.request(download(waiting)).build(), BodyHandlers.ofByteArray());
    await("the download to wait").until(() -> activeTransfers() == 1);
    gate.open();
    assertThat(response.get().statusCode()).isEqualTo(200);
    assertThat(response.get().body()).isEqualTo(api.get(download(waiting)).body());
  }

  private long activeTransfers() throws Exception {
    return (long) Metrics.of(api).value("polystream_transfers_active");
  }

  @Test
  void manyFollowOneFileAtTheirOwnPace() throws Exception {
    String id = submitSlow();
    HttpResponse<InputStream> reader = begin(download(id));
    HttpResponse<InputStream> sleeper = begin(download(id));
    reader.body().readNBytes(4_000_000);
    gate.open();
    byte[] rest = reader.body().readAllBytes();
    byte[] whole = sleeper.body().readAllBytes();
    assertThat(whole).isEqualTo(api.get(download(id)).body());
    assertThat(rest).hasSize(whole.length - 4_000_000);
  }

  @Test
  void aGrowingFileIsGzippedOnce() throws Exception {
    String id =
        api.submit(request("dense").replace("\"format\"", "\"compression\": \"gzip\", \"format\""));
    gate.awaitReaders(1);
    HttpResponse<InputStream> response = begin(download(id), "Accept-Encoding", "gzip");
    assertThat(response.headers().firstValue("Content-Encoding")).hasValue("gzip");
    GZIPInputStream plain = new GZIPInputStream(response.body());
    assertThat(new String(plain.readNBytes(11), ISO_8859_1)).isEqualTo("id,filler\r\n");
    gate.open();
    byte[] text = plain.readAllBytes();
    assertThat(new String(text, ISO_8859_1)).startsWith("1,").hasLineCount(9000);
    byte[] whole = api.get(download(id)).body();
    assertThat(new GZIPInputStream(new ByteArrayInputStream(whole)).readAllBytes())
        .hasSize(11 + text.length);
  }

  @Test
  void whenTheDatabaseBreaksOffTheClientHasAnError() throws Exception {
    String id = submitSlow();
    HttpResponse<InputStream> response = begin(download(id));
    assertThat(response.body().readNBytes(1000)).hasSize(1000);
    terminateReaders();
    assertThatThrownBy(() -> response.body().readAllBytes()).isInstanceOf(IOException.class);
    JsonNode status = api.awaitStatus(id, "failed");
    assertThat(status.at("/error/type").asText()).isEqualTo("urn:polystream:problem:query");
    assertThat(status.get("file").isNull()).isTrue();
  }

  @Test
  void whenTheExportIsCancelledTheClientHasAnError() throws Exception {
    String id = submitSlow();
    HttpResponse<InputStream> response = begin(download(id));
    assertThat(response.body().readNBytes(1000)).hasSize(1000);
    assertThat(api.post("/exports/" + id + "/cancel", "").statusCode()).isEqualTo(202);
    assertThatThrownBy(() -> response.body().readAllBytes()).isInstanceOf(IOException.class);
    api.awaitStatus(id, "cancelled");
  }

  @Test
  void whenTheExportIsDeletedTheClientHasAnError() throws Exception {
    String id = submitSlow();
    HttpResponse<InputStream> response = begin(download(id));
    assertThat(response.body().readNBytes(1000)).hasSize(1000);
    api.delete("/exports/" + id);
    assertThatThrownBy(() -> response.body().readAllBytes()).isInstanceOf(IOException.class);
  }

  @Test
  void noLastChunkComesWhenThereIsNoWholeFile() throws Exception {
    String id = submitSlow();
    try (RawClient client = RawClient.connect(api.port())) {
      client.request("GET", download(id));
      client.take(4_000_000);
      terminateReaders();
      RawClient.Rest rest = client.rest();
      assertThat(new String(rest.bytes(), ISO_8859_1)).doesNotEndWith("0\r\n\r\n");
      assertThat(rest.end()).isEqualTo(RawClient.End.RESET);
    }
  }

  /** Such a client, and many a proxy, has nothing but the connection's end to go by. */
  @Test
  void aClientOfHttpOneZeroHasAnErrorToo() throws Exception {
    String id = submitSlow();
    try (RawClient client = RawClient.connect(api.port())) {
      client.send("GET " + download(id) + " HTTP/1.0\r\n\r\n");
      RawClient.Head head = client.head();
      assertThat(head.status()).isEqualTo(200);
      assertThat(head.headers()).doesNotContainKey("transfer-encoding");
      terminateReaders();
      assertThat(client.rest().end()).isEqualTo(RawClient.End.RESET);
    }
  }

  @Test
  void aClientOfHttpOneZeroGetsTheWholeFile() throws Exception {
    String id = submitSlow();
    try (RawClient client = RawClient.connect(api.port())) {
      client.send("GET " + download(id) + " HTTP/1.0\r\n\r\n");
      client.head();
      gate.open();
      RawClient.Rest rest = client.rest();
      assertThat(rest.end()).isEqualTo(RawClient.End.CLOSED);
      assertThat(rest.bytes()).isEqualTo(api.get(download(id)).body());
    }
  }

  @Test
  void anExportThatFailsBeforeItsFirstByteIsAProblem() throws Exception {
    String id = api.submit(request("doomed").replace(", {\"source\": \"filler\"}", ""));
    gate.awaitReaders(1);
    CompletableFuture<HttpResponse<byte[]>> response =
        api.client().sendAsync(api.request(download(id)).build(), BodyHandlers.ofByteArray());
    await("the download to wait").until(() -> activeTransfers() == 1);
    gate.open();
    assertThat(response.get().statusCode()).isEqualTo(409);
    assertThat(Api.json(response.get()).get("type").asText())
        .isEqualTo("urn:polystream:problem:no-file");
    assertThat(Api.json(response.get()).get("detail").asText()).contains("division by zero");
  }

  @Test
  void whoWillNotWaitIsToldToComeAgain() throws Exception {
    String running = submitSlow();
    String waiting = api.submit(request("filled"));
    for (String id : new String[] {running, waiting}) {
      HttpResponse<byte[]> response = api.get(download(id) + "?wait=false");
      assertThat(response.statusCode()).isEqualTo(409);
      assertThat(Api.json(response).get("type").asText())
          .isEqualTo("urn:polystream:problem:not-ready");
      assertThat(response.headers().firstValueAsLong("Retry-After").orElseThrow()).isPositive();
      assertThat(api.head(download(id) + "?wait=false").statusCode()).isEqualTo(409);
    }
    gate.open();
    api.awaitStatus(running, "completed");
    assertThat(api.get(download(running) + "?wait=false").statusCode()).isEqualTo(200);
  }

  @ParameterizedTest
  @ValueSource(strings = {"failed", "cancelled"})
  void whatHasEndedWithoutAFileWillHaveNone(String ending) throws Exception {
    String id = submitSlow();
    HttpResponse<byte[]> early = api.get("/exports/" + id + "/manifest");
    assertThat(early.statusCode()).isEqualTo(409);
    assertThat(Api.json(early).get("type").asText()).isEqualTo("urn:polystream:problem:not-ready");
    assertThat(early.headers().firstValue("Retry-After")).isPresent();
    if (ending.equals("failed")) {
      terminateReaders();
    } else {
      api.post("/exports/" + id + "/cancel", "");
    }
    api.awaitStatus(id, ending);
    HttpResponse<byte[]> response = api.get(download(id));
    assertThat(response.statusCode()).isEqualTo(409);
    assertThat(Api.json(response).get("type").asText()).isEqualTo("urn:polystream:problem:no-file");
    assertThat(response.headers().firstValue("Retry-After")).isEmpty();
    assertThat(api.get("/exports/" + id + "/manifest").statusCode()).isEqualTo(409);
    assertThat(api.post("/exports/" + id + "/cancel", "").statusCode()).isEqualTo(409);
  }

  @Test
  void aWaitingExportThatIsCancelledIsAnsweredForAtOnce() throws Exception {
    submitSlow();
    String waiting = api.submit(request("filled"));
    CompletableFuture<HttpResponse<byte[]>> response =
        api.client().sendAsync(api.request(download(waiting)).build(), BodyHandlers.ofByteArray());
    await("the download to wait").until(() -> activeTransfers() == 1);
    api.post("/exports/" + waiting + "/cancel", "");
    assertThat(response.get().statusCode()).isEqualTo(409);
  }

  @Test
  void aDownloadThatHasBegunOutlivesTheFilesDeletion() throws Exception {
    gate.open();
    String id = api.completed(SLOW);
    byte[] whole = api.get(download(id)).body();
    try (RawClient client = RawClient.connectNarrow(api.port())) {
      client.request("GET", download(id));
      RawClient.Head head = client.head();
      assertThat(api.delete("/exports/" + id).statusCode()).isEqualTo(204);
      assertThat(client.body(head).bytes()).isEqualTo(whole);
    }
  }

  @Test
  void aClientThatGoesIsNoticedThoughNothingIsSent() throws Exception {
    submitSlow();
    String waiting = api.submit(request("filled"));
    RawClient client = RawClient.connect(api.port());
    client.request("GET", download(waiting));
    await("the download to wait").until(() -> activeTransfers() == 1);
    client.close();
    awaitPromised("room", SOON, () -> activeTransfers() == 0);
    assertThat(api.status(waiting).get("status").asText()).isEqualTo("pending");
  }

  @Test
  void theExportGoesOnWithoutItsReaders() throws Exception {
    String id = submitSlow();
    RawClient client = RawClient.connect(api.port());
    client.request("GET", download(id));
    client.take(1000);
    client.close();
    awaitPromised("room", SOON, () -> activeTransfers() == 0);
    gate.open();
    api.awaitStatus(id, "completed");
  }

  @Test
  void whatComesBehindARequestIsNotMixedUpWithIt() throws Exception {
    String id = submitSlow();
    try (RawClient client = RawClient.connect(api.port())) {
      client.request("GET", download(id));
      RawClient.Head head = client.head();
      client.request("GET", "/health/live");
      gate.open();
      RawClient.Rest body = client.body(head);
      assertThat(body.end()).isEqualTo(RawClient.End.WHOLE);
      assertThat(body.bytes()).isEqualTo(api.get(download(id)).body());
      // Either is right: an answer to the second, or the end of the connection.
      try {
        assertThat(client.head().status()).isEqualTo(200);
      } catch (EOFException ended) {
        assertThat(ended).hasMessage("the connection was closed");
      }
    }
  }

  @Test
  void closingTheServiceStopsWhatRunsUntilTheNextOne() throws Exception {
    String id = submitSlow();
    HttpResponse<InputStream> response = begin(download(id));
    assertThat(response.body().readNBytes(1000)).hasSize(1000);
    api.close();
    assertThat(postgres.polystreamConnections()).isEmpty();
    assertThatThrownBy(() -> response.body().readAllBytes()).isInstanceOf(IOException.class);
    gate.open();
    api = Api.start(postgres);
    assertThat(api.awaitStatus(id, "completed").get("rows").asInt()).isEqualTo(6000);
  }

  @Test
  void whatJustBeginsWhenTheServiceClosesIsTheNextOnes() throws Exception {
    List<String> ids = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      ids.add(api.submit(request("filled")));
      api.close();
      api = Api.start(postgres);
    }
    for (String id : ids) {
      assertThat(api.awaitStatus(id, "completed").get("rows").asInt()).isEqualTo(6000);
    }
  }
}
