package io.polystream.source.postgresql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.polystream.error.PolyStreamException;
import io.polystream.source.TableKind;
import io.polystream.source.postgresql.PostgresTable.Leaf;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class PostgresTableTest {
  private static final Leaf SMALL = new Leaf(TableKind.TABLE, 2, 16_384, 100, false);
  private static final Leaf WITH_TOAST = new Leaf(TableKind.TABLE, 5, 90_000, 7, true);
  private static final Leaf NEVER_ANALYZED = new Leaf(TableKind.TABLE, 5, 40_960, -1, false);
  private static final Leaf FOREIGN = new Leaf(TableKind.FOREIGN_TABLE, 0, 0, 10, false);

  @Test
  void aTableIsWhatItsLeavesAre() {
    PostgresTable table = table(SMALL, WITH_TOAST);
    assertThat(table.hasPages()).isTrue();
    assertThat(table.hasLargeValues()).isTrue();
    assertThat(table.bytes()).isEqualTo(106_384);
    assertThat(table.estimatedRows()).isEqualTo(107);
    assertThat(table(SMALL).hasLargeValues()).isFalse();
  }

  @Test
  void oneLeafWithoutStatisticsLeavesTheWholeWithout() {
    assertThat(table(SMALL, NEVER_ANALYZED).estimatedRows()).isEqualTo(-1);
  }

  @Test
  void oneForeignLeafLeavesTheWholeWithoutPages() {
    PostgresTable table = table(SMALL, FOREIGN);
    assertThat(table.hasPages()).isFalse();
    // Nobody knows how large the values are that come from elsewhere.
    assertThat(table.hasLargeValues()).isTrue();
  }

  @Test
  void aViewHasNeitherPagesNorSize() {
    PostgresTable view = table();
    assertThat(view.hasPages()).isFalse();
    assertThat(view.hasLargeValues()).isTrue();
    assertThat(view.bytes()).isEqualTo(-1);
    assertThat(view.estimatedRows()).isEqualTo(-1);
  }

  @Test
  void aColumnIsFoundByItsExactName() {
    PostgresTable table = table(SMALL);
    assertThat(table.column("Id").name()).isEqualTo("Id");
    assertThatThrownBy(() -> table.column("id"))
        .isInstanceOf(PolyStreamException.class)
        .hasMessage("table public.t has no column id");
  }

  private static PostgresTable table(Leaf... leaves) {
    PostgresType type = PostgresType.of(List.of(new PostgresType.Step(20, ',', -1)));
    return new PostgresTable(
        1,
        "public",
        "t",
        TableKind.TABLE,
        List.of(
            new PostgresColumn("Id", "bigint", false, type, "bigint", "pg_catalog.int8out", "")),
        Arrays.asList(leaves),
        new PostgresTable.Access(false, true, true));
  }
}
