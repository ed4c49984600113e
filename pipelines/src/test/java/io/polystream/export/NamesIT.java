package io.polystream.export;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.polystream.error.ErrorKind;
import io.polystream.error.PolyStreamException;
import io.polystream.source.ReadMode;
import io.polystream.testing.ExportedFile;
import io.polystream.testing.PostgresExtension;
import io.polystream.testing.TestExport;
import java.io.IOException;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Any name PostgreSQL takes, as a table's and as a column's, and which of two alike is meant. */
class NamesIT {
  @RegisterExtension static final PostgresExtension postgres = new PostgresExtension();

  private static String quoted(String name) {
    return '"' + name.replace("\"", "\"\"") + '"';
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "plain",
        "Capitals",
        "two words",
        " blanks around ",
        "quo\"te",
        "\"",
        "\"\"quoted\"\"",
        "it's",
        "dotted.name",
        ".",
        "a:b,c;d",
        "select",
        "ctid",
        "tableoid",
        "c1",
        "row_address",
        "widest",
        "öäü",
        "表",
        "🐘 elephant",
        "e\u0301",
        "$1 ? ?? %s {fn x} {}",
        "--",
        "/* x",
        "back\\slash",
        "line\nbreak\r\n",
        "tab\t",
        "=1+1",
        "null",
        "123",
        "aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffff123"
      })
  void anyNameCanBeExportedAsTableAndAsColumn(String name) throws SQLException, IOException {
    // No column of a user's table may be called as a system column.
    boolean system = name.equals("ctid") || name.equals("tableoid");
    String column = system ? name + "_" : name;
    postgres.execute(
        "CREATE TABLE %s (id int, %s text, other text)".formatted(quoted(name), quoted(column)),
        "ALTER TABLE %s ALTER other SET STORAGE EXTERNAL".formatted(quoted(name)),
        // The last row is too large to hold, and so read again.
        "INSERT INTO %s SELECT n, 'value ' || n, repeat('x', n / 9 * 1100000) FROM generate_series(1, 9) n"
            .formatted(quoted(name)));

    ExportedFile csv =
        TestExport.of(postgres, quoted(name)).read(ReadMode.COPY).parallelism(4).run();
    assertThat(csv.rows()).isEqualTo(9);
    List<String> last = csv.csvRows().get(8);
    assertThat(last.subList(0, 2)).containsExactly("9", "value 9");
    assertThat(last.get(2)).hasSize(1_100_000);
    assertThat(csv.manifest().path("table").asText()).isEqualTo(name);
    ExportedFile json =
        TestExport.of(postgres, "public." + quoted(name))
            .columns(quoted(column) + ":" + quoted("to " + name) + "," + quoted(column))
            .where(quoted(column) + " = 'value 7'")
            .read(ReadMode.CURSOR)
            .format("json")
            .run();
    JsonNode row = json.jsonRows().get(0);
    assertThat(row.size()).isEqualTo(2);
    assertThat(row.path("to " + name).asText()).isEqualTo("value 7");
    assertThat(row.path(column).asText()).isEqualTo("value 7");
    postgres.execute("DROP TABLE " + quoted(name));
  }

  // ---------------------------------------------------------------- which table

  @BeforeAll
  static void createTablesWithAlikeNames() throws SQLException {
    postgres.execute(
        "CREATE SCHEMA a",
        "CREATE SCHEMA \"A\"",
        "CREATE SCHEMA hidden",
        marked("people"),
        marked("\"People\""),
        marked("\"PEOPLE\""),
        marked("\"Only\""),
        marked("lower"),
        marked("\"a.c\""),
        marked("\"x.y\""),
        marked("\"a.b\""),
        marked("a.b"),
        marked("\"A\".\"B\""),
        marked("a.\"B\""),
        marked("hidden.treasure"),
        marked("hidden.people"),
        "CREATE SEQUENCE a_sequence",
        "CREATE INDEX an_index ON people (which)",
        "CREATE TYPE a_type AS (i int)",
        "CREATE TABLE no_columns ()",
        "INSERT INTO no_columns DEFAULT VALUES");
  }

  /** A table whose only row says its name. */
  private static String marked(String name) {
    return "CREATE TABLE %s AS SELECT '%s'::text AS which".formatted(name, name);
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '`',
      value = {
        // exact before folded
        "people, people",
        "People, \"People\"",
        "PEOPLE, \"PEOPLE\"",
        "PeOpLe, people",
        "\"People\", \"People\"",
        "LOWER, lower",
        "Only, \"Only\"",
        "\"Only\", \"Only\"",
        // with a schema
        "public.people, people",
        "PUBLIC.People, people",
        "public.\"People\", \"People\"",
        "hidden.people, hidden.people",
        "hidden.Treasure, hidden.treasure",
        "a.b, a.b",
        "\"a\".\"b\", a.b",
        "A.B, \"A\".\"B\"",
        "a.B, a.\"B\"",
        // a dot inside a name
        "\"a.b\", \"a.b\"",
        "public.\"a.b\", \"a.b\"",
        "a.c, \"a.c\"",
        "x.y, \"x.y\"",
      })
  void theTableIsMeantThatIsWrittenSo(String written, String which) throws IOException {
    assertThat(TestExport.of(postgres, written).run().csvColumn("which")).containsExactly(which);
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '`',
      value = {
        "nobody, unknown table",
        "\"PeOpLe\", unknown table",
        "\"LOWER\", unknown table",
        "\"only\", unknown table",
        "hidden.nobody, unknown table",
        "no_schema.people, unknown table",
        "treasure, hidden",
        "\"public.people\", unknown table",
        "people; DROP TABLE people, unknown table",
        "a_sequence, not a table",
        "an_index, not a table",
        "people_which_idx, unknown table",
        "a_type, not a table",
        "no_columns, no columns",
        "pg_catalog, unknown table",
        "a..b, a name is missing",
        ".people, a name is missing",
        "people., a name is missing",
        "\"people, the closing quote",
        "\"a\"b, after a closing quote",
        "one.two.three, write",
      })
  void whatIsNoTableIsRefusedWithARemedy(String written, String message) {
    assertThat(TestExport.of(postgres, written).failsWith(ErrorKind.CONFIGURATION))
        .hasMessageContaining(message);
  }

  @Test
  void theSearchPathSaysWhichOfTwoTablesInSchemasIsMeant() throws SQLException, IOException {
    postgres.execute("CREATE ROLE digger LOGIN", "GRANT USAGE ON SCHEMA hidden TO digger");
    postgres.execute(
        "GRANT SELECT ON ALL TABLES IN SCHEMA hidden TO digger",
        "GRANT SELECT ON people TO digger",
        "ALTER ROLE digger SET search_path = hidden, public");

    assertThat(TestExport.of(postgres, "people").as("digger").run().csvColumn("which"))
        .containsExactly("hidden.people");
    assertThat(TestExport.of(postgres, "treasure").as("digger").run().rows()).isEqualTo(1);
  }

  // ---------------------------------------------------------------- columns

  @BeforeAll
  static void createColumns() throws SQLException {
    postgres.execute(
        "CREATE TABLE wide (id int, \"Id\" int, \"ID\" int, name text, \"a:b\" int, \"c,d\" int,"
            + " \"e.f\" int, \"quo\"\"te\" int)",
        "INSERT INTO wide VALUES (1, 2, 3, 'n', 4, 5, 6, 7)");
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '`',
      delimiter = '|',
      value = {
        "id                    | id             | 1",
        "Id                    | Id             | 2",
        "ID                    | ID             | 3",
        "iD                    | id             | 1",
        "\"ID\"                | ID             | 3",
        "NAME                  | name           | n",
        "name,id               | name,id        | n,1",
        "id:Id,Id:id           | Id,id          | 1,2",
        "id:one,id:two,id      | one,two,id     | 1,1,1",
        "\"a:b\":x             | x              | 4",
        "\"c,d\",e.f           | \"c,d\",e.f    | 5,6",
        "\"quo\"\"te\":\"y\"\"\" | \"y\"\"\"    | 7",
        "id:\"a,b\"            | \"a,b\"        | 1",
        "id:größe              | größe          | 1",
      })
  void columnsAreChosenOrderedAndRenamed(String columns, String header, String row)
      throws IOException {
    for (ReadMode mode : List.of(ReadMode.COPY, ReadMode.CURSOR)) {
      ExportedFile file = TestExport.of(postgres, "wide").columns(columns).read(mode).run();

      assertThat(file.text()).isEqualTo(header + "\r\n" + row + "\r\n");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"id,id", "id:x,name:x", "id,name:id", "iD,id"})
  void twoColumnsOfOneNameAreRefused(String columns) {
    assertThat(TestExport.of(postgres, "wide").columns(columns).failsWith(ErrorKind.CONFIGURATION))
        .hasMessageContaining("two columns are called");
  }

  @Test
  void anUnknownColumnIsNamedAndWhatThereIsIsListed() {
    PolyStreamException failure =
        TestExport.of(postgres, "wide")
            .columns("id,nobody,nothing")
            .failsWith(ErrorKind.CONFIGURATION);

    assertThat(failure)
        .hasMessageContaining("public.wide")
        .hasMessageContaining("nobody, nothing")
        .hasMessageContaining("name")
        .hasMessageContaining("quo\"te");
    assertThat(
            TestExport.of(postgres, "wide").columns("\"NAME\"").failsWith(ErrorKind.CONFIGURATION))
        .hasMessageContaining("NAME");
    assertThat(TestExport.of(postgres, "wide").columns("ctid").failsWith(ErrorKind.CONFIGURATION))
        .hasMessageContaining("ctid");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", ",", "id,", ":x", "id:", "id:x:y", "\"id", "\"id\"x"})
  void aColumnListThatIsNoneIsRefused(String columns) {
    assertThatThrownBy(() -> TestExport.of(postgres, "wide").columns(columns))
        .isInstanceOfSatisfying(
            PolyStreamException.class,
            failure -> assertThat(failure.kind()).isEqualTo(ErrorKind.CONFIGURATION));
  }
}
