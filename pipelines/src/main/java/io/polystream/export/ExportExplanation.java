package io.polystream.export;

import io.polystream.error.PolyStreamException;
import io.polystream.source.Consistency;
import io.polystream.source.Estimate;
import io.polystream.source.Partition;
import io.polystream.source.ReadMode;
import io.polystream.source.SourceTable;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What an export would do, found without reading a row. Immutable.
 *
 * @param serverVersion the database's product and version
 * @param columns in the file's order
 * @param consistency what the rows would have in common in time
 * @param problems what the export would fail with, for all that is known before it reads
 */
public record ExportExplanation(
    ExportRequest request,
    String serverVersion,
    SourceTable table,
    List<Column> columns,
    Reading reading,
    Consistency.Level consistency,
    Size size,
    List<String> warnings,
    List<PolyStreamException> problems) {
  /**
   * One column of the file.
   *
   * @param source the table's column, or a path into its JSON
   * @param sqlType of the table's column
   * @param kind how its values are written
   */
  public record Column(
      String source, String target, String sqlType, String kind, boolean nullable) {}

  /**
   * How rows would be read.
   *
   * @param sql the first partition's statement
   * @param partitions how many statements there are
   * @param byPages whether the others differ, in their page numbers; else there is only one
   */
  public record Reading(ReadMode mode, int readers, String sql, int partitions, boolean byPages) {}

  /**
   * Estimates.
   *
   * @param rows by the database's statistics, and no more than may be exported
   * @param bytes of the output before compression, from the table's size or the statistics of its
   *     columns; empty when there is nothing to go by
   * @param isLimited whether there would be more rows without the limit
   */
  public record Size(long rows, OptionalLong bytes, boolean isLimited) {}

  public ExportExplanation {
    columns = List.copyOf(columns);
    warnings = List.copyOf(warnings);
    problems = List.copyOf(problems);
  }

  static ExportExplanation of(ExportPlan plan, Optional<PolyStreamException> outputProblem) {
    List<Partition> partitions = plan.reads().partitions();
    List<PolyStreamException> problems = new ArrayList<>(outputProblem.stream().toList());
    RunnerChoice runner = plan.request().runner();
    if (!runner.isDirect() && plan.reads().ticket().isEmpty()) {
      problems.add(runner.noSharedSnapshot());
    }
    return new ExportExplanation(
        plan.request(),
        plan.serverVersion(),
        plan.table(),
        plan.columns().stream().map(ExportExplanation::column).toList(),
        new Reading(
            plan.reads().mode(),
            plan.lanes().size(),
            plan.reads().sql(partitions.get(0)),
            partitions.size(),
            partitions.get(0) instanceof Partition.Pages),
        plan.consistency().level(),
        size(plan),
        plan.reads().warnings(),
        problems);
  }

  private static Column column(PlannedColumn column) {
    return new Column(
        column.source().name(),
        column.target(),
        column.source().column().sqlType(),
        ExportDocuments.lowerCase(column.source().kind()),
        column.source().nullable());
  }

  private static Size size(ExportPlan plan) {
    Estimate estimate = plan.reads().estimate();
    OptionalLong most = plan.request().maxRows();
    boolean isLimited = most.isPresent() && most.getAsLong() < estimate.rows();
    long rows = isLimited ? most.getAsLong() : estimate.rows();
    return new Size(rows, bytes(plan, rows, estimate.rowBytes()), isLimited);
  }

  /**
   * From the size on disk when all of the table is wanted: it knows of values outside the rows,
   * which the width that the planner has does not.
   */
  private static OptionalLong bytes(ExportPlan plan, long rows, long rowBytes) {
    SourceTable table = plan.table();
    if (readsAllColumns(plan) && table.bytes() >= 0 && table.estimatedRows() > 0) {
      return OptionalLong.of(Math.round((double) table.bytes() * rows / table.estimatedRows()));
    }
    return rowBytes > 0
        ? OptionalLong.of(Math.multiplyExact(rows, rowBytes))
        : OptionalLong.empty();
  }

  private static boolean readsAllColumns(ExportPlan plan) {
    Set<String> read =
        plan.columns().stream()
            .filter(column -> !column.source().isInsideJson())
            .map(column -> column.source().column().name())
            .collect(Collectors.toCollection(HashSet::new));
    return plan.table().columns().stream().allMatch(column -> read.contains(column.name()));
  }
}
