package io.polystream.export;

import io.polystream.error.PolyStreamException;
import io.polystream.format.Encoding;
import io.polystream.row.Column;
import io.polystream.source.Consistency;
import io.polystream.source.ReadPlan;
import io.polystream.source.ReadRequest;
import io.polystream.source.Snapshot;
import io.polystream.source.SourceField;
import io.polystream.source.SourceTable;
import java.util.List;
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
  /** Of a plan that is made for its problems only. */
  private static final int PARTITION_BYTES = 1 << 30;

  /**
   * @throws io.polystream.error.PolyStreamException of kind {@code CONFIGURATION} when columns, the
   *     format's options for them or the filter do not fit the table, with all that does not,
   *     {@code QUERY} when the database refuses the predicate
   */
  static ExportPlan of(ExportRequest request, Snapshot snapshot) {
    SourceTable table = snapshot.table();
    RequestProblems problems = new RequestProblems();
    List<PlannedColumn> columns =
        PlannedColumn.matching(request.selection().columns(), table, problems);
    Encoding encoding =
        problems
            .attemptNext(
                "", () -> request.format().encoding(targets(columns), request.formatOptions()))
            .orElseThrow(() -> refusal(problems, columns, request, snapshot));
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
    return columns.stream().map(PlannedColumn::column).toList();
  }

  /** The columns as the format sees them. */
  List<Column> targetColumns() {
    return targets(columns);
  }

  /** Also what is wrong with the conditions: whoever mends the columns should not meet it then. */
  private static PolyStreamException refusal(
      RequestProblems problems,
      List<PlannedColumn> found,
      ExportRequest request,
      Snapshot snapshot) {
    // Of columns that nobody asked for the role may have no right to read some.
    List<SourceField> fields =
        found.isEmpty()
            ? snapshot.table().columns().stream().map(SourceField::of).toList()
            : found.stream().map(PlannedColumn::source).toList();
    ExportRequest.Selection selection = request.selection();
    ReadRequest conditions =
        new ReadRequest(fields, selection.filter(), selection.where(), PARTITION_BYTES);
    problems
        .attempt("", () -> snapshot.plan(conditions, request.reading().mode()))
        .ifPresent(ReadPlan::close);
    return problems.toException();
  }

  @Override
  public void close() {
    reads.close();
  }
}
