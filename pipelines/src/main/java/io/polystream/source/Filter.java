package io.polystream.source;

import static io.polystream.error.PolyStreamException.configuration;
import static java.util.Objects.requireNonNull;
import static java.util.stream.Collectors.joining;

import java.io.Serializable;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Which rows are wanted, as data: a tree of conditions that a database makes its own statement of,
 * with every value bound, never spliced. Immutable and serializable, so that it can go where the
 * statement is built.
 */
public sealed interface Filter extends Serializable {
  /**
   * Rows that all of these let through.
   *
   * @param filters at least one
   */
  record And(List<Filter> filters) implements Filter {
    private static final long serialVersionUID = 1L;

    public And {
      filters = nonEmpty(filters, "and");
    }
  }

  /**
   * Rows that any of these lets through.
   *
   * @param filters at least one
   */
  record Or(List<Filter> filters) implements Filter {
    private static final long serialVersionUID = 1L;

    public Or {
      filters = nonEmpty(filters, "or");
    }
  }

  /**
   * A column, or a value inside its JSON, compared with values. As in SQL, a comparison with a NULL
   * is not true, whatever the operator: only {@link Operator#IS_NULL} finds it.
   *
   * @param values as many as the operator takes
   * @param pointer where it was written, for errors: a JSON Pointer (RFC 6901)
   */
  record Condition(ColumnPath column, Operator operator, List<Value> values, String pointer)
      implements Filter {
    private static final long serialVersionUID = 1L;

    public Condition {
      requireNonNull(column, "column");
      values = List.copyOf(values);
      boolean fits =
          switch (operator.operand()) {
            case NONE -> values.isEmpty();
            case ONE -> values.size() == 1;
            case LIST -> !values.isEmpty();
          };
      if (!fits) {
        throw new IllegalArgumentException(
            operator.text() + " does not take " + values.size() + " values");
      }
    }

    /** The value of an operator that takes one. */
    public Value value() {
      return values.get(0);
    }
  }

  /** How a column is compared. */
  enum Operator {
    EQ("eq", Operand.ONE),
    NE("ne", Operand.ONE),
    LT("lt", Operand.ONE),
    LE("le", Operand.ONE),
    GT("gt", Operand.ONE),
    GE("ge", Operand.ONE),
    IN("in", Operand.LIST),
    /** SQL's LIKE: {@code %} is any characters, {@code _} is one, a backslash protects both. */
    LIKE("like", Operand.ONE),
    IS_NULL("isNull", Operand.NONE),
    IS_NOT_NULL("isNotNull", Operand.NONE);

    /** What an operator takes. */
    public enum Operand {
      NONE,
      ONE,
      LIST
    }

    private final String text;
    private final Operand operand;

    Operator(String text, Operand operand) {
      this.text = text;
      this.operand = operand;
    }

    /** As it is written in a request. */
    public String text() {
      return text;
    }

    public Operand operand() {
      return operand;
    }

    public static Optional<Operator> of(String text) {
      return Arrays.stream(values()).filter(operator -> operator.text.equals(text)).findFirst();
    }

    /** All of them, for people. */
    public static String texts() {
      return Arrays.stream(values()).map(Operator::text).collect(joining(", "));
    }
  }

  /** A value as JSON had it; what it means is for the column's type to say. */
  sealed interface Value extends Serializable {
    /** A JSON string. */
    record Text(String text) implements Value {
      private static final long serialVersionUID = 1L;

      public Text {
        if (text.codePoints()
            .anyMatch(c -> c == 0 || Character.getType(c) == Character.SURROGATE)) {
          throw configuration(
              "a text cannot have the character U+0000, or half of a surrogate pair, in it");
        }
      }
    }

    /**
     * A JSON number.
     *
     * @param text its digits as they were written, for no number of Java's holds them all
     */
    record Numeric(String text) implements Value {
      private static final long serialVersionUID = 1L;
    }

    /** {@code true} or {@code false}. */
    record Truth(boolean value) implements Value {
      private static final long serialVersionUID = 1L;

      @Override
      public String text() {
        return String.valueOf(value);
      }
    }

    /** The characters a database is given. */
    String text();
  }

  private static List<Filter> nonEmpty(List<Filter> filters, String what) {
    if (filters.isEmpty()) {
      throw new IllegalArgumentException(what + " needs at least one condition");
    }
    return List.copyOf(filters);
  }
}
