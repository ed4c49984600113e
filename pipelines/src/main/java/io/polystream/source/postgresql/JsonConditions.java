package io.polystream.source.postgresql;

import io.polystream.source.Filter.Condition;
import io.polystream.source.Filter.Operator;
import io.polystream.source.Filter.Value;
import io.polystream.source.postgresql.FilterValues.Refused;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/**
 * Conditions on values inside JSON. A string is compared with the text at the path, a number with
 * numbers only, a boolean with booleans only: a row that has something else there is not equal, and
 * never an error. JSON's null and a missing value are NULL.
 */
final class JsonConditions {
  /** A number of json, unlike one of jsonb, may be too long or too large for numeric. */
  private static final String NUMERIC_TEXT = "'^-?[0-9]+([.][0-9]+)?([eE][+-]?[0-9]{1,4})?$'";

  /** With an exponent as above: within the 131072 digits before and 16383 behind the point. */
  private static final int NUMERIC_CHARACTERS = 1000;

  private final FilterValues values;

  JsonConditions(FilterValues values) {
    this.values = values;
  }

  /**
   * @param keys at least one
   * @throws io.polystream.error.PolyStreamException of kind {@code CONFIGURATION} when the
   *     condition does not fit
   */
  String sql(PostgresColumn column, List<String> keys, Condition condition) throws SQLException {
    Place place = new Place(column, keys);
    return switch (condition.operator()) {
      case IS_NULL -> place.text() + " IS NULL";
      case IS_NOT_NULL -> place.text() + " IS NOT NULL";
      case LIKE -> place.text() + " LIKE " + values.bind(FilterValues.pattern(condition));
      case IN -> in(place, condition);
      case EQ, NE, LT, LE, GT, GE -> comparison(place, condition);
    };
  }

  private String comparison(Place place, Condition condition) throws SQLException {
    Value value = condition.value();
    requireNumeric(value, condition.pointer() + "/value");
    String comparison =
        place.as(value)
            + " "
            + FilterValues.sql(condition.operator())
            + " "
            + values.bind(value.text())
            + cast(value);
    // Of another type is another value.
    String otherwise = condition.operator() == Operator.NE ? place.text() + " IS NOT NULL" : "NULL";
    return value instanceof Value.Text
        ? comparison
        : "CASE WHEN " + place.is(value) + " THEN " + comparison + " ELSE " + otherwise + " END";
  }

  /** Values of each type in a list of their own. */
  private String in(Place place, Condition condition) throws SQLException {
    List<String> alternatives = new ArrayList<>();
    for (Class<? extends Value> type :
        List.of(Value.Text.class, Value.Numeric.class, Value.Truth.class)) {
      List<String> texts = new ArrayList<>();
      Value example = null;
      for (int i = 0; i < condition.values().size(); i++) {
        Value value = condition.values().get(i);
        if (type.isInstance(value)) {
          requireNumeric(value, condition.pointer() + "/value/" + i);
          texts.add(value.text());
          example = value;
        }
      }
      if (example != null) {
        alternatives.add(anyOf(place, example, values.bind(TextArrays.literal(texts))));
      }
    }
    return String.join(" OR ", alternatives);
  }

  private static String anyOf(Place place, Value example, String list) {
    boolean isText = example instanceof Value.Text;
    String comparison =
        place.as(example)
            + " = ANY ("
            + list
            + "::text[]"
            + (isText ? "" : cast(example) + "[]")
            + ")";
    return isText
        ? comparison
        : "CASE WHEN " + place.is(example) + " THEN " + comparison + " ELSE NULL END";
  }

  /** JSON's numbers have no bounds, numeric has. */
  private void requireNumeric(Value value, String pointer) throws SQLException {
    if (value instanceof Value.Numeric) {
      try {
        values.evaluate("(?::text::numeric) IS NULL", value.text());
      } catch (Refused e) {
        throw FilterValues.unfit(e, value, "numeric", pointer);
      }
    }
  }

  private static String cast(Value value) {
    if (value instanceof Value.Numeric) {
      return "::numeric";
    }
    return value instanceof Value.Truth ? "::boolean" : "";
  }

  /** Where in a column the value is. */
  private record Place(PostgresColumn column, List<String> keys) {
    String text() {
      return "(" + column.quotedName() + " #>> " + PostgresColumn.path(keys) + ")";
    }

    /** The value as one of the same type. */
    String as(Value value) {
      return text() + cast(value);
    }

    /** Whether there is a number, or a boolean. */
    String is(Value value) {
      String typeOf =
          column.baseType()
              + "_typeof("
              + column.quotedName()
              + " #> "
              + PostgresColumn.path(keys)
              + ")";
      if (value instanceof Value.Truth) {
        return typeOf + " = 'boolean'";
      }
      String isNumber = typeOf + " = 'number'";
      return column.baseType().equals("json")
          ? isNumber
              + " AND length("
              + text()
              + ") <= "
              + NUMERIC_CHARACTERS
              + " AND "
              + text()
              + " ~ "
              + NUMERIC_TEXT
          : isNumber;
    }
  }
}
