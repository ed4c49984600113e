package io.polystream.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import org.junit.jupiter.api.Test;

class TextTableTest {
  @Test
  void columnsAreAsWideAsTheirWidestCell() {
    TextTable table = new TextTable("name", ">rows", "kind");
    table.add(List.of("a", "1,000,000", "table"));
    table.add(List.of("a long name", "7", "view"));
    assertThat(printed(table))
        .isEqualTo(
            """
            name              rows  kind
            a            1,000,000  table
            a long name          7  view
            """);
  }

  @Test
  void aTableWithoutRowsHasItsHeadings() {
    assertThat(printed(new TextTable("name", ">rows"))).isEqualTo("name  rows\n");
  }

  @Test
  void linesDoNotEndWithBlanks() {
    TextTable table = new TextTable("name", "kind");
    table.add(List.of("a", ""));
    assertThat(printed(table)).isEqualTo("name  kind\na\n");
  }

  @Test
  void widthsCountCharactersNotUnits() {
    TextTable table = new TextTable("x", "y");
    table.add(List.of("🐘🐘", "1"));
    table.add(List.of("größe", "2"));
    assertThat(printed(table)).isEqualTo("x      y\n🐘🐘     1\ngröße  2\n");
  }

  @Test
  void aRowHasACellPerColumn() {
    TextTable table = new TextTable("x", "y");
    assertThatThrownBy(() -> table.add(List.of("1")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("1 cells, not 2");
  }

  private static String printed(TextTable table) {
    StringWriter text = new StringWriter();
    table.printTo(new PrintWriter(text));
    return text.toString().replace(System.lineSeparator(), "\n");
  }
}
