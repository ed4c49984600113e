package io.polystream.service;

import static io.polystream.testing.Patience.await;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.polystream.testing.PostgresExtension;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Files that are kept for a second, of a clock that stands still. */
class ExpiryIT {
  @RegisterExtension static final PostgresExtension postgres = new PostgresExtension();

  private static final String REQUEST =
      "{\"format\": \"csv\", \"columns\": [{\"source\": \"id\"}]}";

  private final SettableClock clock = SettableClock.standing();
  private Api api;
  private String id;

  @BeforeEach
  void export() throws Exception {
    postgres.execute("CREATE TABLE IF NOT EXISTS records AS SELECT 1 AS id");
    api = Api.start(Api.settings(postgres, "EXPORT_TTL", "1s"), clock);
    id = api.completed(REQUEST);
  }

  @AfterEach
  void stop() {
    api.close();
  }

  private JsonNode expire() throws Exception {
    clock.advance(Duration.ofMillis(1001));
    awaitExpired();
    return api.status(id);
  }

  private void awaitExpired() {
    await("the file to expire")
        .until(() -> api.status(id).get("status").asText().equals("expired"));
  }

  @Test
  void anExpiredFileIsGoneAndItsExportIsRemembered() throws Exception {
    JsonNode status = expire();
    assertThat(status.get("file").isNull()).isTrue();
    assertThat(status.get("rows").asInt()).isEqualTo(1);
    for (String what : new String[] {"download", "manifest"}) {
      HttpResponse<byte[]> response = api.get("/exports/" + id + "/" + what);
      assertThat(response.statusCode()).isEqualTo(410);
      assertThat(Api.json(response).get("type").asText()).isEqualTo("urn:polystream:problem:gone");
    }
    assertThat(api.head("/exports/" + id + "/download").statusCode()).isEqualTo(410);
    try (Stream<Path> files = Files.list(Api.exportDirectory(postgres))) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .allMatch(name -> name.startsWith("polystream.db"));
    }
  }

  @Test
  void aFileIsKeptToTheEndOfItsTime() throws Exception {
    clock.advance(Duration.ofMillis(1));
    String younger = api.completed(REQUEST);
    clock.advance(Duration.ofSeconds(1));
    awaitExpired();
    assertThat(api.get("/exports/" + younger + "/download").statusCode()).isEqualTo(200);
  }

  @Test
  void anExpiredExportCanBeDeletedAndNotCancelled() throws Exception {
    expire();
    assertThat(api.post("/exports/" + id + "/cancel", "").statusCode()).isEqualTo(409);
    assertThat(api.delete("/exports/" + id).statusCode()).isEqualTo(204);
    assertThat(api.get("/exports/" + id).statusCode()).isEqualTo(410);
  }
}
