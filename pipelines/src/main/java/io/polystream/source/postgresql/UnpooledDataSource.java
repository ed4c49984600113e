package io.polystream.source.postgresql;

import io.polystream.error.PolyStreamException;
import java.io.PrintWriter;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.logging.Logger;
import javax.sql.DataSource;

/**
 * Opens a new connection for every caller. A pool would hand out connections that have asked
 * something already, and those cannot join a snapshot.
 */
final class UnpooledDataSource implements DataSource {
  private final Supplier<Connection> opener;
  private final Consumer<PolyStreamException> onFailure;

  UnpooledDataSource(Supplier<Connection> opener, Consumer<PolyStreamException> onFailure) {
    this.opener = opener;
    this.onFailure = onFailure;
  }

  @Override
  public Connection getConnection() throws SQLException {
    try {
      return opener.get();
    } catch (PolyStreamException e) {
      onFailure.accept(e);
      throw new SQLException(e.getMessage(), e);
    }
  }

  @Override
  public Connection getConnection(String user, String password) throws SQLException {
    throw new SQLFeatureNotSupportedException("the user is fixed");
  }

  @Override
  public PrintWriter getLogWriter() {
    return null;
  }

  @Override
  public void setLogWriter(PrintWriter writer) {}

  @Override
  public void setLoginTimeout(int seconds) throws SQLException {
    throw new SQLFeatureNotSupportedException("the timeout is the URL's connect_timeout");
  }

  /**
   * In seconds: how long a pool that closes waits for its threads, which it has told to end. With 0
   * it would not wait, and warn that they run still.
   */
  @Override
  public int getLoginTimeout() {
    return 1;
  }

  @Override
  public Logger getParentLogger() throws SQLFeatureNotSupportedException {
    throw new SQLFeatureNotSupportedException();
  }

  @Override
  public <T> T unwrap(Class<T> type) throws SQLException {
    throw new SQLException("wraps nothing");
  }

  @Override
  public boolean isWrapperFor(Class<?> type) {
    return false;
  }
}
