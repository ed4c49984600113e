package io.polystream.source;

import java.util.List;
import java.util.Optional;

/**
 * What is to be read of a table.
 *
 * @param fields of that table, in the order of the export
 * @param filter conditions as data
 * @param where an SQL predicate, spliced as it is
 * @param partitionBytes how large partitions should be, as the database stores them
 */
public record ReadRequest(
    List<SourceField> fields, Optional<Filter> filter, Optional<String> where, int partitionBytes) {
  public ReadRequest {
    fields = List.copyOf(fields);
    if (fields.isEmpty()) {
      throw new IllegalArgumentException("nothing to read");
    }
  }
}
