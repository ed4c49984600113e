package io.polystream.source.postgresql;

import java.util.List;
import java.util.stream.Collectors;

/** Writes arrays of text as array_in reads them (PostgreSQL documentation, 8.15.6). */
final class TextArrays {
  private TextArrays() {}

  /** Every element in quotes, so that none reads as NULL or as nothing. */
  static String literal(List<String> elements) {
    return elements.stream()
        .map(element -> '"' + element.replace("\\", "\\\\").replace("\"", "\\\"") + '"')
        .collect(Collectors.joining(",", "{", "}"));
  }
}
