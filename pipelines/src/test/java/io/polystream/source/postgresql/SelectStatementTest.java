package io.polystream.source.postgresql;

import static org.assertj.core.api.Assertions.assertThat;

import io.polystream.source.Partition;
import io.polystream.source.SourceField;
import io.polystream.source.TableKind;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class SelectStatementTest {
  private static final Partition WHOLE = new Partition.Whole();
  private static final Partition PAGES = new Partition.Pages(7, 21);

  private static final PostgresColumn ID = column("id", 20);
  private static final PostgresColumn NAME = column("name", 25);
  private static final PostgresColumn DATA = column("data", PostgresType.BYTEA);
  private static final PostgresColumn ADDRESS =
      new PostgresColumn(
          "address", "inet", true, type(869), "inet", "pg_catalog.inet_out", "::pg_catalog.inet");

  @Test
  void everythingIsOnePlainStatement() {
    assertThat(plain(TableKind.TABLE, ID, NAME).sql(WHOLE, OptionalLong.empty()))
        .isEqualTo("SELECT \"id\", \"name\" FROM \"public\".\"orders\"");
  }

  @Test
  void aPageRangeIsHalfOpen() {
    assertThat(plain(TableKind.TABLE, ID).sql(PAGES, OptionalLong.empty()))
        .isEqualTo(
            "SELECT \"id\" FROM \"public\".\"orders\""
                + " WHERE ctid >= '(7,0)'::tid AND ctid < '(21,0)'::tid");
  }

  @Test
  void aLimitStandsBehindEverything() {
    assertThat(plain(TableKind.TABLE, ID).sql(PAGES, OptionalLong.of(10)))
        .endsWith("< '(21,0)'::tid LIMIT 10");
    assertThat(guarded(TableKind.TABLE, 1024, ID, NAME).sql(PAGES, OptionalLong.of(10)))
        .endsWith(") marked LIMIT 10");
  }

  @Test
  void aPredicateIsInParenthesesThatItsCommentsCannotHide() {
    SelectStatement select =
        select(TableKind.TABLE, Optional.of("a = 1 OR b -- why?"), OptionalInt.empty(), true, ID);
    assertThat(select.sql(WHOLE, OptionalLong.empty())).endsWith(" WHERE (a = 1 OR b -- why?\n)");
    assertThat(select.sql(PAGES, OptionalLong.of(1)))
        .endsWith(
            " WHERE (a = 1 OR b -- why?\n) AND ctid >= '(7,0)'::tid AND ctid < '(21,0)'::tid"
                + " LIMIT 1");
  }

  @Test
  void identifiersAreQuotedWhateverTheyHold() {
    PostgresTable table =
        table("Odd \"schema\"", "a.b; DROP TABLE x--", TableKind.TABLE, List.of(ID));
    SelectStatement select =
        new SelectStatement(
            table,
            selected(column("say \"hi\"", 25), column("select", 25), column("größe 🐘", 25)),
            List.of(),
            OptionalInt.empty(),
            true);
    assertThat(select.sql(WHOLE, OptionalLong.empty()))
        .isEqualTo(
            "SELECT \"say \"\"hi\"\"\", \"select\", \"größe 🐘\""
                + " FROM \"Odd \"\"schema\"\"\".\"a.b; DROP TABLE x--\"");
  }

  @Test
  void whatHasNoSimpleBinaryFormIsSelectedByItsOutputFunction() {
    assertThat(plain(TableKind.TABLE, ADDRESS).sql(WHOLE, OptionalLong.empty()))
        .startsWith("SELECT pg_catalog.inet_out(\"address\"::pg_catalog.inet)::text FROM");
  }

  @Test
  void aCursorSelectsValuesAsTheyAre() {
    SelectStatement select =
        select(TableKind.TABLE, Optional.empty(), OptionalInt.empty(), false, ADDRESS);
    assertThat(select.sql(WHOLE, OptionalLong.empty())).startsWith("SELECT \"address\" FROM");
  }

  @Test
  void aGuardAddsThreeColumns() {
    assertThat(plain(TableKind.TABLE, ID, NAME).selectedColumns()).isEqualTo(2);
    assertThat(guarded(TableKind.TABLE, 1024, ID, NAME).selectedColumns()).isEqualTo(5);
  }

  @Test
  void aGuardKeepsBackOnlyWhatCanBeLarge() {
    String sql = guarded(TableKind.TABLE, 65_536, ID, NAME, DATA).sql(PAGES, OptionalLong.empty());
    assertThat(sql)
        .startsWith(
            "SELECT c1, CASE WHEN widest IS NULL THEN c2 END,"
                + " CASE WHEN widest IS NULL THEN c3 END, widest::text,"
                + " CASE WHEN widest IS NOT NULL THEN row_address::text END,"
                + " CASE WHEN widest IS NOT NULL THEN row_table::text END FROM (");
    assertThat(sql)
        .contains(
            "SELECT \"id\", \"name\", \"data\", ctid, tableoid FROM \"public\".\"orders\""
                + " WHERE ctid >= '(7,0)'::tid AND ctid < '(21,0)'::tid)"
                + " numbered (c1, c2, c3, row_address, row_table)");
    // The stored sizes are looked at first, and bytes are not made text to be measured.
    assertThat(sql)
        .containsSubsequence(
            "coalesce(pg_column_size(c2), 0)::bigint + coalesce(pg_column_size(c3), 0)::bigint > 256",
            "coalesce(octet_length(c2::text), 0)::bigint + coalesce(octet_length(c3), 0)::bigint"
                + " > 65536",
            "VALUES (2, octet_length(c2::text)), (3, octet_length(c3))");
    assertThat(sql).doesNotContain("octet_length(c1");
  }

  @Test
  void aGuardedRowOfAViewHasNoAddress() {
    String sql = guarded(TableKind.VIEW, 1024, ID, NAME).sql(WHOLE, OptionalLong.empty());
    assertThat(sql)
        .contains("\"name\", NULL, NULL FROM \"public\".\"orders\" OFFSET 0) numbered")
        .doesNotContain("ctid");
  }

  @Test
  void aGuardedValueWithoutABinaryFormIsTextToo() {
    assertThat(guarded(TableKind.TABLE, 1024, ADDRESS).sql(WHOLE, OptionalLong.empty()))
        .startsWith(
            "SELECT CASE WHEN widest IS NULL"
                + " THEN pg_catalog.inet_out(c1::pg_catalog.inet)::text END,");
  }

  @Test
  void aValueInsideJsonIsTheTextAtAPathThatIsQuotedWhateverItHolds() {
    PostgresColumn json = column("meta", 3802);
    SelectStatement select =
        new SelectStatement(
            table("public", "orders", TableKind.TABLE, List.of(json)),
            List.of(
                json.select(
                    new SourceField(
                        "x", json.toSourceColumn(), List.of("a", "it's \"b\"", "\\0")))),
            List.of(),
            OptionalInt.of(1024),
            true);
    assertThat(select.sql(PAGES, OptionalLong.empty()))
        .contains(
            "SELECT NULLIF((\"meta\" #> E'{\"a\",\"it''s \\\\\"b\\\\\"\",\"\\\\\\\\0\"}'::text[])::text, 'null'),"
                + " ctid, tableoid FROM \"public\".\"orders\" WHERE ctid >=",
            // Evaluated once, whatever the guard asks of it.
            "'(21,0)'::tid OFFSET 0) numbered (c1, row_address, row_table)");
  }

  @Test
  void predicatesStandBesideOneAnother() {
    assertThat(
            new SelectStatement(
                    table("public", "orders", TableKind.TABLE, List.of(ID)),
                    selected(ID),
                    List.of("a OR b", "c"),
                    OptionalInt.empty(),
                    true)
                .sql(PAGES, OptionalLong.empty()))
        .contains(" WHERE (a OR b\n) AND (c\n) AND ctid >= ");
  }

  @Test
  void textInSqlHasItsQuotesDoubled() {
    assertThat(Sql.literal("it's \\ \"x\"")).isEqualTo("E'it''s \\\\ \"x\"'");
    assertThat(Sql.literal("it's")).isEqualTo("'it''s'");
    assertThat(Sql.identifier("it's \"x\"")).isEqualTo("\"it's \"\"x\"\"\"");
    assertThat(Sql.qualified("a.b", "c\"d")).isEqualTo("\"a.b\".\"c\"\"d\"");
  }

  private static SelectStatement plain(TableKind kind, PostgresColumn... columns) {
    return select(kind, Optional.empty(), OptionalInt.empty(), true, columns);
  }

  private static SelectStatement guarded(TableKind kind, int bytes, PostgresColumn... columns) {
    return select(kind, Optional.empty(), OptionalInt.of(bytes), true, columns);
  }

  private static SelectStatement select(
      TableKind kind,
      Optional<String> where,
      OptionalInt guardBytes,
      boolean binary,
      PostgresColumn... columns) {
    return new SelectStatement(
        table("public", "orders", kind, Arrays.asList(columns)),
        selected(columns),
        where.stream().toList(),
        guardBytes,
        binary);
  }

  private static List<SelectedColumn> selected(PostgresColumn... columns) {
    return Arrays.stream(columns)
        .map(column -> column.select(SourceField.of(column.toSourceColumn())))
        .toList();
  }

  private static PostgresTable table(
      String schema, String name, TableKind kind, List<PostgresColumn> columns) {
    List<PostgresTable.Leaf> leaves =
        kind == TableKind.VIEW
            ? List.of()
            : List.of(new PostgresTable.Leaf(kind, 100, 819_200, 1000, true));
    return new PostgresTable(
        16_384, schema, name, kind, columns, leaves, new PostgresTable.Access(false, true, true));
  }

  private static PostgresColumn column(String name, int oid) {
    return new PostgresColumn(
        name, "whatever", true, type(oid), "whatever", "pg_catalog.textout", "");
  }

  private static PostgresType type(int oid) {
    return PostgresType.of(List.of(new PostgresType.Step(oid, ',', -1)));
  }
}
