package io.polystream.cli;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Columns of text as wide as their widest cell; a heading that begins with {@code >} aligns right.
 */
final class TextTable {
  private final List<List<String>> rows = new ArrayList<>();
  private final boolean[] alignRight;

  TextTable(String... headings) {
    alignRight = new boolean[headings.length];
    List<String> texts = new ArrayList<>();
    for (int i = 0; i < headings.length; i++) {
      alignRight[i] = headings[i].startsWith(">");
      texts.add(alignRight[i] ? headings[i].substring(1) : headings[i]);
    }
    rows.add(texts);
  }

  void add(List<String> cells) {
    if (cells.size() != alignRight.length) {
      throw new IllegalArgumentException(cells.size() + " cells, not " + alignRight.length);
    }
    rows.add(cells);
  }

  void printTo(PrintWriter out) {
    int[] widths = new int[alignRight.length];
    for (List<String> row : rows) {
      for (int i = 0; i < widths.length; i++) {
        widths[i] = Math.max(widths[i], length(row.get(i)));
      }
    }
    for (List<String> row : rows) {
      StringBuilder line = new StringBuilder();
      for (int i = 0; i < widths.length; i++) {
        char[] padding = new char[widths[i] - length(row.get(i))];
        Arrays.fill(padding, ' ');
        line.append(i == 0 ? "" : "  ");
        if (alignRight[i]) {
          line.append(padding).append(row.get(i));
        } else {
          line.append(row.get(i)).append(padding);
        }
      }
      out.println(line.toString().stripTrailing());
    }
    out.flush();
  }

  private static int length(String text) {
    return text.codePointCount(0, text.length());
  }
}
