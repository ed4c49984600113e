package io.polystream.source;

import java.util.List;
import java.util.Optional;

/**
 * What is to be read of a table.
 *
 * @param fields of that table, in the order of the export
 * @param filter conditions as data
 * @param where an SQL predicate, spliced as it is
 */
public record ReadRequest(
    List<SourceField> fields, Optional<Filter> filter, Optional<String> where) {
  public ReadRequest {
    fields = List.copyOf(fields);
    if (fields.isEmpty()) {
      throw new IllegalArgumentException("nothing to read");
    }
  }
}
