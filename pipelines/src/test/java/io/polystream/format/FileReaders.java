package io.polystream.format;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import io.polystream.row.Column;
import io.polystream.row.Kind;
import io.polystream.testing.TsvReader;
import io.polystream.testing.XmlReader;
import java.io.IOException;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;
import org.apache.commons.csv.QuoteMode;

/** Reads what a format wrote back to the cells it was given, with somebody else's code. */
final class FileReaders {
  private static final JsonFactory JSON =
      JsonFactory.builder()
          .streamReadConstraints(
              StreamReadConstraints.builder().maxNumberLength(Integer.MAX_VALUE).build())
          .build();

  /** An escape of half of a surrogate pair, as in {@code "\\ud83d"}; or what may be one. */
  private static final Pattern HALF_A_PAIR =
      Pattern.compile(
          "\\\\u[dD][89abAB]..(?!\\\\u[dD][c-fC-F])|(?<!\\\\u[dD][89abAB]..)\\\\u[dD][c-fC-F]");

  private FileReaders() {}

  /** DuckDB refuses Parquet's JSON with half of a surrogate pair, which PostgreSQL's json takes. */
  static boolean canRead(Format format, List<List<String>> rows) {
    return !format.name().equals("parquet")
        || rows.stream()
            .flatMap(List::stream)
            .filter(Objects::nonNull)
            .noneMatch(cell -> HALF_A_PAIR.matcher(cell).find());
  }

  /**
   * What can be read back: in JSON and NDJSON, JSON's null is no other than SQL's; in a text file,
   * a string found inside JSON is its characters; in XML, JSON is elements.
   */
  static List<List<String>> expected(Format format, List<Column> columns, List<List<String>> rows) {
    if (format.name().equals("xml")) {
      return afterXml(columns, rows);
    }
    List<List<String>> expected = new ArrayList<>();
    for (List<String> row : rows) {
      List<String> cells = new ArrayList<>(row);
      for (int i = 0; i < cells.size(); i++) {
        boolean isJsonNull = columns.get(i).kind() == Kind.JSON && "null".equals(cells.get(i));
        if (isJsonNull && format.name().endsWith("json")) {
          cells.set(i, null);
        }
        if (columns.get(i).kind() == Kind.JSON_PATH && !format.name().contains("json")) {
          cells.set(i, charactersOf(cells.get(i)));
        }
        if (format.name().equals("parquet")) {
          cells.set(i, ParquetReader.expected(columns.get(i), cells.get(i)));
        }
      }
      expected.add(cells);
    }
    return expected;
  }

