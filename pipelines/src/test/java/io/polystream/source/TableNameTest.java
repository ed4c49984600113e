package io.polystream.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.polystream.error.ErrorKind;
import io.polystream.error.PolyStreamException;
import io.polystream.source.TableName.Part;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TableNameTest {
  @Test
  void aNameIsATableOrASchemaAndATable() {
    assertThat(TableName.parse("orders").parts()).containsExactly(new Part("orders", false));
    assertThat(TableName.parse("sales.orders").parts())
        .containsExactly(new Part("sales", false), new Part("orders", false));
  }

  @Test
  void quotesProtectDotsAndQuotes() {
    assertThat(TableName.parse("\"Odd.Schema\".\"a \"\"b\"\"\"").parts())
        .containsExactly(new Part("Odd.Schema", true), new Part("a \"b\"", true));
    assertThat(TableName.parse("sales.\"Order Lines\"").parts())
        .containsExactly(new Part("sales", false), new Part("Order Lines", true));
  }

  @Test
  void onlyNamesWithoutQuotesAreFolded() {
    assertThat(TableName.parse("Sales.\"Orders\"").parts())
        .extracting(Part::folded)
        .containsExactly("sales", "Orders");
    assertThat(TableName.parse("ÄÖ").parts().get(0).folded()).isEqualTo("äö");
  }

  @Test
  void whatWasWrittenIsKeptForMessages() {
    assertThat(TableName.parse("Sales.\"Order\"")).hasToString("Sales.\"Order\"");
  }

  @Test
  void namesMayHoldAnythingElse() {
    assertThat(TableName.parse("my table; DROP TABLE x--").parts())
        .containsExactly(new Part("my table; DROP TABLE x--", false));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", ".", "a.", ".a", "a..b", "\"\"", "a.\"\""})
  void aMissingNameIsRefused(String text) {
    assertThatThrownBy(() -> TableName.parse(text))
        .isInstanceOfSatisfying(
            PolyStreamException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.CONFIGURATION))
        .hasMessage("table \"" + text + "\": a name is missing; write schema.table");
  }

  @Test
  void moreThanASchemaAndATableIsRefused() {
    assertThatThrownBy(() -> TableName.parse("db.sales.orders"))
        .isInstanceOf(PolyStreamException.class)
        .hasMessage("table \"db.sales.orders\": write table or schema.table");
    assertThatThrownBy(() -> new TableName("", List.of())).isInstanceOf(PolyStreamException.class);
  }

  @Test
  void aListHasCommasBetweenNamesAndQuotesProtectThem() {
    assertThat(TableName.parseList("a, s.b ,\"B,c\",,"))
        .containsExactly(TableName.parse("a"), TableName.parse("s.b"), TableName.parse("\"B,c\""));
    assertThat(TableName.parseList(" ")).isEmpty();
  }
}
