package io.polystream.service;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.github.luben.zstd.ZstdInputStream;
import io.polystream.format.Formats;
import io.polystream.testing.PostgresExtension;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Downloads of compressed files: what they are said to be, and to whom. */
class EncodingsIT {
  @RegisterExtension static final PostgresExtension postgres = new PostgresExtension();

  private static final String CSV = Formats.byName("csv").contentType();

  @TempDir static Path directory;

  private static Api api;
  private static JsonNode gzip;
  private static JsonNode zstd;
  private static JsonNode named;
  private static String text;

  @BeforeAll
  static void export() throws Exception {
    postgres.execute("CREATE TABLE records AS SELECT n AS id FROM generate_series(1, 2000) n");
    try (Api exporting = Api.start(postgres, "EXPORT_DIR", directory.toString())) {
      gzip = completed(exporting, "\"compression\": \"gzip\"");
      zstd = completed(exporting, "\"compression\": \"zstd\"");
      named =
          completed(exporting, "\"compression\": \"gzip\", \"fileName\": \"Größen \\\"1\\\".csv\"");
      String plain = completed(exporting, "\"compression\": \"none\"").get("exportId").asText();
      text = new String(exporting.get("/exports/" + plain + "/download").body(), UTF_8);
    }
    api = Api.start(postgres, "EXPORT_DIR", directory.toString());
  }

  private static JsonNode completed(Api exporting, String more) throws Exception {
    return exporting.status(
        exporting.completed(
            "{\"format\": \"csv\", \"columns\": [{\"source\": \"id\"}], " + more + "}"));
  }

  @AfterAll
  static void stop() {
    api.close();
  }

  private static String path(JsonNode export) {
    return "/exports/" + export.get("exportId").asText() + "/download";
  }

  private static String header(HttpResponse<?> response, String name) {
    return response.headers().firstValue(name).orElse("none");
  }

  /** Once: what is gzipped twice is no text then. */
  private static String gunzipped(byte[] bytes) throws IOException {
    return new String(new GZIPInputStream(new ByteArrayInputStream(bytes)).readAllBytes(), UTF_8);
  }

  private static void requireNamed(HttpResponse<?> response, String extension) {
    assertThat(header(response, "Content-Disposition"))
        .isEqualTo(
            "attachment; filename=\"export_" + gzip.get("exportId").asText() + extension + "\"");
  }

  @ParameterizedTest
  @ValueSource(strings = {"gzip", "gzip, deflate, br", "*", "x-gzip", "br, gzip;q=0.5"})
  void whoAcceptsGzipGetsTheFormatToTakeTheCodingOff(String accepted) throws Exception {
    HttpResponse<byte[]> response = api.get(path(gzip), "Accept-Encoding", accepted);
    assertThat(header(response, "Content-Type")).isEqualTo(CSV);
    assertThat(header(response, "Content-Encoding")).isEqualTo("gzip");
    assertThat(header(response, "Vary")).isEqualTo("Accept-Encoding");
    requireNamed(response, ".csv");
    assertThat(gunzipped(response.body())).isEqualTo(text);
  }

  @Test
  void whoDoesNotSayGetsTheSameUnderTheNameOfTheFile() throws Exception {
    HttpResponse<byte[]> response = api.get(path(gzip));
    assertThat(header(response, "Content-Type")).isEqualTo(CSV);
    assertThat(header(response, "Content-Encoding")).isEqualTo("gzip");
    assertThat(header(response, "Vary")).isEqualTo("Accept-Encoding");
    requireNamed(response, ".csv.gz");
    assertThat(gunzipped(response.body())).isEqualTo(text);
  }

  @ParameterizedTest
  @ValueSource(strings = {"identity", "deflate, br", "gzip;q=0", "gzip;q=0.000, *", "*;q=0", ""})
  void whoDoesNotAcceptGzipGetsAGzipFile(String accepted) throws Exception {
    HttpResponse<byte[]> response = api.get(path(gzip), "Accept-Encoding", accepted);
    assertThat(header(response, "Content-Type")).isEqualTo("application/gzip");
    assertThat(header(response, "Content-Encoding")).isEqualTo("none");
    assertThat(header(response, "Vary")).isEqualTo("Accept-Encoding");
    requireNamed(response, ".csv.gz");
    assertThat(gunzipped(response.body())).isEqualTo(text);
  }

  @ParameterizedTest
  @ValueSource(strings = {"gzip", "identity", "*"})
  void whoWantsTheFileGetsTheFile(String accepted) throws Exception {
    HttpResponse<byte[]> response = api.get(path(gzip) + "?as=file", "Accept-Encoding", accepted);
    assertThat(header(response, "Content-Type")).isEqualTo("application/gzip");
    assertThat(header(response, "Content-Encoding")).isEqualTo("none");
    requireNamed(response, ".csv.gz");
    assertThat(gunzipped(response.body())).isEqualTo(text);
  }

  @Test
  void theStatusTellsOfTheFileAsItIs() throws Exception {
    HttpResponse<byte[]> response = api.get(path(gzip) + "?as=file");
    assertThat(header(response, "ETag")).isEqualTo(gzip.at("/file/etag").asText());
    assertThat(header(response, "Content-Type")).isEqualTo(gzip.at("/file/contentType").asText());
    assertThat(header(response, "Content-Disposition")).contains(gzip.at("/file/name").asText());
    assertThat(response.body()).hasSize(gzip.at("/file/bytes").asInt());
  }

