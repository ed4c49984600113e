package io.polystream.export;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.TextNode;
import io.polystream.error.ErrorKind;
import io.polystream.source.Database;
import io.polystream.source.Databases;
import io.polystream.source.Partition;
import io.polystream.source.ReadMode;
import io.polystream.source.ReadPlan;
import io.polystream.source.Snapshot;
import io.polystream.source.TableName;
import io.polystream.testing.ExportedFile;
import io.polystream.testing.PostgresExtension;
import io.polystream.testing.TestExport;
import java.io.IOException;
import java.nio.file.Files;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Conditions as data on whole columns: every operator, types that differ in how they are read. */
class FilterIT {
  @RegisterExtension static final PostgresExtension postgres = new PostgresExtension();

  @BeforeAll
  static void createTables() throws SQLException {
    postgres.execute(
        "CREATE TYPE mood AS ENUM ('sad', 'so so', 'happy')",
        "CREATE TYPE pair AS (a int, b text)",
        "CREATE DOMAIN positive AS int CHECK (value > 0)",
        "CREATE DOMAIN code AS varchar(3)",
        """
        CREATE TABLE item (
            id int PRIMARY KEY, i int, b bigint, n numeric(30,10), r real, d double precision, t text,
            v varchar(5), c char(5), y boolean, u uuid, day date, ts timestamp, tz timestamptz, tm time,
            iv interval, m mood, p positive, k code, a int[], ta text[], x bytea, j jsonb, js json, ip inet,
            rg int4range, pr pair, money money)""",
        """
        INSERT INTO item VALUES
            (1, 1, 9007199254740993, 0.1000000001, 0.1, 0.1, 'one', 'abc', 'ab', true,
             'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', '2026-01-01', '2026-01-01 10:00', '2026-01-01 10:00+00',
             '10:00', '1 day', 'sad', 1, 'abc', '{1,2}', '{a,NULL}', '\\x00ff10', '{"a": 1}', '{"a": 1}',
             '10.0.0.1', '[1,5)', '(1,x)', 1),
            (2, 2, 9007199254740992, 0.1000000002, 'NaN', 'Infinity', 'o''ne', 'abcde', 'ab  x', false,
             'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a12', '2026-02-01', '2026-02-01 10:00', '2026-02-01 10:00+02',
             '11:00:00.5', '2 days', 'so so', 2, 'xyz', '{}', '{}', '\\x', '{"a": 2}', '{"a": 2}',
             '10.0.0.0/8', 'empty', '(,)', 2),
            (3, 3, -1, -5, -0.5, -1e300, '100%_\\', 'ab', 'zz', true, NULL, 'infinity', '-infinity',
             '2026-03-01 10:00+00', '12:00', '36 hours', 'happy', 3, 'ABC', '{{1},{2}}', '{"a b",c}', '\\xff',
             'null', 'null', '::1', NULL, NULL, 3),
            (4, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
             NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)""");
  }

