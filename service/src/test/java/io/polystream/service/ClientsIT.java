package io.polystream.service;

import static io.polystream.testing.Patience.await;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.polystream.testing.Gate;
import io.polystream.testing.PostgresExtension;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import java.util.zip.CRC32C;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Programs of other people that fetch files, where they are installed; slow ones, and many. */
@Tag("soak")
class ClientsIT {
  @RegisterExtension static final PostgresExtension postgres = new PostgresExtension();

  /** curl: CURLE_PARTIAL_FILE. */
  private static final int PARTIAL_FILE = 18;

  /** curl: CURLE_RECV_ERROR. */
  private static final int CONNECTION_RESET = 56;

  private static final int SLOW_BYTES_PER_SECOND = 10_000;

  private Api api;
  private Path downloads;

  @BeforeAll
  static void createTable() throws SQLException {
    SlowTable.create(postgres);
  }

  @BeforeEach
  void start() throws Exception {
    api = Api.start(postgres);
    downloads = Files.createDirectory(postgres.directory().resolve("downloads"));
  }

  @AfterEach
  void stop() {
    api.service().stop();
  }

  private static void assumeInstalled(String program) {
    assumeThat(
            Arrays.stream(System.getenv("PATH").split(":"))
                .anyMatch(directory -> Files.isExecutable(Path.of(directory, program))))
        .as("%s is installed", program)
        .isTrue();
  }

  private String url(String path) {
    return "http://127.0.0.1:" + api.port() + path;
  }

  /** Starts curl, silent, in the directory of downloads. */
  private Process startCurl(String... args) throws IOException {
    List<String> command = new ArrayList<>(List.of("curl", "-sS"));
    command.addAll(List.of(args));
    return new ProcessBuilder(command)
        .directory(downloads.toFile())
        .redirectErrorStream(true)
        .redirectOutput(downloads.resolveSibling("curl.txt").toFile())
        .start();
  }

  private void curl(String... args) throws Exception {
    assertThat(startCurl(args).waitFor()).as("curl %s: %s", List.of(args), said()).isZero();
  }

  private String said() throws IOException {
    return Files.readString(downloads.resolveSibling("curl.txt"), UTF_8);
  }

  private static Path file(String id, String extension) {
    return Api.exportDirectory(postgres).resolve(id + "." + extension);
  }

  /** As the entity tag has it. */
  private static String crc(Path file) throws IOException {
    CRC32C crc = new CRC32C();
    crc.update(Files.readAllBytes(file));
    return String.format(Locale.ROOT, "%08x", (int) crc.getValue());
  }

  private static String request(String compression) {
    return SlowTable.request(SlowTable.NAME, "csv")
        .replace("\"format\"", "\"compression\": \"" + compression + "\", \"format\"");
  }

  // ------------------------------------------------------------------ curl

  @Test
  void curlTakesTheCompressionOff() throws Exception {
    assumeInstalled("curl");
    String id = api.completed(request("gzip"));
    curl("--compressed", "-o", "plain", url("/exports/" + id + "/download"));
    curl("-o", "packed", url("/exports/" + id + "/download"));
    try (InputStream packed =
        new GZIPInputStream(Files.newInputStream(downloads.resolve("packed")))) {
      assertThat(downloads.resolve("plain")).hasBinaryContent(packed.readAllBytes());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"none", "gzip", "zstd"})
  void curlGoesOnWhereItWasCutOff(String compression) throws Exception {
    assumeInstalled("curl");
    String id = api.completed(request(compression));
    Path whole = file(id, compression.equals("none") ? "csv" : "csv." + extension(compression));
    String url = url("/exports/" + id + "/download");
    long bytes = Files.size(whole);
    long seed = System.nanoTime();
    Random random = new Random(seed);
    for (int cut = 0; cut < 5; cut++) {
      long at = 1 + (long) (random.nextDouble() * (bytes - 2));
      curl("-r", "0-" + (at - 1), "-o", "part", url);
      assertThat(downloads.resolve("part")).as("seed %d", seed).hasSize(at);
      curl("-C", "-", "-o", "part", url);
      assertThat(api.status(id).at("/file/etag").asText())
          .as("seed %d, cut at %d", seed, at)
          .contains(crc(downloads.resolve("part")));
    }
  }

  private static String extension(String compression) {
    return compression.equals("gzip") ? "gz" : "zst";
  }

  @Test
  void curlFetchesRangesAndNamesFiles() throws Exception {
    assumeInstalled("curl");
    String id =
        api.completed(
            "{\"format\": \"csv\", \"columns\": [{\"source\": \"id\"}], \"limit\": 10,"
                + " \"fileName\": \"ten numbers.csv\"}");
    String url = url("/exports/" + id + "/download");
    curl("-r", "4-6", "-o", "range", url);
    assertThat(downloads.resolve("range")).hasContent("1\r\n");
    curl("-r", "-4", "-o", "end", url);
    assertThat(downloads.resolve("end")).hasContent("10\r\n");
    curl("-OJ", url);
    assertThat(downloads.resolve("ten numbers.csv"))
        .hasBinaryContent(Files.readAllBytes(file(id, "csv")));
  }

  @Test
  void curlFollowsAnExportToItsEnd() throws Exception {
    assumeInstalled("curl");
    try (Gate gate = Gate.shut(postgres)) {
      String id = api.submit(SlowTable.request(SlowTable.GATED, "csv"));
      Process curl = startCurl("-o", "followed", url("/exports/" + id + "/download"));
      awaitBytes("followed");
      gate.open();
      assertThat(curl.waitFor()).as(said()).isZero();
      api.awaitStatus(id, "completed");
      assertThat(downloads.resolve("followed"))
          .hasBinaryContent(Files.readAllBytes(file(id, "csv")));
    }
  }

