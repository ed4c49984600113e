package io.polystream.source;

import java.util.List;
import java.util.Optional;

/**
 * How the rows of one snapshot are read: statements, partitions, connections. Immutable,
 * thread-safe, valid while its {@link Snapshot} is open.
 */
public interface ReadPlan extends PartitionReads {
  /** In the order of the file; never empty. */
  List<Partition> partitions();

  /** What was chosen, {@link ReadMode#COPY} or {@link ReadMode#CURSOR}. */
  ReadMode mode();

  /** The statement of one partition, for people. */
  String sql(Partition partition);

  /** What the database expects all partitions together to give. */
  Estimate estimate();

  /** What a person should know before relying on the result: one sentence each. */
  List<String> warnings();

  /** How many can read at once: fewer than were asked for, when the database gives no more. */
  int mostReaders();

  /**
   * What other processes need to read as this plan does; empty when only this one can, because the
   * database shares no snapshot.
   */
  Optional<SnapshotTicket> ticket();
}
