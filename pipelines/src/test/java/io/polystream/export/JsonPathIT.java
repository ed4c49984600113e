package io.polystream.export;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.polystream.error.ErrorKind;
import io.polystream.source.ReadMode;
import io.polystream.testing.ExportedFile;
import io.polystream.testing.PostgresExtension;
import io.polystream.testing.TestExport;
import java.io.IOException;
import java.nio.file.Files;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Values inside json and jsonb, as columns and in conditions: the same for both types. */
class JsonPathIT {
  @RegisterExtension static final PostgresExtension postgres = new PostgresExtension();

  private static final List<String> TYPES = List.of("j", "b");

  @BeforeAll
  static void createTables() throws SQLException {
    postgres.execute(
        "CREATE DOMAIN doc AS jsonb",
        "CREATE TABLE item (id int, j json, b jsonb, d doc, \"b.w\" text, t text)",
        """
        INSERT INTO item (id, j) VALUES
          (1, '{"x": "A",  "tags": ["red", "a, \\"b\\"", 3],  "o": {"k": {"z": 1.50}}, "n": 5}'),
          (2, '{"x": 1.50, "tags": [], "o": { "k" : [ 1 , 2 ] }, "n": "5"}'),
          (3, '{"x": true, "tags": "no array", "o": 7, "n": -5e0}'),
          (4, '{"x": null, "tags": [null], "o": {"k": null}, "n": true}'),
          (5, '{"tags": [[1, 2], {"a": "x y"}], "n": null}'),
          (6, '[{"x": "in an array"}, "second"]'),
          (7, '"just a text"'),
          (8, 'null'),
          (9, NULL),
          (10, '{"x": "", "n": 12345678901234567890.12345}'),
          (11, '{"x": "null", "n": 100000000000000000000}'),
          (12, '{"x": "A\\n\\u00e9\\ud83d\\udc18\\t\\u0001\\/\\\\", "n": false}')""",
        "UPDATE item SET b = j::jsonb, d = j::jsonb, \"b.w\" = 'a column', t = 'text'",
        "CREATE TABLE odd (id int, \"J.son\" jsonb)",
        """
        INSERT INTO odd VALUES (1, '{"a.b": 1, "it''s": 2, "say \\"hi\\"": 3, "back\\\\slash": 4, "a b": 5, "": 6,
          "{fn now()}": 7, "?": 8, "NULL": 9, "größe 🐘": 10, "$1": 11, "A": 12, "a": 13, "0": 14, "a,b:c": 15,
          "''; DROP TABLE odd; --": 16, "-1": 17, "{}": 18}')""");
  }

  @Test
  void textFormatsWriteTheCharactersOfStringsAndJsonEmbedsTypedValues() throws IOException {
    for (String type : TYPES) {
      String columns = "id,@.x,@.tags.0,@.tags.1,@.o.k:K".replace("@", type);
      TestExport export = TestExport.of(postgres, "item").columns(columns);
      ExportedFile csv = export.format("csv").run();
      assertThat(csv.csvHeader())
          .containsExactly("id", type + ".x", type + ".tags.0", type + ".tags.1", "K");
      assertThat(csv.csvRows())
          .containsExactly(
              row("1", "A", "red", "a, \"b\"", "{\"z\":1.50}"),
              row("2", "1.50", null, null, "[1,2]"),
              row("3", "true", null, null, null),
              row("4", null, null, null, null),
              row("5", null, "[1,2]", "{\"a\":\"x y\"}", null),
              row("6", null, null, null, null),
              row("7", null, null, null, null),
              row("8", null, null, null, null),
              row("9", null, null, null, null),
              row("10", "", null, null, null),
              row("11", "null", null, null, null),
              row("12", "A\né🐘\t\u0001/\\", null, null, null));
      List<JsonNode> rows = export.format("json").run().jsonRows();
      assertThat(rows.get(0).toString())
          .isEqualTo(
              "{'id':1,'@.x':'A','@.tags.0':'red','@.tags.1':'a, \\\"b\\\"','K':{'z':1.50}}"
                  .replace('\'', '"')
                  .replace("@", type));
      assertThat(rows.get(1).path(type + ".x").decimalValue()).isEqualTo("1.50");
      assertThat(rows.get(2).path(type + ".x").isBoolean()).isTrue();
      assertThat(rows.get(3).path(type + ".x").isNull()).isTrue();
      assertThat(rows.get(9).path(type + ".x").textValue()).isEmpty();
      assertThat(rows.get(11).path(type + ".x").textValue()).isEqualTo("A\né🐘\t\u0001/\\");
    }
  }

  @Test
  void theManifestSaysWhereAColumnComesFrom() throws IOException {
    JsonNode column =
        TestExport.of(postgres, "item").columns("J.tags.0:first").run().manifest().at("/columns/0");
    assertThat(column.toString())
        .isEqualTo(
            "{\"source\":\"J.tags.0\",\"target\":\"first\",\"sqlType\":\"json\","
                + "\"kind\":\"json_path\",\"nullable\":true}");
  }