  /** A filter with single quotes for double ones, and the ids of the rows it lets through. */
  private static final List<String> FILTERS =
      List.of(
          // Every operator, on a number.
          "{'column':'i','op':'eq','value':2} | 2",
          "{'column':'i','op':'ne','value':2} | 1,3",
          "{'column':'i','op':'lt','value':2} | 1",
          "{'column':'i','op':'le','value':2} | 1,2",
          "{'column':'i','op':'gt','value':2} | 3",
          "{'column':'i','op':'ge','value':2} | 2,3",
          "{'column':'i','op':'in','value':[1,3,7]} | 1,3",
          "{'column':'i','op':'isNull'} | 4",
          "{'column':'i','op':'isNotNull'} | 1,2,3",
          // Numbers keep every digit, and may be strings.
          "{'column':'b','op':'eq','value':9007199254740993} | 1",
          "{'column':'b','op':'eq','value':'9007199254740992'} | 2",
          "{'column':'n','op':'eq','value':0.1000000001} | 1",
          "{'column':'n','op':'gt','value':0.1000000001} | 2",
          "{'column':'n','op':'lt','value':-4.99999999999999999999999999999999999} | 3",
          "{'column':'n','op':'le','value':1e-1} | 3",
          "{'column':'n','op':'in','value':[0.10000000010, '-5.0']} | 1,3",
          // A literal of a column of real is a real, so 0.1 is found.
          "{'column':'r','op':'eq','value':0.1} | 1",
          "{'column':'r','op':'eq','value':'NaN'} | 2",
          "{'column':'d','op':'eq','value':0.1} | 1",
          "{'column':'d','op':'gt','value':1e308} | 2",
          "{'column':'d','op':'eq','value':'Infinity'} | 2",
          // Texts.
          "{'column':'t','op':'eq','value':'one'} | 1",
          "{'column':'t','op':'eq','value':'o\\u0027ne'} | 2",
          "{'column':'t','op':'ne','value':'one'} | 2,3",
          "{'column':'t','op':'in','value':['one','o\\u0027ne','NULL','','a,\\\"b\\\"','{}']} | 1,2",
          "{'column':'t','op':'like','value':'o%'} | 1,2",
          "{'column':'t','op':'like','value':'o_ne'} | 2",
          "{'column':'t','op':'like','value':'100\\\\%\\\\_\\\\\\\\'} | 3",
          "{'column':'t','op':'eq','value':'100%_\\\\'} | 3",
          // Neither cut to the column's length nor found when it is longer.
          "{'column':'v','op':'eq','value':'abcde'} | 2",
          "{'column':'v','op':'eq','value':'abcdef'} | ",
          "{'column':'v','op':'in','value':['abcdefgh','abc']} | 1",
          "{'column':'v','op':'like','value':'abc%'} | 1,2",
          "{'column':'k','op':'eq','value':'abcd'} | ",
          "{'column':'k','op':'eq','value':'abc'} | 1",
          "{'column':'c','op':'eq','value':'ab'} | 1",
          "{'column':'c','op':'eq','value':'ab  x'} | 2",
          "{'column':'c','op':'in','value':['ab','zz']} | 1,3",
          "{'column':'y','op':'eq','value':true} | 1,3",
          "{'column':'y','op':'ne','value':true} | 2",
          "{'column':'y','op':'in','value':[false]} | 2",
          "{'column':'y','op':'eq','value':'false'} | 2",
          "{'column':'u','op':'eq','value':'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11'} | 1",
          "{'column':'u','op':'in','value':['a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a12']} | 2",
          // Moments: ISO, in UTC unless they say otherwise.
          "{'column':'day','op':'ge','value':'2026-02-01'} | 2,3",
          "{'column':'day','op':'eq','value':'infinity'} | 3",
          "{'column':'day','op':'in','value':['2026-01-01','2026-02-01']} | 1,2",
          "{'column':'ts','op':'lt','value':'2026-01-15T00:00:00'} | 1,3",
          "{'column':'tz','op':'eq','value':'2026-02-01T08:00:00Z'} | 2",
          "{'column':'tz','op':'eq','value':'2026-02-01T08:00:00'} | 2",
          "{'column':'tz','op':'eq','value':'2026-02-01T10:00:00+02:00'} | 2",
          "{'column':'tz','op':'in','value':['2026-01-01T10:00:00Z','2026-03-01T11:00:00+01']} | 1,3",
          "{'column':'tz','op':'lt','value':'now'} | 1,2,3",
          "{'column':'tm','op':'gt','value':'11:00'} | 2,3",
          "{'column':'iv','op':'gt','value':'P1D'} | 2,3",
          "{'column':'iv','op':'eq','value':'1 day'} | 1",
          // Types of the user's.
          "{'column':'m','op':'eq','value':'so so'} | 2",
          "{'column':'m','op':'gt','value':'sad'} | 2,3",
          "{'column':'m','op':'in','value':['sad','happy']} | 1,3",
          "{'column':'p','op':'gt','value':-5} | 1,2,3",
          "{'column':'p','op':'in','value':[0,2]} | 2",
          "{'column':'pr','op':'eq','value':'(1,x)'} | 1",
          "{'column':'pr','op':'isNull'} | 3,4",
          "{'column':'pr','op':'isNotNull'} | 1,2",
          // The rest is PostgreSQL's text of a value.
          "{'column':'a','op':'eq','value':'{1,2}'} | 1",
          "{'column':'a','op':'in','value':['{1,2}','{}','{{1},{2}}']} | 1,2,3",
          "{'column':'ta','op':'eq','value':'{\\\"a b\\\",c}'} | 3",
          "{'column':'x','op':'eq','value':'AP8Q'} | 1",
          "{'column':'x','op':'eq','value':''} | 2",
          "{'column':'x','op':'in','value':['','/w==']} | 2,3",
          "{'column':'x','op':'gt','value':'AP8Q'} | 3",
          "{'column':'j','op':'eq','value':'{ \\\"a\\\":1.0 }'} | 1",
          "{'column':'j','op':'isNull'} | 4",
          "{'column':'ip','op':'eq','value':'10.0.0.1'} | 1",
          "{'column':'ip','op':'in','value':['10.0.0.0/8','::1']} | 2,3",
          "{'column':'rg','op':'eq','value':'[1,4]'} | 1",
          "{'column':'money','op':'gt','value':'2'} | 3",
          // Trees.
          "[{'column':'i','op':'gt','value':1},{'column':'y','op':'eq','value':true}] | 3",
          "{'or':[{'column':'i','op':'eq','value':1},{'column':'i','op':'isNull'}]} | 1,4",
          "{'and':[{'or':[{'column':'i','op':'le','value':2},{'column':'t','op':'isNull'}]},[{'column':'id','op':'ge','value':2}]]} | 2,4",
          "{'or':[{'column':'i','op':'eq','value':1},{'and':[{'column':'i','op':'eq','value':2},{'column':'y','op':'eq','value':true}]}]} | 1");

