package io.polystream.export;

import io.polystream.error.PolyStreamException;
import io.polystream.row.Column;
import io.polystream.source.SourceColumn;
import io.polystream.source.SourceField;
import io.polystream.source.SourceTable;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * A column of the file.
 *
 * @param source what it is read from
 * @param target what it is called in the file
 */
record PlannedColumn(SourceField source, String target) {
  /** A table has up to 1,600 columns, which no one reads. */
  private static final int MOST_NAMED = 50;

  /** As a format sees it. */
  Column column() {
    return new Column(target, source.type());
  }

  /**
   * Finds what a selection asks for in a table; all of the table's columns when it asks for none.
   *
   * @param problems gets what is not there, and what is called as another: if it gets any, the
   *     result is not to be used
   */
  static List<PlannedColumn> matching(
      List<ColumnSelection> wanted, SourceTable table, RequestProblems problems) {
    if (wanted.isEmpty()) {
      return table.columns().stream()
          .map(column -> new PlannedColumn(SourceField.of(column), column.name()))
          .toList();
    }
    List<PlannedColumn> columns = new ArrayList<>();
    // By where they were written, which is one place for all that come from a flag.
    Map<String, Set<String>> unknown = new LinkedHashMap<>();
    Map<String, String> targets = new HashMap<>();
    for (ColumnSelection selection : wanted) {
      String pointer = selection.pointer();
      try {
        table
            .field(selection.source())
            .ifPresentOrElse(
                found -> {
                  String target = selection.target().orElse(found.name());
                  columns.add(new PlannedColumn(found, target));
                  String place = RequestProblems.parent(pointer);
                  String earlier = targets.putIfAbsent(target, place);
                  if (earlier != null) {
                    problems.add(place, sameName(target, earlier));
                  }
                },
                () ->
                    unknown
                        .computeIfAbsent(pointer, none -> new LinkedHashSet<>())
                        .add(selection.source().text()));
      } catch (PolyStreamException e) {
        problems.add(pointer, e.getMessage());
      }
    }
    Iterator<Map.Entry<String, Set<String>>> rest = unknown.entrySet().iterator();
    while (rest.hasNext()) {
      Map.Entry<String, Set<String>> entry = rest.next();
      String problem =
          "table "
              + table.qualifiedName()
              + " has no column "
              + String.join(", ", entry.getValue());
      problems.add(entry.getKey(), rest.hasNext() ? problem : problem + ": it has " + names(table));
    }
    return columns;
  }

  private static String names(SourceTable table) {
    List<SourceColumn> columns = table.columns();
    int more = columns.size() - MOST_NAMED;
    return columns.stream()
            .limit(MOST_NAMED)
            .map(SourceColumn::name)
            .collect(Collectors.joining(", "))
        + (more > 0 ? ", and " + more + " more" : "");
  }

  /**
   * @param earlier the pointer to the column that has the name, empty when there is none
   */
  private static String sameName(String target, String earlier) {
    return earlier.isEmpty()
        ? "columns: two columns are called \""
            + target
            + "\" in the file: rename one with source:target"
        : "\""
            + target
            + "\" is what "
            + earlier
            + " is called in the file, too: give this one a target of its own";
  }
}