  @Test
  void curlKnowsThatAnExportWasBrokenOff() throws Exception {
    assumeInstalled("curl");
    try (Gate gate = Gate.shut(postgres)) {
      String id = api.submit(SlowTable.request(SlowTable.GATED, "csv"));
      Process curl = startCurl("-o", "followed", url("/exports/" + id + "/download"));
      awaitBytes("followed");
      api.post("/exports/" + id + "/cancel", "");
      assertThat(curl.waitFor()).as(said()).isIn(PARTIAL_FILE, CONNECTION_RESET);
    }
  }

  private void awaitBytes(String name) {
    Path file = downloads.resolve(name);
    await("bytes of " + name).until(() -> Files.exists(file) && Files.size(file) > 0);
  }

  // ------------------------------------------------------------------ fetch

  private void node(String script) throws Exception {
    assumeInstalled("node");
    Process node =
        new ProcessBuilder("node", "--input-type=module", "-e", script)
            .directory(downloads.toFile())
            .redirectErrorStream(true)
            .start();
    String said = new String(node.getInputStream().readAllBytes(), UTF_8);
    assertThat(node.waitFor()).as(said).isZero();
  }

  @Test
  void fetchGetsTheRowsWhateverTheCompression() throws Exception {
    String plain = api.completed(request("none"));
    String packed = api.completed(request("gzip"));
    for (String id : List.of(plain, packed)) {
      node(
          """
          import {writeFile} from 'node:fs/promises';
          const response = await fetch('%s');
          if (response.status !== 200) throw new Error(response.status);
          await writeFile('rows', Buffer.from(await response.arrayBuffer()));
          """
              .formatted(url("/exports/" + id + "/download")));
      assertThat(downloads.resolve("rows"))
          .hasBinaryContent(Files.readAllBytes(file(plain, "csv")));
    }
  }

  @Test
  void fetchKnowsThatAnExportWasBrokenOff() throws Exception {
    assumeInstalled("node");
    try (Gate gate = Gate.shut(postgres)) {
      String id = api.submit(SlowTable.request(SlowTable.GATED, "csv"));
      node(
          """
          const response = await fetch('%1$s/download');
          const reader = response.body.getReader();
          await reader.read();
          await fetch('%1$s/cancel', {
              method: 'POST', headers: {'Content-Type': 'application/json'}, body: ''});
          try {
            while (!(await reader.read()).done);
          } catch (broken) {
            process.exit(0);
          }
          throw new Error('half a file was taken for a whole one');
          """
              .formatted(url("/exports/" + id)));
    }
  }

  // ------------------------------------------------------------------ slow ones, and many

  /**
   * For longer than connections may be idle, and with more than the system keeps for a client. Not
   * by curl, whose limit is no more than an average over whatever came at once.
   */
  @Test
  void aSlowClientGetsItsFileAndHindersNobody() throws Exception {
    String id =
        api.completed(
            SlowTable.request(SlowTable.NAME, "csv").replace("}]}", "}], \"limit\": 700}"));
    String large = api.completed(SlowTable.request(SlowTable.NAME, "json"));
    int bytes = api.status(large).at("/file/bytes").asInt();
    CompletableFuture<byte[]> slow =
        CompletableFuture.supplyAsync(() -> fetchSlowly("/exports/" + id + "/download"));
    for (int i = 0; i < 10; i++) {
      long asked = System.nanoTime();
      assertThat(api.get("/exports/" + large + "/download").body()).hasSize(bytes);
      assertThat(Duration.ofNanos(System.nanoTime() - asked)).isLessThan(Duration.ofSeconds(10));
    }
    assertThat(slow).isNotDone();
    assertThat(slow.join()).isEqualTo(Files.readAllBytes(file(id, "csv")));
  }

  private byte[] fetchSlowly(String path) {
    try (RawClient client = RawClient.connectNarrow(api.port())) {
      client.request("GET", path);
      byte[] file = new byte[Integer.parseInt(client.head().headers().get("content-length"))];
      long begin = System.nanoTime();
      int taken = 0;
      while (taken < file.length) {
        int next = Math.min(SLOW_BYTES_PER_SECOND / 10, file.length - taken);
        System.arraycopy(client.take(next), 0, file, taken, next);
        taken += next;
        long dueMillis = taken * 1000L / SLOW_BYTES_PER_SECOND;
        Thread.sleep(Math.max(0, dueMillis - (System.nanoTime() - begin) / 1_000_000));
      }
      return file;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void twoHundredIdleConnectionsDoNotKeepHealthFromAnswering() throws Exception {
    List<Socket> idle = new ArrayList<>();
    try {
      for (int i = 0; i < 200; i++) {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), api.port());
        idle.add(socket);
        if (i % 2 == 0) {
          // Half a request.
          socket.getOutputStream().write("GET /health HTTP/1.1\r\nHost: me\r\n".getBytes(UTF_8));
        }
      }
      List<Duration> times = new ArrayList<>();
      for (int i = 0; i < 50; i++) {
        long asked = System.nanoTime();
        assertThat(api.get("/health").statusCode()).isEqualTo(200);
        times.add(Duration.ofNanos(System.nanoTime() - asked));
      }
      // Not the slowest: the machine has other things to do.
      assertThat(Stream.of(times.toArray(Duration[]::new)).sorted().toList().get(40))
          .isLessThan(Duration.ofMillis(100));
      api.completed(SlowTable.shortRequest());
    } finally {
      for (Socket socket : idle) {
        socket.close();
      }
    }
  }
}
