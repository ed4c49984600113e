package io.polystream.source.postgresql;

import static io.polystream.error.PolyStreamException.configuration;
import static java.util.stream.Collectors.joining;

import io.polystream.error.ErrorKind;
import io.polystream.error.PolyStreamException;
import io.polystream.error.Problem;
import io.polystream.source.Filter;
import io.polystream.source.SourceField;
import io.polystream.source.SourceTable;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Makes SQL of a filter. Names come from the catalog and are quoted; values become parameters that
 * are cast to their column's type, so that an index is used and nothing is ever spliced. Every
 * value and operator is tried on the server before anything is read.
 */
final class FilterBinder {
  /**
   * Each is a setting of every reader's transaction, and their number makes setting one slower. A
   * list of {@code in} is one value.
   */
  static final int MOST_VALUES = 1000;

  private final PostgresTable table;
  private final SourceTable sourceTable;
  private final ColumnConditions columns;
  private final JsonConditions json;
  private final List<Problem> problems = new ArrayList<>();

  private FilterBinder(PostgresTable table, FilterValues values) {
    this.table = table;
    sourceTable = table.toSourceTable();
    columns = new ColumnConditions(values);
    json = new JsonConditions(values);
  }

  /**
   * @param predicate SQL with parameters, see {@link TransactionSettings}
   * @param values of the parameters, in order
   */
  record BoundFilter(String predicate, List<String> values) {
    BoundFilter {
      values = List.copyOf(values);
    }
  }

  /**
   * Binds a filter to a table, on a connection in a transaction with the settings of a reader.
   *
   * @throws PolyStreamException of kind {@code CONFIGURATION} that names every condition that does
   *     not fit the table by its JSON Pointer
   */
  static BoundFilter bind(Filter filter, PostgresTable table, Connection connection)
      throws SQLException {
    FilterValues values = new FilterValues(connection);
    FilterBinder binder = new FilterBinder(table, values);
    String predicate = binder.sql(filter);
    if (!binder.problems.isEmpty()) {
      throw configuration(
          binder.problems.stream().map(Problem::toString).collect(joining("; ")), binder.problems);
    }
    if (values.bound().size() > MOST_VALUES) {
      throw configuration(
          "the filter compares with more than "
              + MOST_VALUES
              + " values: write equal ones as one in, or use --where");
    }
    return new BoundFilter(predicate, values.bound());
  }

  private String sql(Filter filter) throws SQLException {
    if (filter instanceof Filter.And and) {
      return joined(and.filters(), " AND ");
    }
    if (filter instanceof Filter.Or or) {
      return joined(or.filters(), " OR ");
    }
    try {
      return condition((Filter.Condition) filter);
    } catch (PolyStreamException e) {
      if (e.kind() != ErrorKind.CONFIGURATION) {
        throw e;
      }
      problems.add(Problem.of(e.getMessage()));
      return "false";
    }
  }

  private String joined(List<Filter> filters, String operator) throws SQLException {
    List<String> predicates = new ArrayList<>();
    for (Filter filter : filters) {
      predicates.add("(" + sql(filter) + ")");
    }
    return String.join(operator, predicates);
  }

  private String condition(Filter.Condition condition) throws SQLException {
    SourceField field = field(condition);
    PostgresColumn column = table.column(field.column().name());
    return field.isInsideJson()
        ? json.sql(column, field.keys(), condition)
        : columns.sql(column, condition);
  }

  private SourceField field(Filter.Condition condition) {
    String pointer = condition.pointer() + "/column: ";
    Optional<SourceField> found;
    try {
      found = sourceTable.field(condition.column());
    } catch (PolyStreamException e) {
      throw configuration(pointer + e.getMessage());
    }
    return found.orElseThrow(
        () ->
            configuration(
                pointer
                    + "table "
                    + sourceTable.qualifiedName()
                    + " has no column "
                    + condition.column()));
  }
}
