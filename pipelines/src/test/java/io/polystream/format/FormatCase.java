package io.polystream.format;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.polystream.row.Column;
import io.polystream.row.ColumnType;
import io.polystream.row.Kind;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * One case of {@code format-cases/<format>.json}: rows that go in, and the bytes that come out.
 *
 * @param cites what says that the bytes are right
 * @param rows cells as canonical text; null is NULL
 * @param expected the file, cut anywhere so that people can read it; of a binary format what {@link
 *     FileReaders#described} says of it
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
  private static final Pattern DECIMAL = Pattern.compile("decimal\\((\\d+),(\\d+)\\)");

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
                          .map(column -> new Column(column.get(0), type(column.get(1))))
                          .toList(),
                      Optional.ofNullable(written.options()).orElse(Map.of()),
                      written.rows(),
                      String.join("", written.expected())))
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(file, e);
    }
  }

  /** A kind, a type, {@code decimal(p,s)}, or one of these with {@code []}. */
  private static ColumnType type(String name) {
    if (name.endsWith("[]")) {
      return new ColumnType.Array(type(name.substring(0, name.length() - 2)));
    }
    Matcher decimal = DECIMAL.matcher(name);
    if (decimal.matches()) {
      return new ColumnType.Decimal(
          Integer.parseInt(decimal.group(1)), Integer.parseInt(decimal.group(2)));
    }
    String constant = name.toUpperCase(Locale.ROOT);
    return Arrays.stream(Kind.values()).anyMatch(kind -> kind.name().equals(constant))
        ? ColumnType.of(Kind.valueOf(constant))
        : ColumnType.Simple.valueOf(constant);
  }

  @Override
  public String toString() {
    return format.name() + ": " + name;
  }
}
