package io.polystream.source.postgresql;

import io.polystream.source.Partition;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * The SELECT that reads one partition.
 *
 * <p>Where rows may be too large to hold it has a guard: rows above the limit come with NULL in
 * every column of variable width, and three more columns behind the others say so: the 1-based
 * number of the row's widest column (NULL for an ordinary row), and the row's ctid and tableoid. A
 * cheap look at the stored sizes comes first, so ordinary rows are not unpacked for it.
 *
 * @param predicates SQL that must hold, each in its own parentheses and lines
 * @param guardBytes the most text a row may hold, when the rows are guarded
 * @param binary whether values come in binary form, where a type has a simple one
 */
record SelectStatement(
    PostgresTable table,
    List<SelectedColumn> columns,
    List<String> predicates,
    OptionalInt guardBytes,
    boolean binary) {
  /**
   * No compression PostgreSQL has makes a value smaller than this part of it (lz4 255, pglz 91), so
   * a row that is stored smaller needs no closer look.
   */
  private static final int BEST_COMPRESSION = 256;

  SelectStatement {
    columns = List.copyOf(columns);
    predicates = List.copyOf(predicates);
  }

  /** How many columns the statement has: the export's, and the guard's three when there is one. */
  int selectedColumns() {
    return columns.size() + (guardBytes.isPresent() ? 3 : 0);
  }

  String sql(Partition partition, OptionalLong maxRows) {
    return (guardBytes.isPresent() ? guarded(partition) : plain(partition))
        + (maxRows.isPresent() ? " LIMIT " + maxRows.getAsLong() : "");
  }

  private String plain(Partition partition) {
    return "SELECT "
        + joined(i -> selected(i, columns.get(i).expression()), ", ")
        + " FROM "
        + table.quotedName()
        + whereClause(partition);
  }

  private String whereClause(Partition partition) {
    List<String> conditions = new ArrayList<>();
    // A line of its own ends a comment in the predicate.
    predicates.forEach(predicate -> conditions.add("(" + predicate + "\n)"));
    if (partition instanceof Partition.Pages pages) {
      conditions.add("ctid >= '(" + pages.firstPage() + ",0)'::tid");
      conditions.add("ctid < '(" + pages.endPage() + ",0)'::tid");
    }
    return conditions.isEmpty() ? "" : " WHERE " + String.join(" AND ", conditions);
  }

  /**
   * OFFSET 0 keeps the planner from computing the guard, a view's columns or a value inside JSON
   * more than once.
   */
  private String guarded(Partition partition) {
    String address = table.hasPages() ? "ctid, tableoid" : "NULL, NULL";
    String numbered =
        "SELECT "
            + joined(i -> columns.get(i).expression(), ", ")
            + ", "
            + address
            + " FROM "
            + table.quotedName()
            + whereClause(partition)
            + (isComputed() ? " OFFSET 0" : "");
    String names = joined(SelectStatement::alias, ", ");
    String marked =
        "SELECT *, "
            + widest()
            + " AS widest FROM ("
            + numbered
            + ") numbered ("
            + names
            + ", row_address, row_table) OFFSET 0";
    return "SELECT "
        + joined(this::unlessTooLarge, ", ")
        + ", widest::text"
        + ", CASE WHEN widest IS NOT NULL THEN row_address::text END"
        + ", CASE WHEN widest IS NOT NULL THEN row_table::text END FROM ("
        + marked
        + ") marked";
  }

  private boolean isComputed() {
    return !table.hasPages() || columns.stream().anyMatch(SelectedColumn::isComputed);
  }

  private String unlessTooLarge(int column) {
    String value = selected(column, alias(column));
    return columns.get(column).type().fixedWidth()
        ? value
        : "CASE WHEN widest IS NULL THEN " + value + " END";
  }

  /** A cursor has every value as text anyway. */
  private String selected(int column, String value) {
    boolean asText = binary && columns.get(column).type().asText();
    return asText ? columns.get(column).text(value) : value;
  }

  private String widest() {
    int limit = guardBytes.orElseThrow();
    String stored =
        joinedVariable(i -> "coalesce(pg_column_size(" + alias(i) + "), 0)::bigint", " + ");
    String unpacked = joinedVariable(i -> "coalesce(" + octets(i) + ", 0)::bigint", " + ");
    String widths = joinedVariable(i -> "(" + (i + 1) + ", " + octets(i) + ")", ", ");
    return "CASE WHEN "
        + stored
        + " > "
        + limit / BEST_COMPRESSION
        + " AND "
        + unpacked
        + " > "
        + limit
        + " THEN (SELECT number FROM (VALUES "
        + widths
        + ") AS widths (number, width) ORDER BY width DESC NULLS LAST LIMIT 1) END";
  }

  private String octets(int column) {
    return columns.get(column).type().isBytea()
        ? "octet_length(" + alias(column) + ")"
        : "octet_length(" + alias(column) + "::text)";
  }

  private static String alias(int column) {
    return "c" + (column + 1);
  }

  private String joined(IntFunction<String> expression, String delimiter) {
    return IntStream.range(0, columns.size())
        .mapToObj(expression)
        .collect(Collectors.joining(delimiter));
  }

  private String joinedVariable(IntFunction<String> expression, String delimiter) {
    return IntStream.range(0, columns.size())
        .filter(i -> !columns.get(i).type().fixedWidth())
        .mapToObj(expression)
        .collect(Collectors.joining(delimiter));
  }
}
