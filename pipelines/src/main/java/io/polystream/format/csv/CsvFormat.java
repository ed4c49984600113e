package io.polystream.format.csv;

import static io.polystream.error.PolyStreamException.configuration;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.polystream.format.Encoding;
import io.polystream.format.Format;
import io.polystream.format.FormatOption;
import io.polystream.format.HeaderOption;
import io.polystream.row.Column;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** CSV as RFC 4180 has it: a header, CRLF, quotes only where needed, NULL empty and "" quoted. */
public final class CsvFormat implements Format {
  private static final String LINE_ENDING = "lineEnding";
  private static final byte[] NOTHING = {};

  @Override
  public String name() {
    return "csv";
  }

  @Override
  public String extension() {
    return "csv";
  }

  @Override
  public String contentType() {
    return "text/csv; charset=utf-8";
  }

  @Override
  public List<FormatOption> options() {
    return List.of(
        HeaderOption.OPTION,
        FormatOption.oneOf(LINE_ENDING, List.of("crlf", "lf"), "csv: default crlf."));
  }

  @Override
  public Encoding encoding(List<Column> columns, Map<String, String> options) {
    byte[] lineEnding = lineEnding(options.getOrDefault(LINE_ENDING, "crlf"));
    byte[] preamble = HeaderOption.isOn(options) ? headerLine(columns, lineEnding) : NOTHING;
    List<Column> fixed = List.copyOf(columns);
    return Encoding.of(preamble, NOTHING, NOTHING, () -> new CsvEncoder(fixed, lineEnding));
  }

  private static byte[] lineEnding(String value) {
    return switch (value) {
      case "crlf" -> new byte[] {'\r', '\n'};
      case "lf" -> new byte[] {'\n'};
      default -> throw configuration("must be crlf or lf, not \"" + value + "\"");
    };
  }

  private static byte[] headerLine(List<Column> columns, byte[] lineEnding) {
    boolean alone = columns.size() == 1;
    return (columns.stream()
                .map(column -> field(column.name(), alone))
                .collect(Collectors.joining(","))
            + new String(lineEnding, US_ASCII))
        .getBytes(UTF_8);
  }

  /** As {@link CsvEncoder} writes a field, the end-of-data marker included. */
  private static String field(String name, boolean alone) {
    boolean quotes = !name.matches("[^\",\r\n]*") || (alone && name.equals("\\."));
    return quotes ? '"' + name.replace("\"", "\"\"") + '"' : name;
  }
}
