package io.polystream.source.postgresql;

import io.polystream.source.SourceColumn;
import io.polystream.source.SourceField;
import java.io.Serializable;
import java.util.List;

/**
 * A column of the catalog with what decodes it.
 *
 * @param baseType the type below its domains, without a length or a precision, as SQL
 * @param outputFunction what makes its text, quoted and with its schema
 * @param outputCast a cast to what that function takes, or empty
 */
record PostgresColumn(
    String name,
    String sqlType,
    boolean nullable,
    PostgresType type,
    String baseType,
    String outputFunction,
    String outputCast)
    implements Serializable {
  private static final long serialVersionUID = 1L;

  SourceColumn toSourceColumn() {
    return new SourceColumn(name, sqlType, nullable, type.columnType());
  }

  String quotedName() {
    return Sql.identifier(name);
  }

  /** What is selected for the column, or for the value at a path in it. */
  SelectedColumn select(SourceField field) {
    return field.isInsideJson()
        ? new SelectedColumn(
            field.name(), PostgresType.JSON_PATH, jsonAt(field.keys()), true, "", "")
        : new SelectedColumn(name, type, quotedName(), false, outputFunction, outputCast);
  }

  /**
   * The text of the JSON at a path, NULL for JSON's null. json has no equality, so texts are
   * compared; a string would have quotes.
   */
  private String jsonAt(List<String> keys) {
    return "NULLIF((" + quotedName() + " #> " + path(keys) + ")::text, 'null')";
  }

  /** A path as the operators {@code #>} and {@code #>>} take it: an array of text. */
  static String path(List<String> keys) {
    return Sql.literal(TextArrays.literal(keys)) + "::text[]";
  }
}
