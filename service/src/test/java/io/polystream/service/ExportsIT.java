package io.polystream.service;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.polystream.format.Format;
import io.polystream.format.Formats;
import io.polystream.testing.PostgresExtension;
import java.net.http.HttpResponse;
import java.sql.SQLException;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Submit, watch, download, delete: the way most exports go. */
class ExportsIT {
  @RegisterExtension static final PostgresExtension postgres = new PostgresExtension();

  private Api api;

  @BeforeAll
  static void createTable() throws SQLException {
    postgres.execute(
        "CREATE TABLE records AS SELECT n::bigint AS id, 'Record_' || n AS name,"
            + " jsonb_build_object('category', chr(65 + n % 5), 'tags', jsonb_build_array('x', n))"
            + " AS metadata FROM generate_series(1, 1000) n");
  }

  @BeforeEach
  void start() throws Exception {
    api = Api.start(postgres);
  }

  @AfterEach
  void stop() {
    api.close();
  }

  static Stream<String> formats() {
    return Formats.all().stream().map(Format::name);
  }

  @ParameterizedTest
  @MethodSource("formats")
  void aTableInEveryFormat(String format) throws Exception {
    String id =
        api.submit(
            """
            {"format": "%s", "columns": [{"source": "id", "target": "ID"}, {"source": "name"}]}"""
                .formatted(format));
    JsonNode status = api.awaitStatus(id, "completed");
    assertThat(status.get("rows").asLong()).isEqualTo(1000);
    assertThat(status.at("/request/columns/0/target").asText()).isEqualTo("ID");
    HttpResponse<byte[]> file = api.get("/exports/" + id + "/download");
    assertThat(file.statusCode()).isEqualTo(200);
    assertThat(file.body()).hasSize(status.at("/file/bytes").asInt());
    assertThat(file.headers().firstValue("Content-Type"))
        .hasValue(Formats.byName(format).contentType());
    assertThat(file.headers().firstValue("Content-Disposition"))
        .hasValue("attachment; filename=\"" + status.at("/file/name").asText() + "\"");
    assertThat(file.headers().firstValue("ETag")).hasValue(status.at("/file/etag").asText());
    JsonNode manifest = Api.json(api.get("/exports/" + id + "/manifest"));
    assertThat(manifest.get("rows").asLong()).isEqualTo(1000);
  }

  @Test
  void theFileIsTheTable() throws Exception {
    String id =
        api.completed(
            """
            {"format": "csv", "columns": [{"source": "id"}, {"source": "metadata.category"}],
             "filter": [{"column": "id", "op": "le", "value": 2}]}""");
    assertThat(new String(api.get("/exports/" + id + "/download").body(), UTF_8))
        .isEqualTo("id,metadata.category\r\n1,B\r\n2,C\r\n");
  }

  @Test
  void whatIsDeletedIsGone() throws Exception {
    String id = api.completed("{\"format\": \"csv\", \"columns\": [{\"source\": \"id\"}]}");
    assertThat(api.delete("/exports/" + id).statusCode()).isEqualTo(204);
    for (String path : new String[] {"", "/download", "/manifest"}) {
      assertThat(api.get("/exports/" + id + path).statusCode()).isEqualTo(410);
    }
    assertThat(api.delete("/exports/" + id).statusCode()).isEqualTo(410);
    assertThat(Api.exportDirectory(postgres)).isDirectoryNotContaining("glob:**/*csv*");
    assertThat(Api.json(api.get("/exports")).get("exports")).isEmpty();
  }
}
