package io.polystream.source;

import io.polystream.row.ColumnType;
import io.polystream.row.Kind;
import java.io.Serializable;

/**
 * A column as the catalog has it.
 *
 * @param sqlType as the database writes it, such as {@code numeric(18,4)}
 * @param type what its values are
 */
public record SourceColumn(String name, String sqlType, boolean nullable, ColumnType type)
    implements Serializable {
  private static final long serialVersionUID = 1L;

  /** How its canonical text may be written. */
  public Kind kind() {
    return type.kind();
  }
}