  @Test
  void rowsAreThoseThatTheConditionsAreTrueFor() throws IOException, SQLException {
    try (FilteredRows rows = new FilteredRows(postgres, "item")) {
      for (String line : FILTERS) {
        int bar = line.lastIndexOf(" | ");
        assertThat(String.join(",", rows.ids(json(line.substring(0, bar)))))
            .as(line)
            .isEqualTo(line.substring(bar + 3));
      }
    }
  }

  /** A filter as above, and what is said of it. */
  private static final List<String> UNFIT =
      List.of(
          "{'column':'i','op':'eq','value':'abc'} | /filter/value: \"abc\" is not an integer",
          "[{'column':'i','op':'eq','value':1.5}] | /filter/0/value: 1.5 is not an integer",
          "[{'column':'i','op':'in','value':[1,2,3,'4',5,'six',7]}] | /filter/0/value/5: \"six\" is not an integer",
          "[{'column':'i','op':'in','value':['one',2]}] | /filter/0/value/0: \"one\" is not an integer",
          "[{'column':'i','op':'lt','value':99999999999}] | /filter/0/value: value \"99999999999\" is out of range for type integer",
          "[{'column':'p','op':'lt','value':'x'}] | /filter/0/value: \"x\" is not a positive",
          "[{'column':'u','op':'eq','value':'x'}] | /filter/0/value: \"x\" is not a uuid",
          "[{'column':'m','op':'eq','value':'glad'}] | /filter/0/value: \"glad\" is not a mood",
          "[{'column':'tz','op':'ge','value':'when'}] | /filter/0/value: \"when\" is not a timestamp with time zone",
          "[{'column':'day','op':'ge','value':'2026-02-30'}] | /filter/0/value: date/time field value out of range: \"2026-02-30\"",
          "[{'column':'y','op':'eq','value':'perhaps'}] | /filter/0/value: \"perhaps\" is not a boolean",
          "[{'column':'a','op':'eq','value':'1,2'}] | /filter/0/value: \"1,2\" is not an integer[]",
          "[{'column':'a','op':'in','value':['{1}','{x}']}] | /filter/0/value/1: \"{x}\" is not an integer[]",
          "[{'column':'x','op':'eq','value':'\\\\x00'}] | /filter/0/value: \"\\x00\" is not base64",
          "[{'column':'t','op':'eq','value':5}] | /filter/0/value: 5 is a number, and column \"t\" is text: write it as a string",
          "[{'column':'t','op':'in','value':['a',true]}] | /filter/0/value/1: true is a boolean, and column \"t\" is text: write it as a string",
          "[{'column':'y','op':'eq','value':1}] | /filter/0/value: 1 is a number, and column \"y\" is boolean: write it as a string",
          "[{'column':'i','op':'like','value':'1%'}] | /filter/0/op: like is for text, and column \"i\" is integer",
          "[{'column':'u','op':'like','value':'a%'}] | /filter/0/op: PostgreSQL cannot compare uuid, the type of column \"u\", by like",
          "[{'column':'m','op':'like','value':'s%'}] | /filter/0/op: PostgreSQL cannot compare mood, the type of column \"m\", by like",
          "[{'column':'t','op':'like','value':'a\\\\'}] | /filter/0/value: \"a\\\" ends with a backslash that protects nothing: write it twice",
          "[{'column':'js','op':'eq','value':'{}'}] | /filter/0/op: PostgreSQL cannot compare json, the type of column \"js\", by eq",
          "[{'column':'js','op':'in','value':['{}']}] | /filter/0/op: PostgreSQL cannot compare json, the type of column \"js\", by in",
          "[{'column':'nope','op':'isNull'}] | /filter/0/column: table public.item has no column nope",
          "{'or':[{'column':'i','op':'isNull'},{'and':[{'column':'zz','op':'isNull'}]}]} | /filter/or/1/and/0/column: table public.item has no column zz",
          "[{'column':'n.x','op':'isNull'}] | /filter/0/column: n.x: column \"n\" of public.item is numeric(30,10), and only json and jsonb have values inside");

