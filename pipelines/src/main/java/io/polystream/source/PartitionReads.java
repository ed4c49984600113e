package io.polystream.source;

import io.polystream.error.PolyStreamException;
import java.sql.Connection;
import java.util.OptionalLong;
import java.util.function.Consumer;
import javax.sql.DataSource;

/** Reads partitions in a snapshot. Thread-safe, valid while the {@link Snapshot} is open. */
public interface PartitionReads extends AutoCloseable {
  /**
   * Unpooled connections whose transaction is in the snapshot. Whoever asks for one closes it.
   *
   * @param onFailure told why a connection cannot be had, before it is thrown: what a runner makes
   *     of an exception may come after what follows from it
   */
  DataSource readers(Consumer<PolyStreamException> onFailure);

  /**
   * Starts reading a partition on a connection of {@link #readers}.
   *
   * @param maxRows ends after so many rows, when given
   */
  Rows read(Connection reader, Partition partition, OptionalLong maxRows);

  /** Closes what readers shared. Never throws. */
  @Override
  void close();
}
