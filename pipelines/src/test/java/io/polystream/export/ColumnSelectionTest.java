package io.polystream.export;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.polystream.error.ErrorKind;
import io.polystream.error.PolyStreamException;
import io.polystream.source.ColumnPath;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ColumnSelectionTest {
  @Test
  void columnsComeInTheOrderTheyAreWrittenWithTheNamesTheyGet() {
    assertThat(ColumnSelection.parseList("id:ID,name,created_at:When"))
        .containsExactly(column("id", "ID"), column("name"), column("created_at", "When"));
  }

  @Test
  void quotesProtectCommasColonsAndDots() {
    assertThat(ColumnSelection.parseList("\"a,b\":\"x:y\",\"c.d\""))
        .containsExactly(
            new ColumnSelection(ColumnPath.parse("\"a,b\""), Optional.of("x:y")),
            column("\"c.d\""));
    assertThat(ColumnSelection.parseList("\"say \"\"hi\"\"\":Greeting"))
        .containsExactly(column("\"say \"\"hi\"\"\"", "Greeting"));
  }

  @Test
  void aColumnMayBeAPathIntoItsJson() {
    assertThat(ColumnSelection.parseList("a.b.0:B,\"c,d\".\"e:f\" : X , g.h"))
        .containsExactly(column("a.b.0", "B"), column("\"c,d\".\"e:f\"", "X"), column("g.h"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", ",", "a,", ",a", "a,,b", ":x", "a:", "a:,b", "a:\"\""})
  void aMissingNameIsRefused(String text) {
    refused(text, "columns: a name is missing; write source or source:target");
  }

  @Test
  void aColumnOfNoNameIsRefused() {
    refused("\"\"", "a column's name is missing");
  }

  @Test
  void aSecondColonIsRefusedWithTheRemedy() {
    refused("a:b:c", "columns a:b:c: write a name with a colon in double quotes");
  }

  @Test
  void spacesAroundNamesDoNotCountUnlessTheyAreQuoted() {
    assertThat(ColumnSelection.parseList(" a : A , \"b \" : B, c . d "))
        .extracting(selection -> selection.source().names(), ColumnSelection::target)
        .containsExactly(
            tuple(ColumnPath.parse("a").names(), Optional.of("A")),
            tuple(ColumnPath.parse("\"b \"").names(), Optional.of("B")),
            tuple(ColumnPath.parse("c.d").names(), Optional.empty()));
  }

  @ParameterizedTest
  @ValueSource(strings = {"\"a", "a:\"b", "\"a\"b", "\"a\" b"})
  void quotesThatDoNotCloseAreRefused(String text) {
    assertThatThrownBy(() -> ColumnSelection.parseList(text))
        .isInstanceOf(PolyStreamException.class)
        .hasMessageStartingWith("columns " + text + ": ");
  }

  private static void refused(String text, String message) {
    assertThatThrownBy(() -> ColumnSelection.parseList(text))
        .isInstanceOfSatisfying(
            PolyStreamException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.CONFIGURATION))
        .hasMessage(message);
  }

  private static ColumnSelection column(String source) {
    return new ColumnSelection(ColumnPath.parse(source), Optional.empty());
  }

  private static ColumnSelection column(String source, String target) {
    return new ColumnSelection(ColumnPath.parse(source), Optional.of(target));
  }
}
