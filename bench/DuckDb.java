import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/** Runs a statement in DuckDB, whose driver is on the class path, and prints the first column. */
final class DuckDb {
  public static void main(String[] args) throws SQLException {
    try (Connection connection = DriverManager.getConnection("jdbc:duckdb:");
        Statement statement = connection.createStatement()) {
      if (statement.execute(args[0])) {
        try (ResultSet rows = statement.getResultSet()) {
          while (rows.next()) {
            System.out.println(rows.getString(1));
          }
        }
      }
    }
  }
}
