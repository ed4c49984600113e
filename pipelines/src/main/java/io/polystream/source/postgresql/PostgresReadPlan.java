package io.polystream.source.postgresql;

import io.polystream.error.PolyStreamException;
import io.polystream.source.Estimate;
import io.polystream.source.Partition;
import io.polystream.source.ReadMode;
import io.polystream.source.ReadPlan;
import io.polystream.source.Rows;
import io.polystream.source.SnapshotTicket;
import java.sql.Connection;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;
import javax.sql.DataSource;

/** A statement with the partitions it is for. */
final class PostgresReadPlan implements ReadPlan {
  private final SnapshotReaders connections;
  private final PostgresReads.Statement statement;
  private final PostgresReads reads;
  private final List<Partition> partitions;
  private final Estimate estimate;
  private final List<String> warnings;

  PostgresReadPlan(
      SnapshotReaders connections,
      PostgresReads.Statement statement,
      List<Partition> partitions,
      Estimate estimate,
      List<String> warnings) {
    this.connections = connections;
    this.statement = statement;
    this.partitions = List.copyOf(partitions);
    this.estimate = estimate;
    this.warnings = List.copyOf(warnings);
    reads = new PostgresReads(connections::take, statement);
  }

  @Override
  public List<Partition> partitions() {
    return partitions;
  }

  @Override
  public ReadMode mode() {
    return statement.mode();
  }

  @Override
  public String sql(Partition partition) {
    return statement.select().sql(partition, OptionalLong.empty());
  }

  @Override
  public Estimate estimate() {
    return estimate;
  }

  @Override
  public List<String> warnings() {
    return warnings;
  }

  @Override
  public int mostReaders() {
    return statement.readers();
  }

  @Override
  public Optional<SnapshotTicket> ticket() {
    return connections
        .shared()
        .map(snapshot -> PostgresTicket.of(snapshot, connections.applicationName(), statement));
  }

  @Override
  public DataSource readers(Consumer<PolyStreamException> onFailure) {
    return reads.readers(onFailure);
  }

  @Override
  public Rows read(Connection reader, Partition partition, OptionalLong maxRows) {
    return reads.read(reader, partition, maxRows);
  }

  @Override
  public void close() {
    reads.close();
  }
}