  private static List<List<String>> afterXml(List<Column> columns, List<List<String>> rows) {
    List<List<String>> expected = new ArrayList<>();
    for (List<String> row : rows) {
      List<String> cells = new ArrayList<>();
      for (int i = 0; i < row.size(); i++) {
        try {
          cells.add(XmlReader.afterwards(columns.get(i).kind(), row.get(i)));
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
      }
      expected.add(cells);
    }
    return expected;
  }

  private static String charactersOf(String json) {
    if (json == null || !json.startsWith("\"")) {
      return json;
    }
    try (JsonParser parser = JSON.createParser(json)) {
      parser.nextToken();
      // Half of a surrogate pair stays the escape it is: no file can have it as a character.
      StringBuilder characters = new StringBuilder();
      parser
          .getText()
          .codePoints()
          .forEach(
              c -> {
                if (Character.getType(c) == Character.SURROGATE) {
                  characters.append(String.format("\\u%04x", c));
                } else {
                  characters.appendCodePoint(c);
                }
              });
      return characters.toString();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static List<List<String>> read(
      Format format, List<Column> columns, Map<String, String> options, byte[] file)
      throws IOException {
    return switch (format.name()) {
      case "csv" -> csv(columns, HeaderOption.isOn(options), file);
      case "json" -> json(columns, file);
      case "ndjson" -> ndjson(columns, file);
      case "parquet" -> ParquetReader.rows(columns, file);
      case "tsv" -> tsv(columns, HeaderOption.isOn(options), file);
      case "xml" ->
          XmlReader.read(
              columns,
              options.getOrDefault("xmlRoot", "records"),
              options.getOrDefault("xmlRecord", "record"),
              file);
      default -> throw new AssertionError("write a reader of " + format.name() + " here");
    };
  }

  /** A file for people: text as it is, and of others what they hold. */
  static String described(Format format, byte[] file) throws IOException {
    return format.name().equals("parquet")
        ? ParquetReader.described(file)
        : new String(file, UTF_8);
  }

  private static List<List<String>> csv(List<Column> columns, boolean header, byte[] file)
      throws IOException {
    // With this mode an empty field without quotes is null, and one with quotes is not.
    CSVFormat format =
        CSVFormat.RFC4180
            .builder()
            .setNullString("")
            .setQuoteMode(QuoteMode.ALL_NON_NULL)
            .setIgnoreEmptyLines(false)
            .get();
    List<List<String>> rows = new ArrayList<>();
    try (CSVParser parser = CSVParser.parse(new String(file, UTF_8), format)) {
      parser.forEach(record -> rows.add(Arrays.asList(record.values())));
    }
    return withoutHeader(columns, header, rows);
  }

  private static List<List<String>> tsv(List<Column> columns, boolean header, byte[] file)
      throws IOException {
    String text = new String(file, UTF_8);
    assertThat(text).matches("(?s)(.*\n)?").doesNotContain("\r");
    return withoutHeader(columns, header, TsvReader.read(new StringReader(text)));
  }

  private static List<List<String>> withoutHeader(
      List<Column> columns, boolean header, List<List<String>> rows) {
    if (header) {
      assertThat(rows.remove(0)).isEqualTo(columns.stream().map(Column::name).toList());
    }
    return rows;
  }

  private static List<List<String>> json(List<Column> columns, byte[] file) throws IOException {
    List<List<String>> rows = new ArrayList<>();
    try (JsonParser parser = JSON.createParser(file)) {
      assertThat(parser.nextToken()).isEqualTo(JsonToken.START_ARRAY);
      while (parser.nextToken() == JsonToken.START_OBJECT) {
        rows.add(object(parser, columns, file));
      }
      assertThat(parser.currentToken()).isEqualTo(JsonToken.END_ARRAY);
      assertThat(parser.nextToken()).isNull();
    }
    return rows;
  }

  /** Every line is a JSON text of its own, and every line ends. */
  private static List<List<String>> ndjson(List<Column> columns, byte[] file) throws IOException {
    List<List<String>> rows = new ArrayList<>();
    int start = 0;
    for (int end = 0; end < file.length; end++) {
      if (file[end] == '\n') {
        byte[] line = Arrays.copyOfRange(file, start, end);
        try (JsonParser parser = JSON.createParser(line)) {
          assertThat(parser.nextToken()).isEqualTo(JsonToken.START_OBJECT);
          rows.add(object(parser, columns, line));
          assertThat(parser.nextToken()).isNull();
        }
        start = end + 1;
      }
    }
    assertThat(start).as("bytes up to the last LF").isEqualTo(file.length);
    return rows;
  }

  private static List<String> object(JsonParser parser, List<Column> columns, byte[] text)
      throws IOException {
    List<String> row = new ArrayList<>();
    for (Column column : columns) {
      assertThat(parser.nextFieldName()).isEqualTo(column.name());
      parser.nextToken();
      row.add(value(parser, column.kind(), text));
    }
    assertThat(parser.nextToken()).isEqualTo(JsonToken.END_OBJECT);
    return row;
  }

  private static String value(JsonParser parser, Kind kind, byte[] file) throws IOException {
    JsonToken token = parser.currentToken();
    if (kind.isJson()) {
      int start = (int) parser.currentTokenLocation().getByteOffset();
      parser.skipChildren();
      parser.finishToken();
      int end = (int) parser.currentLocation().getByteOffset();
      return token == JsonToken.VALUE_NULL ? null : new String(file, start, end - start, UTF_8);
    }
    if (token == JsonToken.VALUE_NULL) {
      return null;
    }
    switch (kind) {
      case NUMBER -> {
        boolean word = Character.isLetter(parser.getText().charAt(parser.getTextLength() - 1));
        assertThat(token.isNumeric()).isEqualTo(!word);
      }
      case BOOLEAN -> assertThat(token.isBoolean()).isTrue();
      default -> assertThat(token).isEqualTo(JsonToken.VALUE_STRING);
    }
    return parser.getText();
  }
}
