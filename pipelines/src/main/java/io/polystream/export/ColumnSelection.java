package io.polystream.export;

import static io.polystream.error.PolyStreamException.configuration;

import io.polystream.error.PolyStreamException;
import io.polystream.source.ColumnPath;
import io.polystream.source.QuotedText;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A column a request asks for.
 *
 * @param source the table's column, or a value inside its JSON
 * @param target what it is called in the file; without it a column is called as in the table, a
 *     value inside JSON as it was written
 * @param pointer where the source was written, for errors: a JSON Pointer (RFC 6901), or empty when
 *     it was no document
 */
public record ColumnSelection(ColumnPath source, Optional<String> target, String pointer) {
  public ColumnSelection {
    if (target.filter(String::isEmpty).isPresent()) {
      throw nameMissing();
    }
    target.ifPresent(QuotedText::requireName);
  }

  /** One that is in no document. */
  public ColumnSelection(ColumnPath source, Optional<String> target) {
    this(source, target, "");
  }

  /**
   * Parses {@code id:ID,name,metadata.category,"odd, name":Odd}: source columns, and values inside
   * their JSON, with the names they get, in the order of the file; double quotes protect colons,
   * commas and dots.
   *
   * @throws io.polystream.error.PolyStreamException of kind {@code CONFIGURATION}
   */
  public static List<ColumnSelection> parseList(String text) {
    List<ColumnSelection> columns = new ArrayList<>();
    QuotedText scanner = new QuotedText("columns", text);
    do {
      if (scanner.isAtDelimiter(":,")) {
        throw nameMissing();
      }
      ColumnPath source = ColumnPath.read(scanner, ":,");
      Optional<String> target =
          scanner.skip(':') ? Optional.of(scanner.next(":,").text()) : Optional.empty();
      columns.add(new ColumnSelection(source, target));
    } while (scanner.skip(','));
    if (!scanner.atEnd()) {
      throw configuration("columns " + text + ": write a name with a colon in double quotes");
    }
    return columns;
  }

  private static PolyStreamException nameMissing() {
    return configuration("columns: a name is missing; write source or source:target");
  }
}
