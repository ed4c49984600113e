package io.polystream.source.postgresql;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.HikariPoolMXBean;
import io.polystream.error.PolyStreamException;
import io.polystream.source.Catalog;
import io.polystream.source.Filter;
import io.polystream.source.Partition;
import io.polystream.source.PoolSettings;
import io.polystream.source.SourceField;
import io.polystream.source.SourceTable;
import io.polystream.source.TableName;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.function.Supplier;

/** The catalog through connections that are taken for one question each. Thread-safe. */
final class ConnectedCatalog implements Catalog {
  /** How long a question waits for somebody's lock. */
  private static final String LOCK_TIMEOUT = "10s";

  private final String database;
  private final Taker connections;
  private final Supplier<Connections> use;
  private final Runnable closing;

  /** Gives a connection in autocommit mode, which its taker closes. */
  @FunctionalInterface
  interface Taker {
    Connection take() throws SQLException;
  }

  /** Something to ask on a connection. */
  @FunctionalInterface
  private interface Question<T> {
    T ask(Connection connection) throws SQLException;
  }

  private ConnectedCatalog(
      String database, Taker connections, Supplier<Connections> use, Runnable closing) {
    this.database = database;
    this.connections = connections;
    this.use = use;
    this.closing = closing;
  }

  /** Connects for each question. */
  static ConnectedCatalog of(PostgresConnections connections) {
    return new ConnectedCatalog(
        connections.toString(),
        connections::open,
        () -> new Connections(0, 0, 0),
        connections::closeAll);
  }

  /** Keeps connections for a while. */
  static ConnectedCatalog pooled(PostgresConnections connections, PoolSettings settings) {
    HikariConfig config = new HikariConfig();
    config.setPoolName("catalog");
    config.setDataSource(new UnpooledDataSource(connections::open, failure -> {}));
    config.setMaximumPoolSize(settings.mostConnections());
    config.setMinimumIdle(0);
    config.setConnectionTimeout(settings.connectTimeout().toMillis());
    config.setIdleTimeout(settings.idleTimeout().toMillis());
    config.setInitializationFailTimeout(-1);
    config.setAutoCommit(true);
    HikariDataSource pool = new HikariDataSource(config);
    return new ConnectedCatalog(
        connections.toString(),
        pool::getConnection,
        () -> use(pool.getHikariPoolMXBean()),
        () -> {
          pool.close();
          connections.closeAll();
        });
  }

  private static Connections use(HikariPoolMXBean pool) {
    return new Connections(
        pool.getActiveConnections(),
        pool.getIdleConnections(),
        pool.getThreadsAwaitingConnection());
  }

  @Override
  public Connections connections() {
    return use.get();
  }

  @Override
  public List<SourceTable> tables() {
    return ask("listing tables", connection -> new PostgresCatalog(connection).tables());
  }

  @Override
  public SourceTable describe(TableName name) {
    return ask("describing " + name, connection -> table(name, connection).toSourceTable());
  }

  @Override
  public void requireSelectable(TableName name, List<SourceField> fields, Optional<Filter> filter) {
    ask(
        "the query on " + name,
        connection -> {
          PostgresTable table = table(name, connection);
          List<SelectedColumn> columns =
              fields.stream()
                  .map(field -> table.column(field.column().name()).select(field))
                  .toList();
          List<String> predicates = new ArrayList<>();
          try (Statement statement = connection.createStatement()) {
            PostgresConnections.applySettings(statement);
            if (filter.isPresent()) {
              FilterBinder.BoundFilter bound = FilterBinder.bind(filter.get(), table, connection);
              new TransactionSettings("", bound.values()).apply(connection);
              predicates.add(bound.predicate());
            }
            SelectStatement select =
                new SelectStatement(table, columns, predicates, OptionalInt.empty(), true);
            return statement.execute(
                "EXPLAIN " + select.sql(new Partition.Whole(), OptionalLong.empty()));
          }
        });
  }

  @Override
  public void ping() {
    ask(
        "asking for an answer",
        connection -> {
          try (Statement statement = connection.createStatement()) {
            return statement.execute("SELECT 1");
          }
        });
  }

  private static PostgresTable table(TableName name, Connection connection) throws SQLException {
    PostgresCatalog catalog = new PostgresCatalog(connection);
    return catalog.describe(catalog.resolve(name));
  }

  /** In a transaction that does not wait for anybody's lock for long. */
  private <T> T ask(String doing, Question<T> question) {
    try (Connection connection = connections.take()) {
      PostgresConnections.begin(connection, "READ COMMITTED", LOCK_TIMEOUT);
      T answer = question.ask(connection);
      connection.rollback();
      return answer;
    } catch (SQLTransientConnectionException e) {
      throw poolFailure(e);
    } catch (SQLException e) {
      throw SqlFailures.querying(doing, e);
    }
  }

  /** What the last attempt to connect failed with, when the pool has waited in vain. */
  private PolyStreamException poolFailure(SQLTransientConnectionException e) {
    for (Throwable cause = e; cause != null; cause = cause.getCause()) {
      if (cause instanceof PolyStreamException known) {
        return known;
      }
    }
    return SqlFailures.connecting(database, e);
  }

  @Override
  public void close() {
    closing.run();
  }
}
