package io.polystream.source.postgresql;

import static io.polystream.error.PolyStreamException.configuration;

import io.polystream.error.PolyStreamException;
import io.polystream.source.Filter.Condition;
import io.polystream.source.Filter.Operator;
import io.polystream.source.Filter.Value;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.util.ArrayList;
import java.util.List;

/**
 * The values of a filter: tries them on the server, binds them to parameters and says what is wrong
 * with one. Belongs to whoever plans; not thread-safe.
 */
final class FilterValues {
  /** Of a value in a message. */
  private static final int MOST_SHOWN_CHARACTERS = 60;

  private static final String NO_SUCH_OPERATOR = "42883";
  private static final String AMBIGUOUS_OPERATOR = "42725";

  /** Names in errcodes.txt: invalid_text_representation, invalid_datetime_format. */
  private static final String NOT_OF_THE_TYPE = "22P02";

  private static final String NOT_A_TIME = "22007";

  private final Connection connection;
  private final List<String> bound = new ArrayList<>();

  FilterValues(Connection connection) {
    this.connection = connection;
  }

  /** The values of all parameters, in order. */
  List<String> bound() {
    return List.copyOf(bound);
  }

  /** SQL for a parameter with this value, of type text. */
  String bind(String value) {
    bound.add(value);
    return TransactionSettings.parameter(bound.size() - 1);
  }

  /** What the server makes of a value. */
  @FunctionalInterface
  interface Trial<T> {
    T on(Connection connection) throws SQLException;
  }

  /**
   * Tries something that the server may refuse.
   *
   * @throws Refused when it does, with the transaction as it was
   */
  private <T> T attempt(Trial<T> trial) throws SQLException, Refused {
    Savepoint before = connection.setSavepoint();
    try {
      T result = trial.on(connection);
      connection.releaseSavepoint(before);
      return result;
    } catch (SQLException e) {
      if (!SqlFailures.isRefusal(e)) {
        throw e;
      }
      connection.rollback(before);
      connection.releaseSavepoint(before);
      throw new Refused(e);
    }
  }

  /** That the server said no, and why. */
  static final class Refused extends Exception {
    private static final long serialVersionUID = 1L;

    private Refused(SQLException cause) {
      super(cause);
    }

    private SQLException why() {
      return (SQLException) getCause();
    }
  }

  /**
   * Has the server evaluate an expression over a value.
   *
   * @param expression SQL with one question mark, a text
   */
  String evaluate(String expression, String value) throws SQLException, Refused {
    return attempt(
        session -> {
          try (PreparedStatement statement = session.prepareStatement("SELECT " + expression)) {
            statement.setString(1, value);
            try (ResultSet result = statement.executeQuery()) {
              result.next();
              return result.getString(1);
            }
          }
        });
  }

  /**
   * @param expression SQL of two NULLs compared
   * @throws PolyStreamException when there is no such operator
   */
  void requireOperator(String expression, PostgresColumn column, Condition condition)
      throws SQLException {
    try {
      attempt(
          session -> {
            try (PreparedStatement statement = session.prepareStatement("SELECT " + expression)) {
              return statement.execute();
            }
          });
    } catch (Refused e) {
      String state = e.why().getSQLState();
      if (!NO_SUCH_OPERATOR.equals(state) && !AMBIGUOUS_OPERATOR.equals(state)) {
        throw e.why();
      }
      throw configuration(
          condition.pointer()
              + "/op: PostgreSQL cannot compare "
              + column.sqlType()
              + ", the type of column \""
              + column.name()
              + "\", by "
              + condition.operator().text());
    }
  }

  /** What is wrong with a value that the server refused. */
  static PolyStreamException unfit(Refused refusal, Value value, String type, String pointer) {
    String state = refusal.why().getSQLState();
    return configuration(
        pointer
            + ": "
            + (NOT_OF_THE_TYPE.equals(state) || NOT_A_TIME.equals(state)
                ? shown(value) + " is not " + withArticle(type)
                : SqlFailures.text(refusal.why())));
  }

  private static String withArticle(String type) {
    return ("aeio".indexOf(type.charAt(0)) >= 0 ? "an " : "a ") + type;
  }

  /** A value as JSON has it, shortened. */
  static String shown(Value value) {
    String text = value.text().replaceAll("\\p{Cntrl}", " ");
    String cut =
        text.length() <= MOST_SHOWN_CHARACTERS
            ? text
            : text.substring(0, MOST_SHOWN_CHARACTERS) + "…";
    return value instanceof Value.Text ? '"' + cut + '"' : cut;
  }

  /** A pattern that ends so would be an error only in the row that it matches so far. */
  static String pattern(Condition condition) {
    String pointer = condition.pointer() + "/value: ";
    if (!(condition.value() instanceof Value.Text text)) {
      throw configuration(pointer + "like takes a string, not " + shown(condition.value()));
    }
    String pattern = text.text();
    int backslashes = pattern.length() - pattern.replaceFirst("\\\\+$", "").length();
    if (backslashes % 2 == 1) {
      throw configuration(
          pointer + shown(text) + " ends with a backslash that protects nothing: write it twice");
    }
    return pattern;
  }

  /** The operator of a comparison in SQL. */
  static String sql(Operator operator) {
    return switch (operator) {
      case EQ -> "=";
      case NE -> "<>";
      case LT -> "<";
      case LE -> "<=";
      case GT -> ">";
      case GE -> ">=";
      case LIKE -> "LIKE";
      case IN, IS_NULL, IS_NOT_NULL ->
          throw new IllegalArgumentException(operator + " does not compare with one value");
    };
  }
}
