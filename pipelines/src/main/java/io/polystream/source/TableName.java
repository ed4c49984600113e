package io.polystream.source;

import static io.polystream.error.PolyStreamException.configuration;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * A table's name as a person wrote it: {@code table} or {@code schema.table}, with SQL double
 * quotes around what holds a dot, a quote or capitals that matter. Which table is meant is the
 * catalog's to say: an exact match first, then the name folded to lower case where it was not
 * quoted.
 *
 * @param text as written
 * @param parts one or two names
 */
public record TableName(String text, List<Part> parts) {
  /**
   * One name of it.
   *
   * @param name without quotes
   * @param quoted whether it was written in quotes, and so is never folded
   */
  public record Part(String name, boolean quoted) {
    /** The name as SQL would read it without quotes. */
    public String folded() {
      return quoted ? name : name.toLowerCase(Locale.ROOT);
    }
  }

  public TableName {
    parts = List.copyOf(parts);
    if (parts.isEmpty() || parts.size() > 2) {
      throw configuration("table \"" + text + "\": write table or schema.table");
    }
  }

  /**
   * Parses what a person wrote.
   *
   * @throws io.polystream.error.PolyStreamException of kind {@code CONFIGURATION}
   */
  public static TableName parse(String text) {
    return new TableName(text, read(text, new QuotedText("table", text), "."));
  }

  /**
   * Parses names with commas between them; empty ones do not count.
   *
   * @throws io.polystream.error.PolyStreamException of kind {@code CONFIGURATION}
   */
  public static List<TableName> parseList(String text) {
    List<TableName> names = new ArrayList<>();
    QuotedText scanner = new QuotedText("tables", text);
    do {
      if (!scanner.isAtDelimiter(",")) {
        int start = scanner.position();
        List<Part> parts = read(text, scanner, ".,");
        names.add(new TableName(scanner.textFrom(start).strip(), parts));
      }
    } while (scanner.skip(','));
    return names;
  }

  private static List<Part> read(String text, QuotedText scanner, String delimiters) {
    List<Part> parts = new ArrayList<>();
    do {
      QuotedText.Token token = scanner.next(delimiters);
      if (token.text().isEmpty()) {
        throw configuration("table \"" + text + "\": a name is missing; write schema.table");
      }
      parts.add(new Part(token.text(), token.quoted()));
    } while (scanner.skip('.'));
    return parts;
  }

  @Override
  public String toString() {
    return text;
  }
}
