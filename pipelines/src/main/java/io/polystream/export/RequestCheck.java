package io.polystream.export;

import io.polystream.error.ErrorKind;
import io.polystream.error.PolyStreamException;
import io.polystream.row.Column;
import io.polystream.source.Catalog;
import io.polystream.source.SourceColumn;
import io.polystream.source.SourceField;
import io.polystream.source.SourceTable;
import io.polystream.source.TableName;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

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
    List<SourceField> fields = new ArrayList<>();
    List<Column> columns = new ArrayList<>();
    if (document.columns().isEmpty()) {
      for (SourceColumn column : table.columns()) {
        fields.add(SourceField.of(column));
        columns.add(new Column(column.name(), column.type()));
      }
    }
    Map<String, String> targets = new HashMap<>();
    for (int i = 0; i < document.columns().size(); i++) {
      ColumnSelection selection = document.columns().get(i);
      String pointer = RequestProblems.below(COLUMNS, i);
      field(selection, pointer)
          .ifPresent(
              field -> {
                fields.add(field);
                columns.add(new Column(target(selection, field, pointer, targets), field.type()));
              });
    }
    if (problems.areNone()) {
      problems.attempt(
          COLUMNS,
          () -> document.format().orElseThrow().encoding(columns, document.formatOptions()));
    }
    return fields;
  }

  private Optional<SourceField> field(ColumnSelection selection, String columnPointer) {
    String pointer = RequestProblems.below(columnPointer, "source");
    try {
      Optional<SourceField> field = table.field(selection.source());
      if (field.isEmpty()) {
        problems.add(
            pointer, "table " + table.qualifiedName() + " has no column " + selection.source());
      }
      return field;
    } catch (PolyStreamException e) {
      problems.add(pointer, e.getMessage());
      return Optional.empty();
    }
  }

  /**
   * @param targets those of the columns before, with their pointers
   */
  private String target(
      ColumnSelection selection, SourceField field, String pointer, Map<String, String> targets) {
    String target = selection.target().orElse(field.name());
    String earlier = targets.putIfAbsent(target, pointer);
    if (earlier != null) {
      problems.add(
          pointer, "\"" + target + "\" is what " + earlier + " is called, too: give it a target");
    }
    return target;
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
