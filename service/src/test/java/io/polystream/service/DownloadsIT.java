package io.polystream.service;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.polystream.testing.PostgresExtension;
import java.io.ByteArrayOutputStream;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Downloads of files that are finished, by a service that has found them and has no database. */
class DownloadsIT {
  @RegisterExtension static final PostgresExtension postgres = new PostgresExtension();

  private static final String COLUMNS =
      "\"columns\": [{\"source\": \"id\"}, {\"source\": \"name\"}]";

  @TempDir static Path directory;

  private static Api api;
  private static JsonNode plain;
  private static JsonNode empty;
  private static byte[] file;

  @BeforeAll
  static void export() throws Exception {
    postgres.execute(
        "CREATE TABLE records AS SELECT n AS id, 'Record_' || n AS name"
            + " FROM generate_series(1, 1000) n");
    try (Api exporting = Api.start(postgres, "EXPORT_DIR", directory.toString())) {
      plain = exporting.status(exporting.completed("{\"format\": \"csv\", " + COLUMNS + "}"));
      empty =
          exporting.status(
              exporting.completed(
                  "{\"format\": \"ndjson\", "
                      + COLUMNS
                      + ", \"filter\": {\"column\": \"id\", \"op\": \"lt\", \"value\": 0}}"));
    }
    api = Api.start(postgres, "EXPORT_DIR", directory.toString());
    file = get().body();
  }

  @AfterAll
  static void stop() {
    api.close();
  }

  private static String path(JsonNode export) {
    return "/exports/" + export.get("exportId").asText() + "/download";
  }

  private static HttpResponse<byte[]> get(String... headers) throws Exception {
    return api.get(path(plain), headers);
  }

  private static String header(HttpResponse<?> response, String name) {
    return response.headers().firstValue(name).orElse("none");
  }

  private static String etag() {
    return plain.at("/file/etag").asText();
  }

  private static String lastModified() throws Exception {
    return header(get(), "Last-Modified");
  }

  private static String date(Instant moment) {
    return DateTimeFormatter.RFC_1123_DATE_TIME.format(moment.atZone(ZoneOffset.UTC));
  }

  @Test
  void theWholeFileHasALengthATagADateAndRanges() throws Exception {
    HttpResponse<byte[]> response = get();
    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(new String(response.body(), UTF_8))
        .startsWith("id,name\r\n1,Record_1\r\n")
        .endsWith("\r\n1000,Record_1000\r\n");
    assertThat(header(response, "Content-Length")).isEqualTo("" + file.length);
    assertThat(file).hasSize(plain.at("/file/bytes").asInt());
    assertThat(header(response, "ETag")).isEqualTo(etag()).matches("\"[^\"]+\"");
    assertThat(header(response, "Accept-Ranges")).isEqualTo("bytes");
    assertThat(header(response, "Content-Type")).isEqualTo(plain.at("/file/contentType").asText());
    assertThat(header(response, "Content-Disposition"))
        .isEqualTo("attachment; filename=\"" + plain.at("/file/name").asText() + "\"");
    assertThat(header(response, "Content-Encoding")).isEqualTo("none");
    assertThat(header(response, "Cache-Control")).isEqualTo("private, no-transform");
    assertThat(header(response, "X-Content-Type-Options")).isEqualTo("nosniff");
    assertThat(header(response, "Transfer-Encoding")).isEqualTo("none");
  }

  @Test
  void theDateIsThatOfTheFilesEnd() throws Exception {
    assertThat(
            ZonedDateTime.parse(lastModified(), DateTimeFormatter.RFC_1123_DATE_TIME).toInstant())
        .isEqualTo(Instant.parse(plain.get("finishedAt").asText()).truncatedTo(ChronoUnit.SECONDS));
  }

