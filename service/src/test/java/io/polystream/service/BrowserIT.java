package io.polystream.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.polystream.testing.Gate;
import io.polystream.testing.PostgresExtension;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a browser saves when somebody presses "Download my data", where one is installed. */
@Tag("soak")
class BrowserIT {
  @RegisterExtension static final PostgresExtension postgres = new PostgresExtension();

  private Api api;
  private Browser browser;

  @BeforeAll
  static void createTable() throws SQLException {
    SlowTable.create(postgres);
  }

  @BeforeEach
  void start() throws Exception {
    Optional<String> program = Browser.installed();
    assumeThat(program).as("a browser is installed").isPresent();
    Path home = Files.createDirectory(postgres.directory().resolve("browser"));
    Path downloads = Files.createDirectory(postgres.directory().resolve("downloads"));
    api = Api.start(postgres);
    browser = new Browser(program.get(), home, downloads);
  }

  @AfterEach
  void stop() {
    if (browser != null) {
      browser.close();
    }
    if (api != null) {
      api.close();
    }
  }

  private String url(String path) {
    return "http://127.0.0.1:" + api.port() + path;
  }

  private static String request(String more) {
    return SlowTable.request(SlowTable.NAME, "csv").replace("\"format\"", more + ", \"format\"");
  }

  private static Path file(String id, String extension) {
    return Api.exportDirectory(postgres).resolve(id + extension);
  }

  private static byte[] unpacked(Path gzip) throws IOException {
    try (InputStream plain = new GZIPInputStream(Files.newInputStream(gzip))) {
      return plain.readAllBytes();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"orders.csv", "Größe 表 😀.csv", "it's (2026); 100%.csv", "a+b, \\\"c\\\".csv"})
  void itSavesTheFileUnderItsName(String name) throws Exception {
    String id = api.completed(request("\"fileName\": \"" + name + "\""));
    Browser.Download download = browser.download(url("/exports/" + id + "/download"));
    // What Windows does not have in names is replaced by the browser itself.
    assertThat(download).isEqualTo(new Browser.Download(name.replace("\\\"", "_"), "completed"));
    assertThat(browser.saved(download)).hasBinaryContent(Files.readAllBytes(file(id, ".csv")));
  }

  @Test
  void itUnpacksWhatItAcceptsPackedAndSavesItUnderThePlainName() throws Exception {
    String id = api.completed(request("\"compression\": \"gzip\""));
    Browser.Download download = browser.download(url("/exports/" + id + "/download"));
    assertThat(download).isEqualTo(new Browser.Download("export_" + id + ".csv", "completed"));
    assertThat(browser.saved(download)).hasBinaryContent(unpacked(file(id, ".csv.gz")));
  }

  @Test
  void itSavesThePackedFileWhenItIsAskedFor() throws Exception {
    String id = api.completed(request("\"compression\": \"gzip\""));
    Browser.Download download = browser.download(url("/exports/" + id + "/download?as=file"));
    assertThat(download).isEqualTo(new Browser.Download("export_" + id + ".csv.gz", "completed"));
    assertThat(browser.saved(download)).hasBinaryContent(Files.readAllBytes(file(id, ".csv.gz")));
  }

  @Test
  void itFollowsAnExportThatStillRuns() throws Exception {
    try (Gate gate = Gate.shut(postgres)) {
      String id = api.submit(SlowTable.request(SlowTable.GATED, "csv"));
      gate.awaitReaders(1);
      CompletableFuture<Browser.Download> downloading = download("/exports/" + id + "/download");
      SlowTable.awaitBytes(api, id);
      gate.open();
      Browser.Download download = downloading.get(60, TimeUnit.SECONDS);
      assertThat(download.state()).isEqualTo("completed");
      assertThat(browser.saved(download)).hasBinaryContent(Files.readAllBytes(file(id, ".csv")));
    }
  }

  @Test
  void itDoesNotTakeAnExportThatFailsForWhole() throws Exception {
    try (Gate gate = Gate.shut(postgres)) {
      String id = api.submit(SlowTable.request(SlowTable.GATED, "csv"));
      gate.awaitReaders(1);
      CompletableFuture<Browser.Download> downloading = download("/exports/" + id + "/download");
      SlowTable.awaitBytes(api, id);
      assertThat(api.post("/exports/" + id + "/cancel", "").statusCode()).isEqualTo(202);
      Browser.Download download = downloading.get(60, TimeUnit.SECONDS);
      assertThat(download.state()).isEqualTo("canceled");
      assertThat(browser.saved(download)).doesNotExist();
    }
  }

  @Test
  void itSavesATableFromItsAddress() throws Exception {
    Browser.Download download =
        browser.download(url("/tables/" + SlowTable.NAME + "/rows.csv?limit=3"));
    assertThat(download).isEqualTo(new Browser.Download(SlowTable.NAME + ".csv", "completed"));
    assertThat(browser.saved(download).toFile()).content().hasLineCount(4);
  }

  private CompletableFuture<Browser.Download> download(String path) {
    return CompletableFuture.supplyAsync(
        () -> {
          try {
            return browser.download(url(path));
          } catch (Exception e) {
            throw new IllegalStateException(e);
          }
        });
  }
}
