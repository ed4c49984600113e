package io.polystream.source;

import io.polystream.row.ColumnType;
import io.polystream.row.Kind;
import java.io.Serializable;
import java.util.List;

/**
 * What one column of an export is read from, or a condition looks at: a column of the table, or the
 * value at a path in its JSON.
 *
 * @param name the column's, or the path as it was written
 * @param keys keys and 0-based positions that lead to the value; empty for the column itself
 */
public record SourceField(String name, SourceColumn column, List<String> keys)
    implements Serializable {
  private static final long serialVersionUID = 1L;

  public SourceField {
    keys = List.copyOf(keys);
  }

  /** A whole column. */
  public static SourceField of(SourceColumn column) {
    return new SourceField(column.name(), column, List.of());
  }

  public boolean isInsideJson() {
    return !keys.isEmpty();
  }

  public ColumnType type() {
    return isInsideJson() ? ColumnType.Simple.JSON_PATH : column.type();
  }

  public Kind kind() {
    return type().kind();
  }

  public boolean nullable() {
    return isInsideJson() || column.nullable();
  }
}
