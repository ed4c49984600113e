package io.polystream.source;

import static io.polystream.error.PolyStreamException.configuration;

import io.polystream.row.Kind;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * What is read: a table or a view, as the catalog has it.
 *
 * @param estimatedRows from the database's statistics; -1 when it has none
 * @param bytes on disk, indexes not counted; -1 for what has no storage
 * @param readable whether the role may read any column of it
 * @param columns in the table's order
 */
public record SourceTable(
    String schema,
    String name,
    TableKind kind,
    long estimatedRows,
    long bytes,
    boolean readable,
    List<SourceColumn> columns) {
  public SourceTable {
    columns = List.copyOf(columns);
  }

  /**
   * What a person means by a column: the column whose name is the whole text, dots included, else
   * the one that the longest part of it names, and a way into that column's JSON. A name is taken
   * as it is written first, then folded to lower case unless it was quoted.
   *
   * @return empty when there is no such column
   * @throws io.polystream.error.PolyStreamException of kind {@code CONFIGURATION} when a path leads
   *     into a column that has no JSON
   */
  public Optional<SourceField> field(ColumnPath path) {
    List<ColumnPath.Name> names = path.names();
    for (int count = names.size(); count > 0; count--) {
      Optional<SourceColumn> found = joined(names.subList(0, count)).flatMap(this::column);
      if (found.isPresent()) {
        List<String> keys =
            names.subList(count, names.size()).stream().map(ColumnPath.Name::text).toList();
        return Optional.of(
            keys.isEmpty() ? SourceField.of(found.get()) : inside(found.get(), path, keys));
      }
    }
    return Optional.empty();
  }

  /** One name of several: with dots between them, unless quotes say where it ends. */
  private static Optional<ColumnPath.Name> joined(List<ColumnPath.Name> names) {
    if (names.size() == 1) {
      return Optional.of(names.get(0));
    }
    return names.stream().anyMatch(ColumnPath.Name::quoted)
        ? Optional.empty()
        : Optional.of(
            new ColumnPath.Name(
                names.stream().map(ColumnPath.Name::text).collect(Collectors.joining(".")), false));
  }

  private Optional<SourceColumn> column(ColumnPath.Name name) {
    return named(name.text()).or(() -> named(name.folded()));
  }

  private Optional<SourceColumn> named(String wanted) {
    return columns.stream().filter(column -> column.name().equals(wanted)).findFirst();
  }

  private SourceField inside(SourceColumn column, ColumnPath path, List<String> keys) {
    if (column.kind() != Kind.JSON) {
      throw configuration(
          path
              + ": column \""
              + column.name()
              + "\" of "
              + qualifiedName()
              + " is "
              + column.sqlType()
              + ", and only json and jsonb have values inside");
    }
    return new SourceField(path.text(), column, keys);
  }

  /** {@code schema.name}: what messages call it. */
  public String qualifiedName() {
    return schema + "." + name;
  }
}
