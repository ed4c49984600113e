package io.polystream.source;

/**
 * A database that rows are read from. Knows the connections made through it, so that all of them
 * can be cancelled or closed at once; thread-safe. Failures are {@link
 * io.polystream.error.PolyStreamException}: kind {@code CONNECTION} when it cannot be reached,
 * {@code PASSWORD_MISSING} when it asks for a password and there is none, {@code CONFIGURATION}
 * when what is asked for is not there, {@code QUERY} for the rest.
 */
public interface Database extends Catalog {
  /**
   * Begins a snapshot of the table. The caller closes it.
   *
   * @param readers how many will read at once: their connections are opened and the table is locked
   *     by each before there is anything to read, and what they hold together stays bounded
   */
  Snapshot snapshot(TableName name, int readers);

  /**
   * Reads in a snapshot that another process keeps open. The caller closes it, before this.
   *
   * @param ticket from a {@link ReadPlan} of the same kind of database
   */
  PartitionReads join(SnapshotTicket ticket);

  /**
   * Makes the server end every statement of those who joined with the ticket, in whatever process
   * they are. Never throws: they look themselves, later, whether they should stop.
   */
  void cancelReaders(SnapshotTicket ticket);

  /** Makes the server end every statement that runs now. Callable from any thread; never throws. */
  void cancelStatements();

  /** Closes whatever connections are left open. Never throws. */
  @Override
  void close();
}
