package io.polystream.row;

import java.io.Serializable;

/**
 * What a column's values are, for formats that store values rather than their text. Every type has
 * a {@link Kind}, which says all about the canonical text that most formats need.
 */
public sealed interface ColumnType extends Serializable {
  Kind kind();

  /** The type of a column of which only the kind is known. */
  static ColumnType of(Kind kind) {
    return switch (kind) {
      case NUMBER -> Simple.NUMBER;
      case TEXT -> Simple.TEXT;
      case BOOLEAN -> Simple.BOOLEAN;
      case TEMPORAL -> Simple.TEMPORAL;
      case JSON -> Simple.JSON;
      case JSON_PATH -> Simple.JSON_PATH;
      case BINARY -> Simple.BINARY;
      case ARRAY -> new Array(new Array(Simple.TEXT));
    };
  }

  /** Types without parameters. */
  enum Simple implements ColumnType {
    INT16(Kind.NUMBER),
    INT32(Kind.NUMBER),
    INT64(Kind.NUMBER),
    FLOAT32(Kind.NUMBER),
    FLOAT64(Kind.NUMBER),
    /** A number of any size, with any number of digits after the point. */
    NUMBER(Kind.NUMBER),
    BOOLEAN(Kind.BOOLEAN),
    TEXT(Kind.TEXT),
    UUID(Kind.TEXT),
    DATE(Kind.TEMPORAL),
    /** A time of day, to the microsecond, {@code 24:00:00} included. */
    TIME(Kind.TEMPORAL),
    /** A date and a time somewhere, to the microsecond. */
    LOCAL_TIMESTAMP(Kind.TEMPORAL),
    /** A moment, to the microsecond, written in UTC. */
    INSTANT(Kind.TEMPORAL),
    /** Any other temporal value, such as an interval. */
    TEMPORAL(Kind.TEMPORAL),
    JSON(Kind.JSON),
    JSON_PATH(Kind.JSON_PATH),
    BINARY(Kind.BINARY);

    private final Kind kind;

    Simple(Kind kind) {
      this.kind = kind;
    }

    @Override
    public Kind kind() {
      return kind;
    }
  }

  /**
   * A number with a declared number of decimal digits. Its text has all digits after the point; it
   * may still be {@code NaN}.
   *
   * @param precision digits in all, from 1
   * @param scale those of them after the point, from 0
   */
  record Decimal(int precision, int scale) implements ColumnType {
    private static final long serialVersionUID = 1L;

    public Decimal {
      if (precision < 1 || scale < 0 || scale > precision) {
        throw new IllegalArgumentException("decimal(" + precision + "," + scale + ")");
      }
    }

    @Override
    public Kind kind() {
      return Kind.NUMBER;
    }
  }

  /** An array; each value may have any number of dimensions. */
  record Array(ColumnType element) implements ColumnType {
    private static final long serialVersionUID = 1L;

    @Override
    public Kind kind() {
      return Kind.ARRAY;
    }
  }
}