  @Test
  void aConditionThatDoesNotFitItsColumnIsRefusedBeforeAnythingIsRead() {
    try (FilteredRows rows = new FilteredRows(postgres, "item")) {
      for (String line : UNFIT) {
        int bar = line.lastIndexOf(" | ");
        assertThat(rows.refusal(json(line.substring(0, bar))))
            .as(line)
            .isEqualTo(line.substring(bar + 3));
      }
    }
  }

  private static String json(String filter) {
    return filter.replace('\'', '"');
  }

  @Test
  void allConditionsThatDoNotFitAreNamedAtOnce() {
    assertThat(
            TestExport.of(postgres, "item")
                .filter(
                    """
                    [{"column":"i","op":"eq","value":"abc"},{"column":"t","op":"isNull"},
                     {"or":[{"column":"nope","op":"isNull"},{"column":"u","op":"in","value":["x"]}]}]""")
                .failsWith(ErrorKind.CONFIGURATION))
        .hasMessage(
            "/filter/0/value: \"abc\" is not an integer; /filter/2/or/0/column: table public.item has no"
                + " column nope; /filter/2/or/1/value/0: \"x\" is not a uuid");
  }

  private static final List<String> HOSTILE =
      List.of(
          "' OR true --",
          "'; DROP TABLE item; --",
          "\\'; DROP TABLE item; --",
          "x' OR '1'='1",
          "$1",
          "?",
          "{fn now()}",
          "{d '2026-01-01'}",
          "\\",
          "\"",
          "{",
          "}",
          ",",
          "NULL",
          "/* */ --",
          "current_setting('polystream.p1')",
          "%s",
          "é🐘",
          "\n\r\t");

