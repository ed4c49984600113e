package io.polystream.source.postgresql;

import static io.polystream.error.PolyStreamException.configuration;

import io.polystream.source.DatabaseUrl;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashSet;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.postgresql.Driver;
import org.postgresql.PGConnection;
import org.postgresql.PGProperty;
import org.postgresql.jdbc.SslMode;
import org.postgresql.util.PSQLState;

/**
 * Opens connections, unpooled, with the settings that make values come in one spelling, and
 * remembers them so that all can be cancelled. Thread-safe.
 */
final class PostgresConnections {
  private static final String APPLICATION_NAME = PGProperty.APPLICATION_NAME.getName();

  /** Names of libpq's URL parameters that the driver calls otherwise. */
  private static final Map<String, String> LIBPQ_NAMES =
      Map.of(
          "connect_timeout", PGProperty.CONNECT_TIMEOUT.getName(),
          "application_name", APPLICATION_NAME,
          "keepalives", PGProperty.TCP_KEEP_ALIVE.getName(),
          "target_session_attrs", PGProperty.TARGET_SERVER_TYPE.getName(),
          "channel_binding", PGProperty.CHANNEL_BINDING.getName());

  /**
   * For the length of one transaction, so that a transaction pooler's next client is not touched.
   * As pg_dump does, the limits a role has for its short statements are lifted; waiting for a lock
   * is not without end. Rows come in the same order each time: from parallel workers they do not.
   */
  private static final String TRANSACTION_SETTINGS =
      """
      SELECT set_config(name, value, true)
        FROM (VALUES ('TimeZone', 'UTC'), ('DateStyle', 'ISO, YMD'), ('IntervalStyle', 'iso_8601'),
                     ('bytea_output', 'hex'), ('extra_float_digits', '3'), ('xmlbinary', 'base64'),
                     ('statement_timeout', '0'), ('lock_timeout', '60s'),
                     ('idle_in_transaction_session_timeout', '0'), ('transaction_timeout', '0'),
                     ('jit', 'off'), ('synchronize_seqscans', 'off'), ('enable_tidscan', 'on'),
                     ('max_parallel_workers_per_gather', '0'), ('quote_all_identifiers', 'off')) AS wanted (name, value)
       WHERE current_setting(name, true) IS NOT NULL""";

  /** A host that does not answer at all, and one that takes the connection and says nothing. */
  private static final String CONNECT_SECONDS = "10";

  private static final String LOGIN_SECONDS = "20";

  /** The first version with the setting. */
  private static final int TRANSACTION_TIMEOUT_VERSION = 17;

  private final DatabaseUrl url;
  private final String applicationName;
  private final Set<Connection> opened;

  /** Who waits for a server to let them in; guarded by itself. */
  private final Set<Thread> connecting;

  PostgresConnections(DatabaseUrl url) {
    this(
        url,
        url.parameters().entrySet().stream()
            .filter(
                given ->
                    LIBPQ_NAMES
                        .getOrDefault(given.getKey(), given.getKey())
                        .equals(APPLICATION_NAME))
            .map(Map.Entry::getValue)
            .findFirst()
            .orElse("polystream"),
        ConcurrentHashMap.newKeySet(),
        new HashSet<>());
  }

  private PostgresConnections(
      DatabaseUrl url, String applicationName, Set<Connection> opened, Set<Thread> connecting) {
    this.url = url;
    this.applicationName = applicationName;
    this.opened = opened;
    this.connecting = connecting;
  }

  /** The same connections; those it opens have another name in the server's list of sessions. */
  PostgresConnections named(String sessionName) {
    return new PostgresConnections(url, sessionName, opened, connecting);
  }

  /** What connections are called in the server's list of sessions. */
  String applicationName() {
    return applicationName;
  }

  /**
   * Connects, in autocommit mode.
   *
   * @throws io.polystream.error.PolyStreamException of kind {@code CONNECTION}, or {@code
   *     CONFIGURATION} for what no server could be reached with
   */
  Connection open() {
    Properties properties = new Properties();
    url.parameters().forEach((name, value) -> properties.setProperty(driverName(name), value));
    requireKnownSslMode(properties);
    url.user().ifPresent(user -> properties.setProperty(PGProperty.USER.getName(), user));
    url.password().ifPresent(word -> properties.setProperty(PGProperty.PASSWORD.getName(), word));
    properties.setProperty(APPLICATION_NAME, applicationName);
    // libpq's connect_timeout is over when the login is done, the driver's when there is a socket.
    properties.putIfAbsent(
        PGProperty.LOGIN_TIMEOUT.getName(),
        properties.getProperty(PGProperty.CONNECT_TIMEOUT.getName(), LOGIN_SECONDS));
    properties.putIfAbsent(PGProperty.CONNECT_TIMEOUT.getName(), CONNECT_SECONDS);
    properties.putIfAbsent(PGProperty.TCP_KEEP_ALIVE.getName(), "true");
    properties.putIfAbsent(PGProperty.SOCKET_FACTORY.getName(), BufferedSockets.class.getName());
    // One read with a timeout would make every later one three system calls: the login's timeout
    // has to do for this step.
    properties.setProperty(PGProperty.SSL_RESPONSE_TIMEOUT.getName(), "0");
    // A cursor's cells come as text, and no statement outlives its transaction on a pooler.
    properties.setProperty(PGProperty.BINARY_TRANSFER.getName(), "false");
    properties.setProperty(PGProperty.PREPARE_THRESHOLD.getName(), "0");
    // Settings go with the login, not by a SET after it, which a transaction pooler would have to
    // find a server connection for.
    properties.putIfAbsent(PGProperty.ASSUME_MIN_SERVER_VERSION.getName(), "12");
    try {
      Connection connection = connect(properties);
      if (connection == null) {
        throw configuration("the database URL's host \"" + url.hosts() + "\" is not host:port");
      }
      opened.removeIf(PostgresConnections::isClosed);
      opened.add(connection);
      return connection;
    } catch (SQLException e) {
      throw SqlFailures.connecting(url.toString(), e);
    }
  }

