package io.polystream.source;

import static io.polystream.error.PolyStreamException.configuration;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * A column as a person writes it, with a way into its JSON behind it when there is one: {@code id},
 * {@code metadata.category}, {@code metadata.tags.0}. Double quotes protect dots. Which column is
 * meant is the table's to say ({@link SourceTable#field}): a column whose name has the dots in it
 * comes first.
 *
 * @param text as written
 * @param names at least one: a column's name, or pieces of one, and the keys or 0-based positions
 *     that lead from it to a value
 */
public record ColumnPath(String text, List<Name> names) implements Serializable {
  private static final long serialVersionUID = 1L;

  /**
   * One name of it.
   *
   * @param text without quotes
   * @param quoted whether it was written in quotes, and so is never folded
   */
  public record Name(String text, boolean quoted) implements Serializable {
    private static final long serialVersionUID = 1L;

    public Name {
      QuotedText.requireName(text);
    }

    /** The name as SQL would read it without quotes. */
    public String folded() {
      return quoted ? text : text.toLowerCase(Locale.ROOT);
    }
  }

  public ColumnPath {
    names = List.copyOf(names);
    if (names.isEmpty() || (names.size() == 1 && names.get(0).text().isEmpty())) {
      throw configuration("a column's name is missing");
    }
  }

  /**
   * Parses a column that is written alone.
   *
   * @throws io.polystream.error.PolyStreamException of kind {@code CONFIGURATION}
   */
  public static ColumnPath parse(String text) {
    return read(new QuotedText("column", text), "");
  }

  /** Reads a column up to one of the delimiters, among which a dot need not be. */
  public static ColumnPath read(QuotedText scanner, String delimiters) {
    int start = scanner.position();
    List<Name> names = new ArrayList<>();
    do {
      QuotedText.Token token = scanner.next(delimiters + ".");
      names.add(new Name(token.text(), token.quoted()));
    } while (scanner.skip('.'));
    String written = scanner.textFrom(start).strip();
    boolean oddlyDotted = names.stream().anyMatch(name -> name.text().isEmpty() && !name.quoted());
    return oddlyDotted
        ? new ColumnPath(written, List.of(new Name(written, false)))
        : new ColumnPath(written, names);
  }

  @Override
  public String toString() {
    return text;
  }
}
