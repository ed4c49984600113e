package io.polystream.source.postgresql;

import io.polystream.error.ErrorKind;
import io.polystream.error.PolyStreamException;
import java.net.UnknownHostException;
import java.sql.SQLException;
import java.util.Optional;
import java.util.Set;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

/** Turns what the driver throws into failures that name the thing and the remedy. */
final class SqlFailures {
  /** Names in errcodes.txt: query_canceled, lock_not_available. */
  private static final String CANCELED = "57014";

  static final String NO_LOCK = "55P03";

  /** serialization_failure and deadlock_detected: to a reader, only a standby's replay does it. */
  private static final Set<String> REPLAY_CONFLICTS = Set.of("40001", "40P01");

  /** What the driver says when the server wants a password and there is none. */
  private static final String NO_PASSWORD = "08004";

  private SqlFailures() {}

  static PolyStreamException connecting(String database, SQLException cause) {
    String state = state(cause);
    Optional<PoolerRefusal> pooler = PoolerRefusal.of(cause);
    if (pooler.isPresent()) {
      return new PolyStreamException(
          ErrorKind.CONNECTION,
          "cannot connect to " + database + ": " + text(cause) + "; " + pooler.get().remedy(),
          cause);
    }
    // The driver has one state for whatever it ends the login itself for.
    boolean passwordMissing = state.equals(NO_PASSWORD) && !text(cause).contains("SSL");
    String remedy =
        switch (passwordMissing ? "28" : state.substring(0, 2)) {
          case "28" -> "check the user and the password (--password-file or PGPASSWORD)";
          case "3D" -> "check the database's name";
          case "53" -> "free a connection, or lower --parallelism";
          default ->
              state.equals(NO_PASSWORD)
                  ? "see sslmode in the database URL"
                  : "check that the server runs there and that --db-url is right";
        };
    return new PolyStreamException(
        passwordMissing ? ErrorKind.PASSWORD_MISSING : ErrorKind.CONNECTION,
        "cannot connect to " + database + ": " + text(cause) + "; " + remedy,
        cause);
  }

  /**
   * @param doing such as {@code reading odd.table}
   */
  static PolyStreamException querying(String doing, SQLException cause) {
    Optional<PoolerRefusal> pooler = PoolerRefusal.of(cause);
    if (pooler.isPresent()) {
      return new PolyStreamException(
          pooler.get() == PoolerRefusal.STATEMENT_POOLING ? ErrorKind.CONNECTION : ErrorKind.QUERY,
          "a pooler ended the connection while "
              + doing
              + ": "
              + text(cause)
              + "; "
              + pooler.get().remedy(),
          cause);
    }
    if (REPLAY_CONFLICTS.contains(state(cause))) {
      return new PolyStreamException(
          ErrorKind.QUERY,
          "the standby ended "
              + doing
              + " to go on with the primary's changes: "
              + text(cause)
              + "; raise max_standby_streaming_delay or set hot_standby_feedback = on there, or"
              + " export from the primary",
          cause);
    }
    if (isBrokenConnection(cause)) {
      return new PolyStreamException(
          ErrorKind.QUERY,
          "the connection to the database broke while "
              + doing
              + ": "
              + text(cause)
              + "; see the log of the server, or of the pooler before it, then run the export again",
          cause);
    }
    if (state(cause).equals(NO_LOCK)) {
      return new PolyStreamException(
          ErrorKind.QUERY,
          doing
              + ": another session holds a lock on it; wait for that session or end it, then run"
              + " the export again",
          cause);
    }
    return new PolyStreamException(
        ErrorKind.QUERY,
        "the database refused " + doing + ": " + text(cause) + " (SQLSTATE " + state(cause) + ")",
        cause);
  }

  /**
   * Whether the server said no to a statement, so that another may do: not when somebody made it
   * end, it waited for a lock too long, or the connection broke.
   */
  static boolean isRefusal(SQLException e) {
    String state = state(e);
    return !state.equals(CANCELED) && !state.equals(NO_LOCK) && !isBrokenConnection(e);
  }

  /** Whether there is no connection to be had, now, though others were. */
  static boolean isShortage(SQLException e) {
    return state(e).startsWith("53")
        || PoolerRefusal.of(e).map(PoolerRefusal::isShortage).orElse(false);
  }

  /** Whether it waited for a lock as long as it may. */
  static boolean isLockTimeout(SQLException e) {
    return state(e).equals(NO_LOCK);
  }

  /**
   * Class 08 connection exception, 57P01-57P05 the server ends the session (errcodes.txt). What the
   * server says of class 08 without ending the session is about a statement, as one with {@code $1}
   * in it.
   */
  private static boolean isBrokenConnection(SQLException e) {
    String state = state(e);
    boolean sessionGoesOn =
        e instanceof PSQLException fromDriver
            && fromDriver.getServerErrorMessage() != null
            && "ERROR".equals(fromDriver.getServerErrorMessage().getSeverity());
    return state.startsWith("57P") || (state.startsWith("08") && !sessionGoesOn);
  }

  private static String state(SQLException cause) {
    return cause.getSQLState() == null ? "none" : cause.getSQLState();
  }

  /** The message in one line, with the server's hint and without its position in our statement. */
  static String text(SQLException cause) {
    String message = String.valueOf(cause.getMessage());
    if (cause instanceof PSQLException fromDriver) {
      ServerErrorMessage server = fromDriver.getServerErrorMessage();
      if (server != null && server.getMessage() != null) {
        message = server.getMessage() + (server.getHint() == null ? "" : ": " + server.getHint());
      }
    }
    if (cause.getCause() instanceof UnknownHostException unknown) {
      message = "there is no host " + unknown.getMessage();
    }
    return message.strip().replaceAll("\\s*\\R\\s*", " ").replaceFirst("[.;]+$", "");
  }
}
