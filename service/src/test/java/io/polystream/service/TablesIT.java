package io.polystream.service;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.polystream.testing.PostgresExtension;
import java.net.URLEncoder;
import java.net.http.HttpResponse;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What can be exported, whatever it is called. */
class TablesIT {
  @RegisterExtension static final PostgresExtension postgres = new PostgresExtension();

  /** None of them is written in an address as it is. */
  private static final List<String> ODD_NAMES =
      List.of(
          "my table",
          "it's \"quoted\"",
          "a.b",
          "a/b",
          "../../etc/passwd",
          "a\\b",
          "Größe",
          "表 😀",
          "a+b",
          "50%",
          "50%41",
          "%2f",
          "UPPER",
          "a?b=c&d",
          "a#b",
          "a;b=c",
          "rows.csv",
          "x; DROP TABLE plain; --",
          "{name}",
          ":name",
          "*");

  private Api api;

  @BeforeAll
  static void createTables() throws SQLException {
    postgres.execute(
        "CREATE SCHEMA \"Odd Schema\"",
        "CREATE TABLE plain (id bigint NOT NULL, name varchar(20), price numeric(12,2),"
            + " metadata jsonb)",
        "CREATE VIEW seen AS SELECT id FROM plain",
        "CREATE TABLE hidden (id int)",
        "CREATE ROLE tables_reader LOGIN",
        "GRANT SELECT (id) ON plain TO tables_reader",
        "CREATE MATERIALIZED VIEW kept AS SELECT id FROM plain",
        "CREATE TABLE parted (id int) PARTITION BY LIST (id)",
        "CREATE TABLE \"Odd Schema\".\"A.b\" AS SELECT 'in the schema' AS what");
    for (String name : ODD_NAMES) {
      postgres.execute(
          "CREATE TABLE " + quoted(name) + " AS SELECT '" + name.replace("'", "''") + "' AS what");
    }
  }

  @BeforeEach
  void start() throws Exception {
    api = Api.start(postgres);
  }

  @AfterEach
  void stop() {
    api.close();
  }

  private static String quoted(String name) {
    return "\"" + name.replace("\"", "\"\"") + "\"";
  }

  /** As browsers write it in a path. */
  private static String encoded(String name) {
    return URLEncoder.encode(name, UTF_8).replace("+", "%20");
  }

  @Test
  void everyTableOfAnyNameIsThereUnderIt() throws Exception {
    for (String name : ODD_NAMES) {
      JsonNode table = Api.json(api.get("/tables/" + encoded(quoted(name))));
      assertThat(table.path("name").asText()).isEqualTo(name);
    }
  }

  @Test
  void theRowsOfAnOddTableAreBelowIt() throws Exception {
    for (String name :
        List.of("it's \"quoted\"", "../../etc/passwd", "表 😀", "50%41", "rows.csv")) {
      HttpResponse<byte[]> rows =
          api.get("/tables/" + encoded(quoted(name)) + "/rows.tsv?columns=what:w");
      assertThat(new String(rows.body(), UTF_8)).isEqualTo("w\n" + name + "\n");
    }
  }

  @Test
  void withoutQuotesANameIsAsItIsIfThereIsOne() throws Exception {
    for (String name : List.of("my table", "a/b", "Größe", "a+b", "50%", "UPPER", "a;b=c", "a.b")) {
      assertThat(Api.json(api.get("/tables/" + encoded(name))).path("name").asText())
          .isEqualTo(name);
    }
    // What is no syntax of addresses need not be encoded.
    assertThat(Api.json(api.get("/tables/a+b")).path("name").asText()).isEqualTo("a+b");
    assertThat(Api.json(api.get("/tables/PLAIN")).path("name").asText()).isEqualTo("plain");
  }

  @Test
  void whatTheRoleMayNotReadIsNotThere() throws Exception {
    api.close();
    String url = postgres.urlText().replace("postgres@", "tables_reader@");
    try (Api reader = Api.start(postgres, "DATABASE_URL", url)) {
      assertThat(reader.get("/tables/plain").statusCode()).isEqualTo(200);
      for (String path : List.of("/tables/hidden", "/tables/hidden/rows.csv", "/tables/none")) {
        assertThat(reader.get(path).statusCode()).as(path).isEqualTo(404);
      }
    }
  }

  @Test
  void aSchemaMayBeOddToo() throws Exception {
    JsonNode table = Api.json(api.get("/tables/" + encoded("\"Odd Schema\".\"A.b\"")));
    assertThat(table.get("schema").asText()).isEqualTo("Odd Schema");
    assertThat(table.get("name").asText()).isEqualTo("A.b");
  }

  @Test
  void whatIsNotThereIsUnknown() throws Exception {
    for (String name :
        List.of(
            "missing", "nowhere.plain", "\"PLAIN\"", "\"plain", "a.b.c", ".", "..", "pg_class")) {
      assertThat(api.get("/tables/" + encoded(name)).statusCode()).as(name).isEqualTo(404);
      assertThat(api.get("/tables/" + encoded(name) + "/rows.csv").statusCode())
          .as(name)
          .isEqualTo(404);
    }
    assertThat(postgres.queryLong("SELECT count(*) FROM pg_tables WHERE tablename = 'plain'"))
        .isEqualTo(1);
  }

  @Test
  void theListHasEverythingThatHasRowsInOrder() throws Exception {
    List<String> names = new ArrayList<>();
    List<String> kinds = new ArrayList<>();
    for (JsonNode table : Api.json(api.get("/tables")).get("tables")) {
      if (table.get("schema").asText().equals("public")
          && List.of("kept", "parted", "plain", "seen").contains(table.get("name").asText())) {
        names.add(table.get("name").asText());
        kinds.add(table.get("kind").asText());
      }
    }
    assertThat(names).containsExactly("kept", "parted", "plain", "seen");
    assertThat(kinds).containsExactly("materialized view", "partitioned table", "table", "view");
  }

  @Test
  void aTableHasItsColumnsInOrder() throws Exception {
    JsonNode columns = Api.json(api.get("/tables/plain")).get("columns");
    assertThat(columns)
        .isEqualTo(
            Api.JSON.readTree(
                """
                [{"name": "id", "type": "bigint", "kind": "number", "nullable": false},
                 {"name": "name", "type": "character varying(20)", "kind": "text", "nullable": true},
                 {"name": "price", "type": "numeric(12,2)", "kind": "number", "nullable": true},
                 {"name": "metadata", "type": "jsonb", "kind": "json", "nullable": true}]"""));
  }
}