  /** The driver says so, too, but as of a server that cannot be reached. */
  private static void requireKnownSslMode(Properties properties) {
    String given = properties.getProperty(PGProperty.SSL_MODE.getName());
    if (given != null
        && Stream.of(SslMode.values()).noneMatch(mode -> mode.value.equalsIgnoreCase(given))) {
      throw configuration(
          "the database URL's sslmode \""
              + given
              + "\" is none: write "
              + Stream.of(SslMode.values())
                  .map(mode -> mode.value)
                  .collect(Collectors.joining(", ")));
    }
  }

  private Connection connect(Properties properties) throws SQLException {
    Thread self = Thread.currentThread();
    synchronized (connecting) {
      connecting.add(self);
    }
    try {
      return new Driver()
          .connect("jdbc:postgresql://" + url.hosts() + "/" + database(), properties);
    } catch (RuntimeException e) {
      // What the driver makes of an interrupt.
      throw new SQLException(e.getMessage(), PSQLState.CONNECTION_UNABLE_TO_CONNECT.getState(), e);
    } finally {
      boolean interruptedByUs;
      synchronized (connecting) {
        interruptedByUs = !connecting.remove(self);
      }
      if (interruptedByUs) {
        // It has done its work, and what comes next is cleaning up.
        Thread.interrupted();
      }
    }
  }

  /**
   * Makes the server end whatever statement runs on any of the connections, and whoever is about to
   * connect give up. Never throws.
   */
  void cancelStatements() {
    synchronized (connecting) {
      connecting.forEach(Thread::interrupt);
      connecting.clear();
    }
    for (Connection connection : opened) {
      try {
        if (!connection.isClosed()) {
          connection.unwrap(PGConnection.class).cancelQuery();
        }
      } catch (SQLException gone) {
        // A connection that cannot be asked to cancel runs nothing any more.
      }
    }
  }

  /** Cuts the connections that are still open, whoever uses them. Never throws. */
  void closeAll() {
    for (Connection connection : opened) {
      try {
        connection.abort(Runnable::run);
      } catch (SQLException gone) {
        // It is as closed as it can be.
      }
    }
    opened.clear();
  }

  private static boolean isClosed(Connection connection) {
    try {
      return connection.isClosed();
    } catch (SQLException broken) {
      return true;
    }
  }

  private String database() {
    return java.net.URLEncoder.encode(url.database(), java.nio.charset.StandardCharsets.UTF_8)
        .replace("+", "%20");
  }

  private static String driverName(String parameter) {
    String name = LIBPQ_NAMES.getOrDefault(parameter, parameter);
    if (PGProperty.forName(name) == null) {
      throw configuration(
          "the database URL has a parameter \""
              + parameter
              + "\" that the driver does not know: take it out, or see the parameters of the"
              + " PostgreSQL JDBC driver");
    }
    return name;
  }

  /**
   * Begins a read-only transaction that the role's own limits do not end. None of it is a query, so
   * the snapshot is still to be taken. Before anything else, for a standby refuses queries under a
   * role's {@code default_transaction_isolation = serializable}.
   */
  static void begin(Connection connection, String isolation, String lockTimeout)
      throws SQLException {
    connection.setAutoCommit(false);
    boolean limitsTransactions =
        connection.getMetaData().getDatabaseMajorVersion() >= TRANSACTION_TIMEOUT_VERSION;
    try (Statement statement = connection.createStatement()) {
      statement.execute(
          "SET TRANSACTION ISOLATION LEVEL "
              + isolation
              + " READ ONLY; SET LOCAL statement_timeout = 0;"
              + " SET LOCAL idle_in_transaction_session_timeout = 0; SET LOCAL lock_timeout = "
              + Sql.literal(lockTimeout)
              + (limitsTransactions ? "; SET LOCAL transaction_timeout = 0" : ""));
    }
  }

  /**
   * The settings of one transaction: the first query of it, so it fixes the snapshot if none is.
   */
  static void applySettings(Statement statement) throws SQLException {
    statement.execute(TRANSACTION_SETTINGS);
  }

  @Override
  public String toString() {
    return url.toString();
  }
}
