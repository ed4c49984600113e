package io.polystream.source.postgresql;

import static io.polystream.error.PolyStreamException.configuration;
import static io.polystream.source.postgresql.FilterValues.shown;

import io.polystream.error.PolyStreamException;
import io.polystream.row.Kind;
import io.polystream.source.Filter.Condition;
import io.polystream.source.Filter.Value;
import io.polystream.source.postgresql.FilterValues.Refused;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;

/**
 * Conditions on whole columns. A value is cast to the column's type without its domains, length and
 * precision: with them a cast would cut or round the value, and find what is not equal to it.
 */
final class ColumnConditions {
  private final FilterValues values;

  ColumnConditions(FilterValues values) {
    this.values = values;
  }

  /**
   * @throws PolyStreamException of kind {@code CONFIGURATION} when the condition does not fit
   */
  String sql(PostgresColumn column, Condition condition) throws SQLException {
    String name = column.quotedName();
    return switch (condition.operator()) {
      // A composite of nothing but NULLs IS NULL in SQL, and yet a value.
      case IS_NULL -> name + " IS NOT DISTINCT FROM NULL";
      case IS_NOT_NULL -> name + " IS DISTINCT FROM NULL";
      case LIKE -> like(column, condition);
      case IN ->
          column.type().kind() == Kind.ARRAY ? anyArray(column, condition) : in(column, condition);
      case EQ, NE, LT, LE, GT, GE -> comparison(column, condition);
    };
  }

  private String comparison(PostgresColumn column, Condition condition) throws SQLException {
    String operator = " " + FilterValues.sql(condition.operator()) + " ";
    String type = column.baseType();
    values.requireOperator("NULL::" + type + operator + "NULL::" + type, column, condition);
    String value = fitting(column, condition.value(), condition.pointer() + "/value");
    return column.quotedName() + operator + values.bind(value) + "::" + type;
  }

  private String like(PostgresColumn column, Condition condition) throws SQLException {
    if (column.type().kind() != Kind.TEXT) {
      throw configuration(
          condition.pointer()
              + "/op: like is for text, and column \""
              + column.name()
              + "\" is "
              + column.sqlType());
    }
    values.requireOperator("NULL::" + column.baseType() + " LIKE NULL::text", column, condition);
    return column.quotedName() + " LIKE " + values.bind(FilterValues.pattern(condition));
  }

  /** A list is one array: of texts, cast element by element, so that it is written in one way. */
  private String in(PostgresColumn column, Condition condition) throws SQLException {
    String type = column.baseType();
    values.requireOperator("NULL::" + type + " = NULL::" + type, column, condition);
    List<String> texts = new ArrayList<>();
    for (int i = 0; i < condition.values().size(); i++) {
      texts.add(text(column, condition.values().get(i), pointer(condition, i)));
    }
    String list = fittingList(column, condition, texts);
    return column.quotedName() + " = ANY (" + values.bind(list) + "::text[]::" + type + "[])";
  }

  /** Arrays of one type and different shapes make no array. */
  private String anyArray(PostgresColumn column, Condition condition) throws SQLException {
    String type = column.baseType();
    if (condition.values().size() > FilterBinder.MOST_VALUES) {
      throw configuration(
          condition.pointer() + "/value: of arrays, in takes at most " + FilterBinder.MOST_VALUES);
    }
    values.requireOperator("NULL::" + type + " = NULL::" + type, column, condition);
    List<String> alternatives = new ArrayList<>();
    for (int i = 0; i < condition.values().size(); i++) {
      String value = fitting(column, condition.values().get(i), pointer(condition, i));
      alternatives.add(column.quotedName() + " = " + values.bind(value) + "::" + type);
    }
    return String.join(" OR ", alternatives);
  }

  private static String pointer(Condition condition, int index) {
    return condition.pointer() + "/value/" + index;
  }

  /** The text of a value that the server takes for the column's type. */
  private String fitting(PostgresColumn column, Value value, String pointer) throws SQLException {
    String text = text(column, value, pointer);
    String cast = "?::text::" + column.baseType();
    try {
      return evaluated(column, cast, text);
    } catch (Refused e) {
      throw FilterValues.unfit(e, value, column.sqlType(), pointer);
    }
  }

  private String fittingList(PostgresColumn column, Condition condition, List<String> texts)
      throws SQLException {
    String cast = "?::text[]::" + column.baseType() + "[]";
    try {
      return evaluated(column, cast, TextArrays.literal(texts));
    } catch (Refused e) {
      throw firstUnfit(column, condition, texts, e);
    }
  }

  /** Finds the first value of a list that the server refuses by halves. */
  private PolyStreamException firstUnfit(
      PostgresColumn column, Condition condition, List<String> texts, Refused refusal)
      throws SQLException {
    String cast = "?::text[]::" + column.baseType() + "[]";
    Refused why = refusal;
    int from = 0;
    int to = texts.size();
    while (to - from > 1) {
      int half = (from + to) / 2;
      try {
        evaluated(column, cast, TextArrays.literal(texts.subList(from, half)));
        from = half;
      } catch (Refused e) {
        why = e;
        to = half;
      }
    }
    return FilterValues.unfit(
        why, condition.values().get(from), column.sqlType(), pointer(condition, from));
  }

  /**
   * Tries a cast. Words such as {@code now} mean another moment in every reader's transaction, so
   * moments are bound as the server wrote them.
   */
  private String evaluated(PostgresColumn column, String cast, String text)
      throws SQLException, Refused {
    if (column.type().kind() == Kind.TEMPORAL) {
      return values.evaluate("(" + cast + ")::text", text);
    }
    values.evaluate("(" + cast + ") IS NULL", text);
    return text;
  }

  /** The text of a value as the column's type reads it, if it is a value for its kind. */
  private static String text(PostgresColumn column, Value value, String pointer) {
    Kind kind = column.type().kind();
    boolean fits =
        value instanceof Value.Text
            || (value instanceof Value.Numeric && kind == Kind.NUMBER)
            || (value instanceof Value.Truth && kind == Kind.BOOLEAN);
    if (!fits) {
      throw configuration(
          pointer
              + ": "
              + shown(value)
              + " is a "
              + (value instanceof Value.Numeric ? "number" : "boolean")
              + ", and column \""
              + column.name()
              + "\" is "
              + column.sqlType()
              + ": write it as a string");
    }
    return kind == Kind.BINARY ? hex(value, pointer) : value.text();
  }

  private static String hex(Value value, String pointer) {
    try {
      return "\\x" + HexFormat.of().formatHex(Base64.getDecoder().decode(value.text()));
    } catch (IllegalArgumentException e) {
      throw configuration(pointer + ": " + shown(value) + " is not base64");
    }
  }
}
