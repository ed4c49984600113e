package io.polystream.service;

import static io.polystream.testing.Patience.await;
import static io.polystream.testing.Patience.awaitPromised;
import static org.assertj.core.api.Assertions.assertThat;

import io.polystream.testing.PostgresExtension;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** How fast downloads are, and how many; of finished files, by services without a database. */
class TransferLimitsIT {
  @RegisterExtension static final PostgresExtension postgres = new PostgresExtension();

  private static final Duration SOON = Duration.ofSeconds(2);

  /** A busy machine may take as much longer as it likes. */
  private static final Duration MUCH_LONGER = Duration.ofSeconds(20);

  @TempDir static Path directory;

  private static String small;
  private static String large;

  private Api api;

  @BeforeAll
  static void export() throws Exception {
    postgres.execute(
        "CREATE TABLE small AS SELECT lpad(n::text, 98, '0') AS id FROM generate_series(1, 100) n",
        // More than the network between two programs holds.
        "CREATE TABLE large AS SELECT repeat(md5(n::text), 32) AS id"
            + " FROM generate_series(1, 12000) n");
    try (Api exporting = Api.start(postgres, "EXPORT_DIR", directory.toString())) {
      small = download(exporting, "small");
      large = download(exporting, "large");
    }
  }

  private static String download(Api exporting, String table) throws Exception {
    String id =
        exporting.completed(
            "{\"table\": \""
                + table
                + "\", \"format\": \"ndjson\", \"columns\": [{\"source\": \"id\"}]}");
    return "/exports/" + id + "/download";
  }

  private void start(String... namesAndValues) throws Exception {
    String[] all = new String[namesAndValues.length + 2];
    all[0] = "EXPORT_DIR";
    all[1] = directory.toString();
    System.arraycopy(namesAndValues, 0, all, 2, namesAndValues.length);
    api = Api.start(postgres, all);
  }

  @AfterEach
  void stop() {
    api.close();
  }

  /** N bytes at R bytes a second take N / R; of the small file, which has 10,800 bytes. */
  private void requireSeconds(double seconds, String path, String... headers) throws Exception {
    long begun = System.nanoTime();
    HttpResponse<byte[]> response = api.get(path, headers);
    Duration taken = Duration.ofNanos(System.nanoTime() - begun);
    assertThat(response.statusCode()).isIn(200, 206);
    assertThat(taken)
        .isBetween(
            Duration.ofMillis((long) (seconds * 800)),
            Duration.ofMillis((long) (seconds * 1000)).plus(MUCH_LONGER));
  }

  @ParameterizedTest
  @CsvSource({"21600, 0.5", "10kB, 1.08", "1MB, 0"})
  void aDownloadTakesAsLongAsItsRateSays(String rate, double seconds) throws Exception {
    start();
    requireSeconds(seconds, small + "?rate=" + rate);
  }

  @Test
  void aRangeHasTheRateToo() throws Exception {
    start();
    requireSeconds(0.5, small + "?rate=10800", "Range", "bytes=0-5399");
    requireSeconds(0.5, small + "?rate=10800", "Range", "bytes=0-2699,5400-8099");
  }

  @ParameterizedTest
  @CsvSource({"21600, 1MB, 0.5", "21600, '', 0.5", "1MB, 21600, 0.5"})
  void theLowerOfTheServicesRateAndTheClientsWins(String limit, String rate, double seconds)
      throws Exception {
    start("DOWNLOAD_RATE_LIMIT", limit);
    requireSeconds(seconds, small + (rate.isEmpty() ? "" : "?rate=" + rate));
  }

  /** No byte is held back until there are many to be sent. */
  @Test
  void evenASlowDownloadMoves() throws Exception {
    start();
    try (RawClient client = RawClient.connect(api.port())) {
      long begun = System.nanoTime();
      client.request("GET", small + "?rate=8");
      client.head();
      client.take(8);
      assertThat(Duration.ofNanos(System.nanoTime() - begun))
          .isBetween(Duration.ofMillis(800), MUCH_LONGER);
    }
  }

  private void requireRoom() throws Exception {
    awaitPromised("room", SOON, () -> api.get(small).statusCode() == 200);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "?rate=8", "?rate=100kB"})
  void whoeverIsTooManyIsSentAwayUntilOneOfTheOthersGoes(String slowness) throws Exception {
    start("MAX_TRANSFERS", "1");
    try (RawClient first = RawClient.connectNarrow(api.port())) {
      first.request("GET", large + slowness);
      assertThat(first.head().status()).isEqualTo(200);
      HttpResponse<byte[]> second = api.get(small);
      assertThat(second.statusCode()).isEqualTo(503);
      assertThat(Api.json(second).get("type").asText())
          .isEqualTo("urn:polystream:problem:too-many-downloads");
      assertThat(second.headers().firstValueAsLong("Retry-After").orElseThrow()).isPositive();
      assertThat(second.headers().firstValue("ETag")).isEmpty();
    }
    requireRoom();
  }

  @Test
  void everythingElseIsAnsweredWhateverIsDownloaded() throws Exception {
    start("MAX_TRANSFERS", "1");
    try (RawClient first = RawClient.connectNarrow(api.port())) {
      first.request("GET", large);
      first.head();
      assertThat(api.head(small).statusCode()).isEqualTo(200);
      assertThat(api.get(small, "If-None-Match", "*").statusCode()).isEqualTo(304);
      assertThat(api.get(small.replace("/download", "")).statusCode()).isEqualTo(200);
      assertThat(api.get(small.replace("download", "manifest")).statusCode()).isEqualTo(200);
      assertThat(api.get("/health").statusCode()).isEqualTo(200);
    }
  }

  @Test
  void noAnswerOfAnyKindKeepsTheRoomOfADownload() throws Exception {
    start("MAX_TRANSFERS", "1");
    for (int i = 0; i < 3; i++) {
      api.get(small);
      api.head(small);
      api.get(small, "Range", "bytes=0-0");
      api.get(small, "Range", "bytes=0-0,2-2");
      api.get(small, "Range", "bytes=1000000-");
      api.get(small, "If-Match", "\"other\"");
      api.get(small, "If-None-Match", "*");
    }
    assertThat(api.get(small).statusCode()).isEqualTo(200);
  }

  @Test
  void downloadsAreCountedAndSoIsWhoeverBreaksThemOff() throws Exception {
    start();
    int bytes = api.get(small).body().length;
    api.get(small, "Range", "bytes=0-99");
    Metrics before = Metrics.of(api);
    assertThat(before.value("polystream_transfer_bytes_total")).isEqualTo(bytes + 100);
    assertThat(before.value("polystream_transfers_aborted_total")).isZero();
    assertThat(before.value("polystream_transfers_active")).isZero();
    try (RawClient first = RawClient.connectNarrow(api.port())) {
      first.request("GET", large);
      first.head();
      await("a download").until(() -> Metrics.of(api).value("polystream_transfers_active") == 1);
    }
    awaitPromised("room", SOON, () -> Metrics.of(api).value("polystream_transfers_active") == 0);
    assertThat(Metrics.of(api).value("polystream_transfers_aborted_total")).isEqualTo(1);
  }
}