  @Test
  void aColumnWhoseNameHasTheDotsWins() throws IOException {
    assertThat(TestExport.of(postgres, "item").columns("b.w").where("id = 1").run().csvRows())
        .containsExactly(row("a column"));
    ExportedFile path =
        TestExport.of(postgres, "item").columns("\"b\".x,b.\"x\"").where("id = 1").run();
    assertThat(path.csvHeader()).containsExactly("\"b\".x", "b.\"x\"");
    assertThat(path.csvRows()).containsExactly(row("A", "A"));
    assertThat(TestExport.of(postgres, "item").columns("D.x:x").where("id = 1").run().csvRows())
        .containsExactly(row("A"));
  }

  @Test
  void keysMayHaveAnyCharacters() throws IOException, SQLException {
    List<String> keys =
        postgres.queryColumn("SELECT key FROM odd, jsonb_each(\"J.son\") ORDER BY value::int");
    assertThat(keys).hasSize(18);
    List<String> paths =
        keys.stream().map(key -> "\"J.son\".\"" + key.replace("\"", "\"\"") + '"').toList();
    List<String> positions = IntStream.rangeClosed(1, 18).mapToObj(String::valueOf).toList();
    for (ReadMode mode : List.of(ReadMode.COPY, ReadMode.CURSOR)) {
      ExportedFile file =
          TestExport.of(postgres, "odd").columns(String.join(",", paths)).read(mode).run();
      assertThat(file.csvHeader()).isEqualTo(paths);
      assertThat(file.csvRows()).containsExactly(positions);
    }
    try (FilteredRows rows = new FilteredRows(postgres, "odd")) {
      for (int i = 0; i < paths.size(); i++) {
        TextNode column = TextNode.valueOf(paths.get(i));
        assertThat(rows.ids("{\"column\":" + column + ",\"op\":\"eq\",\"value\":" + (i + 1) + "}"))
            .as(paths.get(i))
            .containsExactly("1");
      }
    }
    assertThat(TestExport.of(postgres, "odd").columns("J.son.a b:v,J.son.A:w").run().csvRows())
        .containsExactly(row("5", "12"));
  }

  @Test
  void aPathIntoWhatIsNoJsonNamesColumnAndType() {
    assertThat(TestExport.of(postgres, "item").columns("id,t.x").failsWith(ErrorKind.CONFIGURATION))
        .hasMessage(
            "t.x: column \"t\" of public.item is text, and only json and jsonb have values inside");
    assertThat(TestExport.of(postgres, "item").columns("z.x").failsWith(ErrorKind.CONFIGURATION))
        .hasMessageContaining("table public.item has no column z.x: it has id, j");
  }

  /** With single quotes for double ones; the ids. */
  private static final List<String> FILTERS =
      List.of(
          // A string is compared with the text.
          "{'column':'@.x','op':'eq','value':'A'} | 1",
          "{'column':'@.x','op':'eq','value':'1.50'} | 2",
          "{'column':'@.x','op':'eq','value':'true'} | 3",
          "{'column':'@.x','op':'eq','value':''} | 10",
          "{'column':'@.x','op':'eq','value':'null'} | 11",
          "{'column':'@.x','op':'ne','value':'A'} | 2,3,10,11,12",
          "{'column':'@.x','op':'like','value':'A%'} | 1,12",
          "{'column':'@.x','op':'isNull'} | 4,5,6,7,8,9",
          "{'column':'@.x','op':'isNotNull'} | 1,2,3,10,11,12",
          "{'column':'@.tags.1','op':'eq','value':'a, \\\"b\\\"'} | 1",
          "{'column':'@.tags.-1','op':'eq','value':3} | 1",
          "{'column':'@.o.k.z','op':'eq','value':1.5} | 1",
          "{'column':'@.o.k.1','op':'eq','value':2} | 2",
          "{'column':'@.0.x','op':'eq','value':'in an array'} | 6",
          "{'column':'@.1','op':'eq','value':'second'} | 6",
          // A number with numbers, exactly; what is none is another value.
          "{'column':'@.n','op':'eq','value':5} | 1",
          "{'column':'@.n','op':'eq','value':'5'} | 1,2",
          "{'column':'@.n','op':'ne','value':5} | 2,3,4,10,11,12",
          "{'column':'@.n','op':'lt','value':5} | 3",
          "{'column':'@.n','op':'le','value':5.0} | 1,3",
          "{'column':'@.n','op':'gt','value':5} | 10,11",
          "{'column':'@.n','op':'ge','value':12345678901234567890.12346} | 11",
          "{'column':'@.n','op':'eq','value':12345678901234567890.12345} | 10",
          "{'column':'@.n','op':'eq','value':1e20} | 11",
          // A boolean with booleans.
          "{'column':'@.n','op':'eq','value':true} | 4",
          "{'column':'@.n','op':'ne','value':true} | 1,2,3,10,11,12",
          "{'column':'@.n','op':'lt','value':true} | 12",
          // Each value of a list in its own way.
          "{'column':'@.n','op':'in','value':[5,true,'-5','x']} | 1,4",
          "{'column':'@.n','op':'in','value':['5',-5]} | 1,2,3",
          "[{'column':'@.n','op':'ge','value':-5},{'or':[{'column':'@.x','op':'eq','value':true},{'column':'@.x','op':'eq','value':'A'}]}] | 1,3");

