package io.polystream.service.catalog;

import io.polystream.error.ErrorKind;
import io.polystream.error.PolyStreamException;
import io.polystream.source.Catalog;
import io.polystream.source.SourceTable;
import io.polystream.source.TableName;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * The tables that the service lets be exported: those of a list, or all that its role can read.
 * Thread-safe.
 */
public final class ExportableTables {
  private final Catalog catalog;
  private final List<TableName> allowed;

  /**
   * @param allowed empty for all
   */
  public ExportableTables(Catalog catalog, List<TableName> allowed) {
    this.catalog = catalog;
    this.allowed = List.copyOf(allowed);
  }

  /** All of them, without columns, ordered by schema and name. */
  public List<SourceTable> list() {
    return catalog.tables().stream().filter(this::isAllowed).toList();
  }

  /**
   * The table that a person means, with its columns; empty when there is none, or it is not one.
   */
  public Optional<SourceTable> find(TableName name) {
    return describe(name)
        .filter(SourceTable::readable)
        .filter(table -> !isSystem(table))
        .filter(this::isAllowed);
  }

  private Optional<SourceTable> describe(TableName name) {
    try {
      return Optional.of(catalog.describe(name));
    } catch (PolyStreamException e) {
      if (e.kind() == ErrorKind.CONFIGURATION) {
        return Optional.empty();
      }
      throw e;
    }
  }

  private static boolean isSystem(SourceTable table) {
    return table.schema().equals("information_schema") || table.schema().startsWith("pg_");
  }

  /** Only the catalog knows which table a name without a schema means. */
  private boolean isAllowed(SourceTable table) {
    return allowed.isEmpty()
        || allowed.stream()
            .filter(name -> endsLike(name, table))
            .flatMap(name -> describe(name).stream())
            .anyMatch(found -> found.qualifiedName().equals(table.qualifiedName()));
  }

  private static boolean endsLike(TableName name, SourceTable table) {
    TableName.Part last = name.parts().get(name.parts().size() - 1);
    return last.name().toLowerCase(Locale.ROOT).equals(table.name().toLowerCase(Locale.ROOT));
  }
}
