package io.polystream.source;

import io.polystream.row.Kind;
import java.io.Serializable;

/**
 * A column as the catalog has it.
 *
 * @param sqlType as the database writes it, such as {@code numeric(18,4)}
 * @param kind how its canonical text may be written
 */
public record SourceColumn(String name, String sqlType, boolean nullable, Kind kind)
    implements Serializable {
  private static final long serialVersionUID = 1L;
}
