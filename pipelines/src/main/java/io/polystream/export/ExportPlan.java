package io.polystream.export;

import static io.polystream.error.PolyStreamException.configuration;

import io.polystream.error.PolyStreamException;
import io.polystream.format.Encoding;
import io.polystream.row.Column;
import io.polystream.source.Consistency;
import io.polystream.source.ReadPlan;
import io.polystream.source.ReadRequest;
import io.polystream.source.Snapshot;
import io.polystream.source.SourceColumn;
import io.polystream.source.SourceField;
import io.polystream.source.SourceTable;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * What a request means in a database: columns with their types, statements, partitions in order,
 * lanes. Valid while its snapshot is open; thread-safe.
 *
 * @param columns what each column of the file is read from, in order
 * @param lanes at most one per reader, and no more than there are partitions
 */
record ExportPlan(
    ExportRequest request,
    SourceTable table,
    Consistency consistency,
    String serverVersion,
    List<PlannedColumn> columns,
    Encoding encoding,
    ReadPlan reads,
    List<Lane> lanes)
    implements AutoCloseable {
  /**
   * @param target what it is called in the file
   */
  record PlannedColumn(SourceField source, String target) {}

  /**
   * @throws io.polystream.error.PolyStreamException of kind {@code CONFIGURATION} when a column is
   *     not there, {@code QUERY} when the database refuses the predicate
   */
  static ExportPlan of(ExportRequest request, Snapshot snapshot) {
    SourceTable table = snapshot.table();
    List<PlannedColumn> columns = resolve(request.selection().columns(), table);
    Encoding encoding = request.format().encoding(targets(columns), request.formatOptions());
    ReadPlan reads =
        snapshot.plan(
            new ReadRequest(
                columns.stream().map(PlannedColumn::source).toList(),
                request.selection().filter(),
                request.selection().where(),
                encoding.partBytes()),
            request.reading().mode());
    int readers = Math.min(request.reading().parallelism(), reads.mostReaders());
    int lanes = Math.min(readers, reads.partitions().size());
    return new ExportPlan(
        request,
        table,
        snapshot.consistency(),
        snapshot.serverVersion(),
        columns,
        encoding,
        reads,
        IntStream.range(0, lanes).mapToObj(i -> new Lane(i, lanes)).toList());
  }

  private static List<Column> targets(List<PlannedColumn> columns) {
    return columns.stream()
        .map(column -> new Column(column.target(), column.source().type()))
        .toList();
  }

  /** The columns as the format sees them. */
  List<Column> targetColumns() {
    return targets(columns);
  }

  private static List<PlannedColumn> resolve(List<ColumnSelection> wanted, SourceTable table) {
    if (wanted.isEmpty()) {
      return table.columns().stream()
          .map(column -> new PlannedColumn(SourceField.of(column), column.name()))
          .toList();
    }
    List<PlannedColumn> columns = new ArrayList<>();
    List<String> problems = new ArrayList<>();
    // By where they were written, which is one place for all that come from a flag.
    Map<String, Set<String>> unknown = new LinkedHashMap<>();
    for (ColumnSelection selection : wanted) {
      String place = selection.pointer().isEmpty() ? "" : selection.pointer() + ": ";
      try {
        table
            .field(selection.source())
            .ifPresentOrElse(
                found ->
                    columns.add(new PlannedColumn(found, selection.target().orElse(found.name()))),
                () ->
                    unknown
                        .computeIfAbsent(place, none -> new LinkedHashSet<>())
                        .add(selection.source().text()));
      } catch (PolyStreamException e) {
        problems.add(place + e.getMessage());
      }
    }
    unknown.forEach(
        (place, names) ->
            problems.add(
                place
                    + "table "
                    + table.qualifiedName()
                    + " has no column "
                    + String.join(", ", names)));
    if (!problems.isEmpty()) {
      throw configuration(
          String.join("; ", problems) + (unknown.isEmpty() ? "" : ": it has " + names(table)));
    }
    requireDistinctTargets(columns, wanted);
    return List.copyOf(columns);
  }

  private static String names(SourceTable table) {
    return table.columns().stream().map(SourceColumn::name).collect(Collectors.joining(", "));
  }

  /**
   * @param wanted what each column was asked for by
   */
  private static void requireDistinctTargets(
      List<PlannedColumn> columns, List<ColumnSelection> wanted) {
    Set<String> targets = new HashSet<>();
    for (int i = 0; i < columns.size(); i++) {
      String target = columns.get(i).target();
      if (!targets.add(target)) {
        String pointer = wanted.get(i).pointer();
        throw configuration(
            pointer.isEmpty()
                ? "columns: two columns are called \""
                    + target
                    + "\" in the file: rename one with source:target"
                : pointer
                    + ": another column is called \""
                    + target
                    + "\" in the file, too: give this one a target of its own");
      }
    }
  }

  @Override
  public void close() {
    reads.close();
  }
}
