package io.polystream.format;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.polystream.row.Column;
import io.polystream.row.Kind;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * One case of {@code format-cases/<format>.json}: rows that go in, and the bytes that come out.
 *
 * @param cites what says that the bytes are right
 * @param rows cells as canonical text; null is NULL
 * @param expected the file, cut anywhere so that people can read it
 */
record FormatCase(
    Format format,
    String name,
    String cites,
    List<Column> columns,
    Map<String, String> options,
    List<List<String>> rows,
    String expected) {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** As it stands in the file. */
  private record Written(
      String name,
      String cites,
      List<List<String>> columns,
      Map<String, String> options,
      List<List<String>> rows,
      List<String> expected) {}

  static Stream<FormatCase> all() {
    return Formats.all().stream().flatMap(format -> of(format).stream());
  }

  static List<FormatCase> of(Format format) {
    String file = "/format-cases/" + format.name() + ".json";
    try (InputStream cases = FormatCase.class.getResourceAsStream(file)) {
      if (cases == null) {
        throw new AssertionError("format " + format.name() + " has no cases: write " + file);
      }
      return JSON.readValue(cases, new TypeReference<List<Written>>() {}).stream()
          .map(
              written ->
                  new FormatCase(
                      format,
                      written.name(),
                      written.cites(),
                      written.columns().stream()
                          .map(column -> new Column(column.get(0), kind(column.get(1))))
                          .toList(),
                      Optional.ofNullable(written.options()).orElse(Map.of()),
                      written.rows(),
                      String.join("", written.expected())))
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(file, e);
    }
  }

  private static Kind kind(String name) {
    return Kind.valueOf(name.toUpperCase(Locale.ROOT));
  }

  @Override
  public String toString() {
    return format.name() + ": " + name;
  }
}