  @Test
  void eachHasATagOfItsOwn() throws Exception {
    String coded = header(api.get(path(gzip), "Accept-Encoding", "gzip"), "ETag");
    String asFile = header(api.get(path(gzip), "Accept-Encoding", "identity"), "ETag");
    assertThat(coded).isNotEqualTo(asFile);
    assertThat(header(api.get(path(gzip)), "ETag")).isEqualTo(coded);
    assertThat(header(api.get(path(gzip) + "?as=file"), "ETag")).isEqualTo(asFile);
    assertThat(api.get(path(gzip), "Accept-Encoding", "gzip", "If-None-Match", asFile).statusCode())
        .isEqualTo(200);
    HttpResponse<byte[]> notModified =
        api.get(path(gzip), "Accept-Encoding", "gzip", "If-None-Match", coded);
    assertThat(notModified.statusCode()).isEqualTo(304);
    assertThat(header(notModified, "Vary")).isEqualTo("Accept-Encoding");
  }

  @Test
  void headIsAsGet() throws Exception {
    for (String accepted : List.of("gzip", "identity")) {
      HttpResponse<byte[]> get = api.get(path(gzip), "Accept-Encoding", accepted);
      HttpResponse<byte[]> head = api.head(path(gzip), "Accept-Encoding", accepted);
      for (String name :
          List.of(
              "Content-Type",
              "Content-Encoding",
              "Content-Length",
              "Content-Disposition",
              "ETag",
              "Vary")) {
        assertThat(header(head, name)).as(name).isEqualTo(header(get, name));
      }
    }
  }

  @Test
  void rangesAreOfTheCompressedBytes() throws Exception {
    byte[] whole = api.get(path(gzip), "Accept-Encoding", "gzip").body();
    HttpResponse<byte[]> part =
        api.get(path(gzip), "Accept-Encoding", "gzip", "Range", "bytes=10-19");
    assertThat(part.statusCode()).isEqualTo(206);
    assertThat(header(part, "Content-Encoding")).isEqualTo("gzip");
    assertThat(header(part, "Content-Range")).isEqualTo("bytes 10-19/" + whole.length);
    assertThat(part.body()).isEqualTo(Arrays.copyOfRange(whole, 10, 20));
  }

  /** Several ranges are a message that is not compressed, of parts that are. */
  @Test
  void theCodingIsThatOfThePartsAndNotOfTheirSum() throws Exception {
    byte[] whole = api.get(path(gzip), "Accept-Encoding", "gzip").body();
    HttpResponse<byte[]> response =
        api.get(path(gzip), "Accept-Encoding", "gzip", "Range", "bytes=0-9,20-29");
    assertThat(response.statusCode()).isEqualTo(206);
    assertThat(header(response, "Content-Encoding")).isEqualTo("none");
    assertThat(header(response, "Vary")).isEqualTo("Accept-Encoding");
    assertThat(Multipart.parts(response))
        .allSatisfy(
            part ->
                assertThat(part.headers())
                    .containsEntry("content-type", CSV)
                    .containsEntry("content-encoding", "gzip"))
        .extracting(Multipart.Part::body)
        .containsExactly(Arrays.copyOfRange(whole, 0, 10), Arrays.copyOfRange(whole, 20, 30));
  }

  @ParameterizedTest
  @CsvSource(
      nullValues = "-",
      value = {"-", "gzip", "zstd", "identity"})
  void zstdIsTheSameForEverybody(String accepted) throws Exception {
    HttpResponse<byte[]> response =
        accepted == null ? api.get(path(zstd)) : api.get(path(zstd), "Accept-Encoding", accepted);
    assertThat(header(response, "Content-Type")).isEqualTo("application/zstd");
    assertThat(header(response, "Content-Encoding")).isEqualTo("none");
    assertThat(header(response, "Vary")).isEqualTo("none");
    assertThat(header(response, "Content-Disposition"))
        .isEqualTo("attachment; filename=\"export_" + zstd.get("exportId").asText() + ".csv.zst\"");
    try (ZstdInputStream plain = new ZstdInputStream(new ByteArrayInputStream(response.body()))) {
      assertThat(new String(plain.readAllBytes(), UTF_8)).isEqualTo(text);
    }
  }

  @Test
  void aNameOfSomebodysOwnIsKept() throws Exception {
    assertThat(header(api.get(path(named), "Accept-Encoding", "gzip"), "Content-Disposition"))
        .isEqualTo(
            "attachment; filename=\"Gr__en _1_.csv\";"
                + " filename*=UTF-8''Gr%C3%B6%C3%9Fen%20%221%22.csv");
    assertThat(header(api.get(path(named)), "Content-Disposition"))
        .isEqualTo(
            "attachment; filename=\"Gr__en _1_.csv.gz\";"
                + " filename*=UTF-8''Gr%C3%B6%C3%9Fen%20%221%22.csv.gz");
    assertThat(named.at("/file/name").asText()).isEqualTo("Größen \"1\".csv.gz");
  }

  @Test
  void theConnectionCanBeUsedAgain() throws Exception {
    try (RawClient client = RawClient.connect(api.port())) {
      for (int i = 0; i < 3; i++) {
        client.request("GET", path(gzip), "Accept-Encoding: gzip");
        assertThat(gunzipped(client.answer().body())).isEqualTo(text);
      }
    }
  }

  @Test
  void answersThatAreNoFilesAreNotCompressed() throws Exception {
    HttpResponse<byte[]> response =
        api.get("/exports/" + gzip.get("exportId").asText(), "Accept-Encoding", "gzip");
    assertThat(header(response, "Content-Encoding")).isEqualTo("none");
    assertThat(Api.json(response).get("exportId")).isEqualTo(gzip.get("exportId"));
  }
}
