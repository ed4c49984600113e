package io.polystream.source;

/**
 * One moment of a table, kept for its readers until it is closed: a coordinating connection holds
 * the transaction, and locks out whatever would take rows away from readers without an error. Not
 * thread-safe.
 */
public interface Snapshot extends AutoCloseable {
  /** The table under the lock: its columns cannot change any more. */
  SourceTable table();

  Consistency consistency();

  /** The database's product and version, for the manifest. */
  String serverVersion();

  /**
   * Decides how the rows are read and checks the statement with the database.
   *
   * @param request of {@link #table}
   * @throws io.polystream.error.PolyStreamException of kind {@code CONFIGURATION} when a condition
   *     of the filter does not fit its column, with a JSON Pointer to each that does not
   */
  ReadPlan plan(ReadRequest request, ReadMode mode);

  /** Ends the transaction and frees the lock. Never throws: a broken connection holds neither. */
  @Override
  void close();
}