  @Test
  void aValueIsNeverSql() throws IOException, SQLException {
    postgres.execute("CREATE TABLE hostile (id int, t text, j jsonb)");
    try (Connection connection = postgres.connect();
        PreparedStatement insert =
            connection.prepareStatement(
                "INSERT INTO hostile VALUES (?, ?, jsonb_build_object('k', ?::text))")) {
      for (int i = 0; i < HOSTILE.size(); i++) {
        insert.setInt(1, i);
        insert.setString(2, HOSTILE.get(i));
        insert.setString(3, HOSTILE.get(i));
        insert.execute();
      }
    }
    try (FilteredRows rows = new FilteredRows(postgres, "hostile")) {
      for (int i = 0; i < HOSTILE.size(); i++) {
        String text = TextNode.valueOf(HOSTILE.get(i)).toString();
        for (String filter :
            List.of(
                "{'column':'t','op':'eq','value':@}",
                "{'column':'t','op':'in','value':['y',@,'z']}",
                "{'column':'j.k','op':'eq','value':@}",
                "{'column':'j.k','op':'in','value':[@]}")) {
          String condition = json(filter).replace("@", text);
          assertThat(rows.ids(condition)).as(condition).containsExactly("" + i);
        }
      }
    }
    assertThat(postgres.queryLong("SELECT count(*) FROM item")).isEqualTo(4);
  }

  @Test
  void aFilterAndAPredicateMustBothHold() throws IOException {
    TestExport export =
        TestExport.of(postgres, "item")
            .filter("[{\"column\":\"y\",\"op\":\"eq\",\"value\":true}]")
            .where("id > 1 OR true -- all of them");
    assertThat(export.run().csvColumn("id")).containsExactly("1", "3");
    assertThat(export.where("id > 1").run().csvColumn("id")).containsExactly("3");
  }

  @Test
  void theManifestSaysTheFilterAsARequestDoes() throws IOException {
    String filter =
        """
        {"or":[{"column":"n","op":"in","value":[0.10000000010,"-5"]},
               {"and":[{"column":"y","op":"ne","value":false},{"column":"\\"j\\".a","op":"isNull"}]}]}""";
    ExportedFile file = TestExport.of(postgres, "item").filter(filter).run();
    assertThat(file.csvColumn("id")).containsExactly("1", "3");
    assertThat(file.manifest().path("filter")).isEqualTo(ExportedFile.json(filter.getBytes(UTF_8)));
    assertThat(
            TestExport.of(postgres, "item")
                .filter(file.manifest().path("filter").toString())
                .run()
                .text())
        .isEqualTo(file.text());
  }

  @Test
  void noRowLeftIsNoRows() {
    assertThat(
            TestExport.of(postgres, "item")
                .filter("[{\"column\":\"i\",\"op\":\"gt\",\"value\":5}]")
                .refuseEmpty()
                .failsWith(ErrorKind.NO_ROWS))
        .hasMessageContaining("no rows that the filter lets through");
  }

  @Test
  void aLargeTableIsReadInPageRangesByManyReaders() throws IOException, SQLException {
    createMany();
    String filter = "[{\"column\":\"kind\",\"op\":\"in\",\"value\":[1,2,3]}]";
    ExportedFile one = TestExport.of(postgres, "many").filter(filter).parallelism(1).run();
    assertThat(one.partitions()).isGreaterThan(2);
    assertThat(one.rows())
        .isEqualTo(postgres.queryLong("SELECT count(*) FROM many WHERE kind IN (1, 2, 3)"));
    for (ReadMode mode : List.of(ReadMode.COPY, ReadMode.CURSOR)) {
      ExportedFile other =
          TestExport.of(postgres, "many").filter(filter).read(mode).parallelism(4).run();
      assertThat(Files.mismatch(one.path(), other.path())).isNegative();
    }
  }

  @Test
  void aViewAndALimitAreFilteredToo() throws IOException, SQLException {
    createMany();
    postgres.execute(
        "CREATE OR REPLACE VIEW seen AS SELECT id, kind, t FROM many WHERE id <= 1000");
    String filter = "[{\"column\":\"kind\",\"op\":\"eq\",\"value\":1}]";
    assertThat(TestExport.of(postgres, "seen").filter(filter).run().rows())
        .isEqualTo(postgres.queryLong("SELECT count(*) FROM seen WHERE kind = 1"));
    ExportedFile limited = TestExport.of(postgres, "many").filter(filter).limit(7).run();
    assertThat(limited.rows()).isEqualTo(7);
    assertThat(limited.limited()).isTrue();
  }

