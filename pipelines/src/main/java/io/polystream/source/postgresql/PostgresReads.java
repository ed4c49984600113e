package io.polystream.source.postgresql;

import io.polystream.error.PolyStreamException;
import io.polystream.source.Partition;
import io.polystream.source.PartitionReads;
import io.polystream.source.ReadMode;
import io.polystream.source.Rows;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;
import java.util.function.Supplier;
import javax.sql.DataSource;

/** One SELECT over page ranges or over everything, by COPY or by cursor. */
final class PostgresReads implements PartitionReads {
  private final Supplier<Connection> opener;
  private final Statement statement;
  private final OversizeRows oversizeRows;

  /**
   * What is read, and how.
   *
   * @param whyNotInPieces why a row cannot be asked for again, if it cannot
   * @param settings what readers' transactions need first
   * @param readers how many read at once
   */
  record Statement(
      SelectStatement select,
      ReadMode mode,
      Optional<String> whyNotInPieces,
      TransactionSettings settings,
      int readers) {}

  /**
   * @param opener gives connections in the snapshot; whoever gets one closes it
   */
  PostgresReads(Supplier<Connection> opener, Statement statement) {
    this.opener = opener;
    this.statement = statement;
    oversizeRows =
        new OversizeRows(statement.select(), statement.whyNotInPieces(), this::openReader);
  }

  @Override
  public DataSource readers(Consumer<PolyStreamException> onFailure) {
    return new UnpooledDataSource(this::openReader, onFailure);
  }

  private Connection openReader() {
    Connection connection = opener.get();
    try {
      statement.settings().apply(connection);
      return connection;
    } catch (SQLException e) {
      PolyStreamException failure = SqlFailures.querying("beginning to read", e);
      try {
        connection.close();
      } catch (SQLException second) {
        failure.addSuppressed(second);
      }
      throw failure;
    }
  }

  @Override
  public Rows read(Connection reader, Partition partition, OptionalLong maxRows) {
    SelectStatement select = statement.select();
    String sql = select.sql(partition, maxRows);
    String doing =
        "reading "
            + select.table().toSourceTable().qualifiedName()
            + (select.predicates().isEmpty()
                ? ""
                : " where " + String.join(" and ", select.predicates()));
    try {
      return statement.mode() == ReadMode.COPY
          ? new CopyRows(reader, sql, select, oversizeRows, doing)
          : new CursorRows(reader, sql, select, oversizeRows, doing, statement.readers());
    } catch (SQLException e) {
      throw SqlFailures.querying(doing, e);
    }
  }

  @Override
  public void close() {
    oversizeRows.close();
  }
}
