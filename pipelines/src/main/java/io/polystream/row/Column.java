package io.polystream.row;

import static java.util.Objects.requireNonNull;

import java.io.Serializable;

/**
 * One column of an export, as formats see it.
 *
 * @param name the target name: what the header, the JSON key or the element is called
 * @param kind how its canonical text may be written
 */
public record Column(String name, Kind kind) implements Serializable {
  private static final long serialVersionUID = 1L;

  public Column {
    requireNonNull(kind, "kind");
    if (name.isEmpty()) {
      throw new IllegalArgumentException("a column's name must not be empty");
    }
  }
}
