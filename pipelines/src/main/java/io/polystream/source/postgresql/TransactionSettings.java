package io.polystream.source.postgresql;

import java.io.Serializable;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * What a transaction needs to run the statement of a plan, until its end: how the planner is to go
 * about it, and the values of the filter. COPY takes no parameters, so values are settings.
 *
 * @param planner SQL, may be empty
 * @param values of the filter's parameters, in order
 */
record TransactionSettings(String planner, List<String> values) implements Serializable {
  private static final long serialVersionUID = 1L;

  TransactionSettings {
    values = List.copyOf(values);
  }

  /** SQL for the value of a parameter, 0-based. */
  static String parameter(int index) {
    return "current_setting(" + Sql.literal(name(index)) + ")";
  }

  private static String name(int index) {
    return "polystream.p" + (index + 1);
  }

  void apply(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      // Even when there is nothing to set: it shows whether somebody ended the session meanwhile.
      statement.execute(planner);
    }
    if (!values.isEmpty()) {
      String calls =
          IntStream.range(0, values.size())
              .mapToObj(i -> "set_config(" + Sql.literal(name(i)) + ", ?, true)")
              .collect(Collectors.joining(", "));
      try (PreparedStatement statement = connection.prepareStatement("SELECT " + calls)) {
        for (int i = 0; i < values.size(); i++) {
          statement.setString(i + 1, values.get(i));
        }
        statement.execute();
      }
    }
  }
}
