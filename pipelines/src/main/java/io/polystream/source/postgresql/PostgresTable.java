package io.polystream.source.postgresql;

import static io.polystream.error.PolyStreamException.configuration;

import io.polystream.source.SourceTable;
import io.polystream.source.TableKind;
import java.io.Serializable;
import java.util.List;

/**
 * A relation of the catalog.
 *
 * @param leaves what has storage of its own below it, itself included; empty for a view
 */
record PostgresTable(
    long oid,
    String schema,
    String name,
    TableKind kind,
    List<PostgresColumn> columns,
    List<Leaf> leaves,
    Access access)
    implements Serializable {
  private static final long serialVersionUID = 1L;

  /**
   * @param rows the planner's estimate, -1 when never analyzed
   * @param hasLargeValues whether any value lies outside its row (TOAST)
   */
  record Leaf(TableKind kind, long pages, long bytes, long rows, boolean hasLargeValues)
      implements Serializable {
    private static final long serialVersionUID = 1L;
  }

  /**
   * What the role sees.
   *
   * @param rowSecurity whether policies hide rows from it
   * @param systemColumns whether it may read the rows' addresses: not with rights on columns alone
   * @param readable whether it may read any column
   */
  record Access(boolean rowSecurity, boolean systemColumns, boolean readable)
      implements Serializable {
    private static final long serialVersionUID = 1L;
  }

  PostgresTable {
    columns = List.copyOf(columns);
    leaves = List.copyOf(leaves);
  }

  String quotedName() {
    return Sql.qualified(schema, name);
  }

  PostgresColumn column(String wanted) {
    return columns.stream()
        .filter(column -> column.name().equals(wanted))
        .findFirst()
        .orElseThrow(
            () -> configuration("table " + schema + "." + name + " has no column " + wanted));
  }

  /** Whether its rows lie on pages that ctid ranges reach: everything below it has storage here. */
  boolean hasPages() {
    return access.systemColumns()
        && !leaves.isEmpty()
        && leaves.stream().noneMatch(leaf -> leaf.kind() == TableKind.FOREIGN_TABLE);
  }

  boolean hasLargeValues() {
    return !hasPages() || leaves.stream().anyMatch(Leaf::hasLargeValues);
  }

  long bytes() {
    return leaves.isEmpty() ? -1 : leaves.stream().mapToLong(Leaf::bytes).sum();
  }

  long estimatedRows() {
    boolean known = !leaves.isEmpty() && leaves.stream().allMatch(leaf -> leaf.rows() >= 0);
    return known ? leaves.stream().mapToLong(Leaf::rows).sum() : -1;
  }

  SourceTable toSourceTable() {
    return new SourceTable(
        schema,
        name,
        kind,
        estimatedRows(),
        bytes(),
        access.readable(),
        columns.stream().map(PostgresColumn::toSourceColumn).toList());
  }
}
