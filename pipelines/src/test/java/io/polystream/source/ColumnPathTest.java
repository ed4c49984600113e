package io.polystream.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.polystream.error.PolyStreamException;
import io.polystream.row.ColumnType.Simple;
import io.polystream.row.Kind;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ColumnPathTest {
  private static final SourceTable TABLE =
      new SourceTable(
          "public",
          "t",
          TableKind.TABLE,
          -1,
          -1,
          true,
          List.of(
              new SourceColumn("meta", "jsonb", true, Simple.JSON),
              new SourceColumn("Meta", "json", true, Simple.JSON),
              new SourceColumn("meta.a", "jsonb", true, Simple.JSON),
              new SourceColumn("total", "numeric(12,2)", false, Simple.NUMBER),
              new SourceColumn(".", "text", false, Simple.TEXT)));

  @Test
  void dotsSeparateNamesAndQuotesProtectThem() {
    assertThat(names("a")).containsExactly("a");
    assertThat(names("a.b.0")).containsExactly("a", "b", "0");
    assertThat(names("\"a.b\".c d.\"e\"\"f\"")).containsExactly("a.b", "c d", "e\"f");
    assertThat(names("a.\"\"")).containsExactly("a", "");
    assertThat(names("a:b,c")).containsExactly("a:b,c");
    assertThat(ColumnPath.parse(" a . \"b\" ").text()).isEqualTo("a . \"b\"");
  }

  @Test
  void dotsWithNothingBetweenThemAreAName() {
    assertThat(names(".")).containsExactly(".");
    assertThat(names("a..b")).containsExactly("a..b");
    assertThat(names("a.")).containsExactly("a.");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "  ", "\"\"", "\"a", "\"a\"b", "a.\"b\"c", "a\0", "a.\ud83d"})
  void whatCannotBeReadIsRefused(String text) {
    assertThatThrownBy(() -> ColumnPath.parse(text)).isInstanceOf(PolyStreamException.class);
  }

  @Test
  void theLongestColumnWinsThenTheNameAsWritten() {
    assertThat(field("meta.a"))
        .contains(new SourceField("meta.a", TABLE.columns().get(2), List.of()));
    assertThat(field("META.A"))
        .contains(new SourceField("meta.a", TABLE.columns().get(2), List.of()));
    assertThat(field("meta.a.b"))
        .contains(new SourceField("meta.a.b", TABLE.columns().get(2), List.of("b")));
    assertThat(field("\"meta\".a"))
        .contains(new SourceField("\"meta\".a", TABLE.columns().get(0), List.of("a")));
    assertThat(field("Meta.A"))
        .contains(new SourceField("meta.a", TABLE.columns().get(2), List.of()));
    assertThat(field("Meta.X"))
        .contains(new SourceField("Meta.X", TABLE.columns().get(1), List.of("X")));
    assertThat(field("META.X"))
        .contains(new SourceField("META.X", TABLE.columns().get(0), List.of("X")));
    assertThat(field(".")).contains(SourceField.of(TABLE.columns().get(4)));
    assertThat(field("\"META\".x")).isEmpty();
    assertThat(field("other.x")).isEmpty();
  }

  @Test
  void aValueInsideJsonMayBeNullAndIsOfItsOwnKind() {
    SourceField inside = field("meta.x").orElseThrow();
    assertThat(inside.kind()).isEqualTo(Kind.JSON_PATH);
    assertThat(inside.nullable()).isTrue();
    SourceField column = field("total").orElseThrow();
    assertThat(column.kind()).isEqualTo(Kind.NUMBER);
    assertThat(column.nullable()).isFalse();
  }

  @Test
  void onlyJsonHasValuesInside() {
    assertThatThrownBy(() -> field("total.x"))
        .isInstanceOf(PolyStreamException.class)
        .hasMessage(
            "total.x: column \"total\" of public.t is numeric(12,2), and only json and jsonb have"
                + " values inside");
  }

  private static Optional<SourceField> field(String text) {
    return TABLE.field(ColumnPath.parse(text));
  }

  private static List<String> names(String text) {
    return ColumnPath.parse(text).names().stream().map(ColumnPath.Name::text).toList();
  }
}