  private static final List<String> INDEXED =
      List.of(
          "{'column':'id','op':'eq','value':4711}",
          "{'column':'id','op':'in','value':[1,2,3]}",
          "[{'column':'id','op':'ge','value':5},{'column':'id','op':'lt','value':'9'}]",
          "{'column':'code','op':'eq','value':'x77'}",
          "{'column':'code','op':'in','value':['x77','x78']}",
          "{'column':'at','op':'lt','value':'2026-01-01T00:10:00Z'}",
          "{'column':'nothing','op':'isNotNull'}",
          "{'column':'j.k','op':'eq','value':'v77'}");

  @Test
  void anIndexOnTheColumnIsUsed() throws SQLException {
    createMany();
    for (String filter : INDEXED) {
      requireIndex(json(filter));
    }
  }

  private static void requireIndex(String filter) throws SQLException {
    try (Database database = Databases.at(postgres.url());
        Snapshot snapshot = database.snapshot(TableName.parse("many"), 2);
        ReadPlan plan = snapshot.plan(FilteredRows.request(snapshot, filter), ReadMode.AUTO);
        Connection reader = plan.readers(failure -> {}).getConnection();
        Statement statement = reader.createStatement();
        ResultSet explained =
            statement.executeQuery("EXPLAIN " + plan.sql(new Partition.Whole()))) {
      StringBuilder lines = new StringBuilder();
      while (explained.next()) {
        lines.append(explained.getString(1)).append('\n');
      }
      assertThat(plan.partitions()).containsExactly(new Partition.Whole());
      assertThat(lines.toString())
          .containsPattern("Index Cond|Index (Only )?Scan")
          .doesNotContain("Seq Scan");
    }
  }

  @Test
  void moreValuesThanSettingsAreRefused() {
    String conditions =
        IntStream.range(0, 600)
            .mapToObj(i -> "{\"column\":\"j.a\",\"op\":\"in\",\"value\":[\"" + i + "\"," + i + "]}")
            .collect(Collectors.joining(","));
    try (FilteredRows rows = new FilteredRows(postgres, "item")) {
      assertThat(rows.refusal("{\"or\":[" + conditions + "]}"))
          .startsWith("the filter compares with more than 1000 values");
    }
  }

  @Test
  void aLongListIsOneValue() throws IOException, SQLException {
    String values =
        IntStream.range(0, 50_000)
            .mapToObj(i -> "" + (i - 49_998))
            .collect(Collectors.joining(","));
    try (FilteredRows rows = new FilteredRows(postgres, "item")) {
      assertThat(rows.ids("{\"column\":\"i\",\"op\":\"in\",\"value\":[" + values + "]}"))
          .containsExactly("1");
    }
  }

  private static void createMany() throws SQLException {
    postgres.execute(
        """
        CREATE TABLE IF NOT EXISTS many AS
          SELECT n AS id, n % 5 AS kind, repeat('x', 300) AS t, ('x' || n)::varchar(20) AS code,
                 timestamptz '2026-01-01 00:00+00' + n * interval '1 second' AS at,
                 CASE WHEN n % 40000 = 1 THEN n END AS nothing, jsonb_build_object('k', 'v' || n) AS j
            FROM generate_series(1, 40000) n""",
        "CREATE UNIQUE INDEX IF NOT EXISTS many_id ON many (id)",
        "CREATE INDEX IF NOT EXISTS many_code ON many (code)",
        "CREATE INDEX IF NOT EXISTS many_at ON many (at)",
        "CREATE INDEX IF NOT EXISTS many_nothing ON many (nothing) WHERE nothing IS NOT NULL",
        "CREATE INDEX IF NOT EXISTS many_k ON many ((j #>> '{k}'))",
        "ANALYZE many");
  }
}
