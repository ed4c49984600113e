package io.polystream.source;

import java.util.List;
import java.util.Optional;

/**
 * What there is to export in a database. Thread-safe. Failures are {@link
 * io.polystream.error.PolyStreamException}, as those of a {@link Database}.
 */
public interface Catalog extends AutoCloseable {
  /** What the role can read, system schemas excluded, ordered by schema and name; no columns. */
  List<SourceTable> tables();

  /** One table or view with its columns. */
  SourceTable describe(TableName name);

  /**
   * Tries on the server, without reading rows, whether the columns can be selected and every
   * condition of the filter fits the table.
   *
   * @param fields of the table, at least one
   * @throws io.polystream.error.PolyStreamException of kind {@code CONFIGURATION} with a problem
   *     for each condition that does not fit; {@code QUERY} when the server refuses to select, as
   *     it does when the role may not read
   */
  void requireSelectable(TableName name, List<SourceField> fields, Optional<Filter> filter);

  /** Asks the server whether it answers. */
  void ping();

  /** The connections of its pool now; none when it has no pool. */
  default Connections connections() {
    return new Connections(0, 0, 0);
  }

  /**
   * What a pool is used for.
   *
   * @param active connections that somebody has
   * @param idle connections that nobody has
   * @param waiting who waits for one
   */
  record Connections(int active, int idle, int waiting) {}

  /** Closes whatever connections are left open. Never throws. */
  @Override
  void close();
}
