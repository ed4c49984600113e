package io.polystream.export;

import io.polystream.error.ErrorKind;
import io.polystream.error.PolyStreamException;
import io.polystream.source.Catalog;
import io.polystream.source.SourceField;
import io.polystream.source.SourceTable;
import io.polystream.source.TableName;
import java.util.List;
import java.util.Map;

/**
 * Finds out whether a request document fits a table, for a door that has to say so before the
 * export's turn comes. Locks nothing for longer than a glance and reads no rows; what the table is
 * like when the export runs is the plan's business.
 */
public final class RequestCheck {
  private static final String COLUMNS = "/columns";

  private final RequestDocument document;
  private final SourceTable table;
  private final RequestProblems problems = new RequestProblems();

  private RequestCheck(RequestDocument document, SourceTable table) {
    this.document = document;
    this.table = table;
  }

  /**
   * Checks columns, the names they get, the format and the filter.
   *
   * @param document with a format
   * @param what what the document is called in errors
   * @param name what the table is looked up by
   * @param table what was found
   * @throws PolyStreamException of kind {@code CONFIGURATION} with all problems and their JSON
   *     Pointers; as the catalog's when it cannot be asked
   */
  public static void require(
      RequestDocument document, String what, TableName name, SourceTable table, Catalog catalog) {
    RequestCheck check = new RequestCheck(document, table);
    List<SourceField> fields = check.columns();
    if (!fields.isEmpty()) {
      check.select(name, fields, catalog);
    }
    if (!check.problems.areNone()) {
      throw check.problems.toException(what, Map.of());
    }
  }

  private List<SourceField> columns() {
    List<PlannedColumn> columns = PlannedColumn.matching(document.columns(), table, problems);
    if (table.columns().isEmpty()) {
      problems.add("/table", "table " + table.qualifiedName() + " has no columns to export");
    }
    problems.attemptNext(
        COLUMNS,
        () ->
            document
                .format()
                .orElseThrow()
                .encoding(
                    columns.stream().map(PlannedColumn::column).toList(),
                    document.formatOptions()));
    return columns.stream().map(PlannedColumn::source).toList();
  }

  private void select(TableName name, List<SourceField> fields, Catalog catalog) {
    try {
      catalog.requireSelectable(name, fields, document.filter());
    } catch (PolyStreamException e) {
      if (e.kind() != ErrorKind.CONFIGURATION) {
        throw e;
      }
      if (e.problems().isEmpty()) {
        problems.add("/filter", e.getMessage());
      }
      problems.addAll(e.problems());
    }
  }
}
