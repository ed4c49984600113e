package io.polystream.row;

import static java.util.Objects.requireNonNull;

import java.io.Serializable;

/**
 * One column of an export, as formats see it. Any column may have NULLs.
 *
 * @param name the target name: what the header, the JSON key or the element is called
 * @param type what its values are
 */
public record Column(String name, ColumnType type) implements Serializable {
  private static final long serialVersionUID = 1L;

  public Column {
    requireNonNull(type, "type");
    if (name.isEmpty()) {
      throw new IllegalArgumentException("a column's name must not be empty");
    }
  }

  /** A column of which only the kind is known. */
  public Column(String name, Kind kind) {
    this(name, ColumnType.of(kind));
  }

  /** How its canonical text may be written. */
  public Kind kind() {
    return type.kind();
  }

  /** Of an array's elements. */
  public Kind elementKind() {
    return ((ColumnType.Array) type).element().kind();
  }
}