  @Test
  void theBytesAreThoseOfTheManifest() throws Exception {
    JsonNode manifest = Api.json(api.get(path(plain).replace("download", "manifest")));
    CRC32C crc = new CRC32C();
    crc.update(file);
    assertThat(manifest.at("/files/0/crc32c").asText())
        .isEqualTo(String.format("%08x", (int) crc.getValue()));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "?as=file", "?rate=1GB", "?wait=false"})
  void headIsGetWithoutABody(String query) throws Exception {
    HttpResponse<byte[]> get = api.get(path(plain) + query);
    HttpResponse<byte[]> head = api.head(path(plain) + query);
    assertThat(head.statusCode()).isEqualTo(200);
    assertThat(head.body()).isEmpty();
    assertThat(lasting(head)).isEqualTo(lasting(get)).containsKey("content-length");
  }

  /** Those that are not of this very answer. */
  private static Map<String, List<String>> lasting(HttpResponse<?> response) {
    Map<String, List<String>> headers = new TreeMap<>(response.headers().map());
    headers.keySet().removeAll(List.of("date", "x-request-id"));
    return headers;
  }

  @Test
  void headKnowsNoRanges() throws Exception {
    HttpResponse<byte[]> head = api.head(path(plain), "Range", "bytes=0-9");
    assertThat(head.statusCode()).isEqualTo(200);
    assertThat(header(head, "Content-Length")).isEqualTo("" + file.length);
  }

  @ParameterizedTest
  @CsvSource({
    "bytes=0-9, 0, 9",
    "bytes=5-5, 5, 5",
    "bytes=100-199, 100, 199",
    "bytes=100-100000, 100, -1",
    "bytes=100-, 100, -1",
    "bytes=-100, -100, -1",
    "bytes=-100000, 0, -1",
    "'bytes=100000-,7-8', 7, 8",
  })
  void aRangeIsThatPartOfTheFile(String range, int first, int last) throws Exception {
    int from = first < 0 ? file.length + first : first;
    int to = last < 0 ? file.length + last : last;
    HttpResponse<byte[]> response = get("Range", range);
    assertThat(response.statusCode()).isEqualTo(206);
    assertThat(header(response, "Content-Range"))
        .isEqualTo("bytes " + from + "-" + to + "/" + file.length);
    assertThat(header(response, "Content-Length")).isEqualTo("" + (to - from + 1));
    assertThat(header(response, "ETag")).isEqualTo(etag());
    assertThat(response.body()).isEqualTo(Arrays.copyOfRange(file, from, to + 1));
  }

  @Test
  void severalRangesAreSeveralParts() throws Exception {
    HttpResponse<byte[]> response = get("Range", "bytes=0-9,100-199,-5");
    assertThat(response.statusCode()).isEqualTo(206);
    assertThat(header(response, "Content-Range")).isEqualTo("none");
    assertThat(header(response, "Content-Length")).isEqualTo("" + response.body().length);
    assertThat(header(response, "ETag")).isEqualTo(etag());
    List<Multipart.Part> parts = Multipart.parts(response);
    int[][] wanted = {{0, 9}, {100, 199}, {file.length - 5, file.length - 1}};
    assertThat(parts).hasSize(wanted.length);
    for (int i = 0; i < wanted.length; i++) {
      assertThat(parts.get(i).headers())
          .containsEntry("content-type", plain.at("/file/contentType").asText())
          .containsEntry(
              "content-range", "bytes " + wanted[i][0] + "-" + wanted[i][1] + "/" + file.length);
      assertThat(parts.get(i).body())
          .isEqualTo(Arrays.copyOfRange(file, wanted[i][0], wanted[i][1] + 1));
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"rows=0-9", "bytes=9-0", "bytes=x", "bytes=0-,0-", "bytes=0-9,100-x", "bytes"})
  void aRangeThatIsNoneIsIgnored(String range) throws Exception {
    HttpResponse<byte[]> response = get("Range", range);
    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(response.body()).isEqualTo(file);
  }

  @ParameterizedTest
  @ValueSource(strings = {"bytes=100000-", "bytes=-0", "bytes=100000-100001,200000-"})
  void aRangeBeyondTheFileIsRefusedWithItsLength(String range) throws Exception {
    HttpResponse<byte[]> response = get("Range", range);
    assertThat(response.statusCode()).isEqualTo(416);
    assertThat(header(response, "Content-Range")).isEqualTo("bytes */" + file.length);
    assertThat(header(response, "Content-Type")).isEqualTo("application/problem+json");
  }

  @Test
  void rangesPutTogetherAreTheFile() throws Exception {
    ByteArrayOutputStream together = new ByteArrayOutputStream();
    while (together.size() < file.length) {
      HttpResponse<byte[]> next =
          get(
              "Range",
              "bytes=" + together.size() + "-" + (together.size() + 2999),
              "If-Range",
              etag());
      assertThat(next.statusCode()).isEqualTo(206);
      together.write(next.body());
    }
    assertThat(together.toByteArray()).isEqualTo(file);
  }

  @Test
  void ifRangeOfThisFileGivesTheRange() throws Exception {
    assertThat(get("Range", "bytes=0-9", "If-Range", etag()).statusCode()).isEqualTo(206);
    assertThat(get("Range", "bytes=0-9", "If-Range", lastModified()).statusCode()).isEqualTo(206);
  }

  @Test
  void ifRangeOfAnotherFileGivesTheWhole() throws Exception {
    for (String other :
        List.of(
            "\"other\"", "W/" + etag(), "Sun, 06 Nov 1994 08:49:37 GMT", "whatever this may be")) {
      HttpResponse<byte[]> response = get("Range", "bytes=0-9", "If-Range", other);
      assertThat(response.statusCode()).as(other).isEqualTo(200);
      assertThat(response.body()).isEqualTo(file);
    }
  }

  @Test
  void ifRangeOfAnotherFileGivesTheWholeRatherThan416() throws Exception {
    assertThat(get("Range", "bytes=100000-", "If-Range", "\"other\"").statusCode()).isEqualTo(200);
  }

  @Test
  void ifMatchOfAnotherFileFails() throws Exception {
    for (String other : List.of("\"other\"", "W/" + etag(), "\"a\", \"b\"")) {
      HttpResponse<byte[]> response = get("If-Match", other, "Range", "bytes=100000-");
      assertThat(response.statusCode()).as(other).isEqualTo(412);
      assertThat(header(response, "ETag")).isEqualTo(etag());
    }
    assertThat(api.head(path(plain), "If-Match", "\"other\"").statusCode()).isEqualTo(412);
  }

  @Test
  void ifMatchOfThisFileIsAnswered() throws Exception {
    assertThat(get("If-Match", "\"other\", " + etag()).body()).isEqualTo(file);
    assertThat(get("If-Match", "*").body()).isEqualTo(file);
  }

  @Test
  void ifUnmodifiedSinceFailsForAnOlderDate() throws Exception {
    Instant end = Instant.parse(plain.get("finishedAt").asText());
    assertThat(get("If-Unmodified-Since", date(end.minusSeconds(2))).statusCode()).isEqualTo(412);
    assertThat(get("If-Unmodified-Since", lastModified()).statusCode()).isEqualTo(200);
  }

  @Test
  void ifNoneMatchOfThisFileIsNotModified() throws Exception {
    for (String tag : List.of(etag(), "W/" + etag(), "\"other\", " + etag(), "*")) {
      requireNotModified(get("If-None-Match", tag));
    }
    requireNotModified(api.head(path(plain), "If-None-Match", etag()));
    assertThat(get("If-None-Match", "\"other\"").body()).isEqualTo(file);
  }

  @Test
  void ifModifiedSinceIsNotModifiedFromItsDateOn() throws Exception {
    Instant end = Instant.parse(plain.get("finishedAt").asText());
    requireNotModified(get("If-Modified-Since", lastModified()));
    requireNotModified(get("If-Modified-Since", date(end.plusSeconds(2))));
    assertThat(get("If-Modified-Since", date(end.minusSeconds(2))).body()).isEqualTo(file);
  }

  /** RFC 9110 section 15.4.5: what caches need to know of the file they have. */
  private static void requireNotModified(HttpResponse<byte[]> response) {
    assertThat(response.statusCode()).isEqualTo(304);
    assertThat(response.body()).isEmpty();
    assertThat(header(response, "ETag")).isEqualTo(etag());
    assertThat(header(response, "Cache-Control")).isEqualTo("private, no-transform");
    assertThat(header(response, "Content-Type")).isEqualTo("none");
  }

  @Test
  void notModifiedGoesBeforeARange() throws Exception {
    requireNotModified(get("If-None-Match", etag(), "Range", "bytes=0-9"));
  }

  @Test
  void aFileWithoutAByteIsAFile() throws Exception {
    HttpResponse<byte[]> response = api.get(path(empty));
    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(response.body()).isEmpty();
    assertThat(header(response, "Content-Length")).isEqualTo("0");
    assertThat(api.get(path(empty), "Range", "bytes=0-").statusCode()).isEqualTo(416);
    assertThat(api.get(path(empty), "Range", "bytes=-1").statusCode()).isEqualTo(200);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "as=",
        "as=csv",
        "as=file&as=file",
        "rate=0",
        "rate=-1",
        "rate=fast",
        "rate=",
        "wait=maybe",
        "wait=",
        "nonsense=1",
        "AS=file",
        "as=%zz",
      })
  void aQueryThatIsWrongIsRefused(String query) throws Exception {
    assertThat(
            RawClient.ask(api.port(), "GET " + path(plain) + "?" + query + " HTTP/1.0\r\n\r\n")
                .status())
        .isEqualTo(400);
  }

  @Test
  void manyAtOnceAllGetTheFile() throws Exception {
    List<CompletableFuture<HttpResponse<byte[]>>> downloads =
        IntStream.range(0, 40)
            .mapToObj(
                i ->
                    api.client()
                        .sendAsync(api.request(path(plain)).build(), BodyHandlers.ofByteArray()))
            .toList();
    for (CompletableFuture<HttpResponse<byte[]>> download : downloads) {
      assertThat(download.get().body()).isEqualTo(file);
    }
  }

  @Test
  void theConnectionCanBeUsedAgain() throws Exception {
    try (RawClient client = RawClient.connect(api.port())) {
      for (String range : List.of("bytes=0-", "bytes=0-9,20-29", "bytes=99999999-")) {
        client.request("GET", path(plain), "Range: " + range);
        assertThat(client.answer().end()).isEqualTo(RawClient.End.WHOLE);
      }
      client.request("HEAD", path(plain));
      client.answer(true);
      client.request("GET", path(plain), "If-None-Match: *");
      client.answer();
      client.request("GET", path(plain));
      assertThat(client.answer().body()).isEqualTo(file);
    }
  }
}