  @Test
  void conditionsReachIntoJson() throws IOException, SQLException {
    try (FilteredRows rows = new FilteredRows(postgres, "item")) {
      for (String line : FILTERS) {
        int bar = line.lastIndexOf(" | ");
        for (String type : TYPES) {
          String filter = line.substring(0, bar).replace('\'', '"').replace("@", type);
          // The text of json's number is as it was written.
          String expected =
              type.equals("j") && line.contains("'-5','x'") ? "1,4" : line.substring(bar + 3);
          if (type.equals("b") && line.contains("'-5','x'")) {
            expected = "1,3,4";
          }
          assertThat(String.join(",", rows.ids(filter))).as(filter).isEqualTo(expected);
        }
      }
    }
  }

  @Test
  void aNumberOfJsonThatPostgresqlCannotHoldIsAnotherValueAndNoError()
      throws IOException, SQLException {
    postgres.execute(
        "CREATE TABLE huge (id int, j json)",
        "INSERT INTO huge VALUES (1, '{\"n\": 1e999999}'), (2, '{\"n\": 7}'), (3, '{\"n\": 1e-999999}'), (4, ('{\"n\": 1' || repeat('0', 200000) || '}')::json)");
    try (FilteredRows rows = new FilteredRows(postgres, "huge")) {
      assertThat(rows.ids("{\"column\":\"j.n\",\"op\":\"gt\",\"value\":5}")).containsExactly("2");
      assertThat(rows.ids("{\"column\":\"j.n\",\"op\":\"ne\",\"value\":7}"))
          .containsExactly("1", "3", "4");
      assertThat(rows.refusal("{\"column\":\"j.n\",\"op\":\"gt\",\"value\":1e999999}"))
          .startsWith("/filter/value: ");
    }
  }

  @Test
  void aDocumentThatPostgresqlCannotLookIntoIsAnErrorAndNotAlteredSilently() throws SQLException {
    postgres.execute(
        "CREATE TABLE nul (id int, j json)", "INSERT INTO nul VALUES (1, '{\"a\": \"\\u0000\"}')");
    assertThat(TestExport.of(postgres, "nul").columns("j.a").failsWith(ErrorKind.QUERY))
        .hasMessageContaining("unsupported Unicode escape sequence");
  }

  /** Strings that are too large to hold come in chunks, whichever way the others came. */
  @Test
  void valuesTooLargeToHoldComeWholeByCopyAndByCursor() throws IOException, SQLException {
    postgres.execute(
        "CREATE TABLE large (id int, j json, b jsonb, t text)",
        """
        INSERT INTO large SELECT n, json_build_object('big', d.v, 'small', n, 'list', json_build_array(1, d.v)),
            jsonb_build_object('big', d.v, 'small', n, 'list', jsonb_build_array(1, d.v)), 'after ' || n
          FROM generate_series(1, 3) n,
               LATERAL (SELECT repeat(CASE n WHEN 1 THEN E'plain text ' WHEN 2 THEN E'é"🐘"\\\\,\\n\\t\\x01'
                                      ELSE '' END, 50000) AS v) d""",
        "INSERT INTO large SELECT n, '{\"big\": \"x\"}', '{\"big\": \"x\"}', 'small' FROM generate_series(4, 200) n");
    for (String type : TYPES) {
      String columns = "id,@.big:big,@.small,@.list.1:again,@.list:list,t".replace("@", type);
      for (String format : type.equals("j") ? List.of("csv") : List.of("csv", "json")) {
        TestExport export =
            TestExport.of(postgres, "large").columns(columns).format(format).parallelism(4);
        ExportedFile copied = export.read(ReadMode.COPY).run();
        ExportedFile fetched = export.read(ReadMode.CURSOR).run();
        assertThat(Files.mismatch(copied.path(), fetched.path())).as(columns).isNegative();
        if (format.equals("csv")) {
          List<List<String>> rows = copied.csvRows();
          String big = postgres.queryText("SELECT b->>'big' FROM large WHERE id = 2");
          assertThat(rows.get(1).get(1).equals(big)).isTrue();
          assertThat(rows.get(1).get(3).equals(big)).isTrue();
          assertThat(rows.get(0).get(1)).hasSize(550_000).endsWith("plain text ");
          assertThat(rows.get(2)).containsExactly("3", "", "3", "", "[1,\"\"]", "after 3");
          assertThat(rows).hasSize(200);
        }
      }
    }
  }

  private static List<String> row(String... cells) {
    return Arrays.asList(cells);
  }
}
