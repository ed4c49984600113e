package io.polystream.service;

import static io.polystream.testing.Patience.awaitPromised;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.polystream.testing.Gate;
import io.polystream.testing.PostgresExtension;
import java.net.http.HttpResponse;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What is told of exports, one by one and page by page; most of them wait behind one. */
class ExportListIT {
  @RegisterExtension static final PostgresExtension postgres = new PostgresExtension();

  private Gate gate;
  private Api api;

  @BeforeAll
  static void createTables() throws SQLException {
    postgres.execute(
        "CREATE TABLE records AS SELECT n AS id FROM generate_series(1, 10) n",
        "CREATE VIEW slow AS SELECT id FROM records WHERE " + Gate.PASSED);
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

  private String submit(String table) throws Exception {
    return api.submit(
        "{\"table\": \"" + table + "\", \"format\": \"csv\", \"columns\": [{\"source\": \"id\"}]}");
  }

  private String submitRunning() throws Exception {
    String id = submit("slow");
    gate.awaitReaders(1);
    return id;
  }

  private static List<String> ids(JsonNode page) {
    List<String> ids = new ArrayList<>();
    page.get("exports").forEach(export -> ids.add(export.get("exportId").asText()));
    return ids;
  }

  private JsonNode page(String query) throws Exception {
    HttpResponse<byte[]> response = api.get("/exports?" + query);
    assertThat(response.statusCode()).isEqualTo(200);
    return Api.json(response);
  }

  private static String header(HttpResponse<?> response, String name) {
    return response.headers().firstValue(name).orElse("none");
  }

  @Test
  void withoutExportsTheListIsEmpty() throws Exception {
    assertThat(page("")).isEqualTo(Api.JSON.readTree("{\"exports\": [], \"nextCursor\": null}"));
  }

  @Test
  void pagesHaveEveryExportOnceThoughNewOnesCome() throws Exception {
    submitRunning();
    List<String> wanted = new ArrayList<>();
    for (int i = 0; i < 7; i++) {
      wanted.add(0, submit("records"));
    }
    JsonNode page = page("limit=3");
    List<String> found = new ArrayList<>(ids(page));
    int pages = 1;
    while (!page.get("nextCursor").isNull()) {
      submit("records");
      page = page("limit=3&cursor=" + page.get("nextCursor").asText());
      found.addAll(ids(page));
      pages++;
    }
    assertThat(found).hasSize(8).startsWith(wanted.toArray(new String[0])).doesNotHaveDuplicates();
    assertThat(pages).isEqualTo(3);
  }

  @Test
  void aPageThatIsJustFullIsTheLast() throws Exception {
    submitRunning();
    submit("records");
    assertThat(page("limit=2").get("nextCursor").isNull()).isTrue();
    assertThat(page("limit=500").get("nextCursor").isNull()).isTrue();
    assertThat(page("limit=1").get("nextCursor").isNull()).isFalse();
  }

  @Test
  void aCursorOutlivesTheExportItCameFrom() throws Exception {
    submitRunning();
    String second = submit("records");
    String third = submit("records");
    JsonNode page = page("limit=1");
    assertThat(ids(page)).containsExactly(third);
    api.delete("/exports/" + third);
    assertThat(ids(page("limit=1&cursor=" + page.get("nextCursor").asText())))
        .containsExactly(second);
  }

  @Test
  void theListCanHaveOneStatusOnly() throws Exception {
    String running = submitRunning();
    String waiting = submit("records");
    String cancelled = submit("records");
    api.post("/exports/" + cancelled + "/cancel", "");
    assertThat(ids(page("status=running"))).containsExactly(running);
    assertThat(ids(page("status=pending"))).containsExactly(waiting);
    assertThat(ids(page("status=cancelled"))).containsExactly(cancelled);
    for (String none : List.of("completed", "failed", "expired")) {
      assertThat(ids(page("status=" + none))).isEmpty();
    }
  }

  @Test
  void anUnfinishedExportIsToBeAskedForAgain() throws Exception {
    for (String id : List.of(submitRunning(), submit("records"))) {
      HttpResponse<byte[]> response = api.get("/exports/" + id);
      assertThat(response.headers().firstValueAsLong("Retry-After").orElseThrow()).isPositive();
      assertThat(header(response, "Cache-Control")).isEqualTo("no-cache");
    }
  }

  @Test
  void aFinishedExportIsNot() throws Exception {
    String id = api.completed("{\"format\": \"csv\", \"columns\": [{\"source\": \"id\"}]}");
    assertThat(header(api.get("/exports/" + id), "Retry-After")).isEqualTo("none");
  }

  @Test
  void aStatusThatIsAsItWasIsNotSentAgain() throws Exception {
    submitRunning();
    String id = submit("records");
    HttpResponse<byte[]> first = api.get("/exports/" + id);
    String tag = header(first, "ETag");
    HttpResponse<byte[]> again = api.get("/exports/" + id, "If-None-Match", tag);
    assertThat(again.statusCode()).isEqualTo(304);
    assertThat(again.body()).isEmpty();
    assertThat(header(again, "ETag")).isEqualTo(tag);
    assertThat(header(again, "Cache-Control")).isEqualTo("no-cache");
    assertThat(api.head("/exports/" + id, "If-None-Match", tag).statusCode()).isEqualTo(304);
    assertThat(header(api.head("/exports/" + id), "ETag")).isEqualTo(tag);
  }

  @Test
  void aStatusThatHasChangedIsSent() throws Exception {
    submitRunning();
    String id = submit("records");
    String tag = header(api.get("/exports/" + id), "ETag");
    gate.open();
    api.awaitStatus(id, "completed");
    HttpResponse<byte[]> changed = api.get("/exports/" + id, "If-None-Match", tag);
    assertThat(changed.statusCode()).isEqualTo(200);
    assertThat(header(changed, "ETag")).isNotEqualTo(tag);
    String last = header(changed, "ETag");
    assertThat(api.get("/exports/" + id, "If-None-Match", last).statusCode()).isEqualTo(304);
  }

  @Test
  void aCancelledExportSaysSoAtOnce() throws Exception {
    submitRunning();
    String waiting = submit("records");
    HttpResponse<byte[]> response = api.post("/exports/" + waiting + "/cancel", "");
    assertThat(response.statusCode()).isEqualTo(202);
    assertThat(Api.json(response).get("status").asText()).isEqualTo("cancelled");
    assertThat(api.post("/exports/" + waiting + "/cancel", "").statusCode()).isEqualTo(409);
  }

  @Test
  void aRunningExportCanBeDeleted() throws Exception {
    String id = submitRunning();
    assertThat(api.delete("/exports/" + id).statusCode()).isEqualTo(204);
    assertThat(api.get("/exports/" + id).statusCode()).isEqualTo(410);
    assertThat(api.get("/exports/" + id + "/download").statusCode()).isEqualTo(410);
    assertThat(api.post("/exports/" + id + "/cancel", "").statusCode()).isEqualTo(410);
    assertThat(page("").get("exports")).isEmpty();
    awaitPromised("the statements' end", Duration.ofSeconds(2), () -> gate.readers() == 0);
  }
}
