package io.polystream.source.postgresql;

import java.sql.SQLException;
import java.util.Arrays;
import java.util.Optional;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

/**
 * What a pooler says for itself when it ends a connection, in PgBouncer's words. It has one
 * SQLSTATE for all of it, one that PostgreSQL keeps for broken clients, and its words are not
 * translated.
 */
enum PoolerRefusal {
  /** It cannot know which server connection such a setting would belong to. */
  STARTUP_PARAMETER(
      "unsupported startup parameter",
      "a pooler is in between: leave options and currentSchema out of the database URL, or name the"
          + " server itself there"),
  /** Each statement may run on another server connection: nothing holds a lock or a snapshot. */
  STATEMENT_POOLING(
      "statement pooling mode",
      "an export is a transaction: have the pooler use pool_mode = transaction or session for this"
          + " database, or name the server itself in the database URL"),
  /** Its own limit of clients. */
  TOO_MANY_CLIENTS(
      "no more connections allowed",
      "free a connection, lower --parallelism, or raise the pooler's max_client_conn"),
  /** No server connection became free in its time. */
  NO_SERVER_CONNECTION(
      "query_wait_timeout",
      "all of the pooler's server connections are taken: lower --parallelism, or raise its"
          + " default_pool_size"),
  /** A reader that waits for its turn does so in a statement. */
  QUERY_TIMEOUT(
      "query timeout", "raise the pooler's query_timeout, or name the server itself in the URL"),
  /** A reader waits in its transaction until all readers are there. */
  IDLE_TRANSACTION(
      "idle transaction timeout",
      "raise the pooler's idle_transaction_timeout, or name the server itself in the URL"),
  UNKNOWN_DATABASE("does not exist", "check the database's name"),
  LOGIN_FAILED(
      "authentication failed", "check the user and the password (--password-file or PGPASSWORD)"),
  UNKNOWN_USER("no such user", "check the user and the password (--password-file or PGPASSWORD)");

  /** Of PostgreSQL: protocol_violation (errcodes.txt). */
  private static final String STATE = "08P01";

  private final String words;
  private final String remedy;

  PoolerRefusal(String words, String remedy) {
    this.words = words;
    this.remedy = remedy;
  }

  /** What a person can do about it: the end of a sentence. */
  String remedy() {
    return remedy;
  }

  static Optional<PoolerRefusal> of(SQLException e) {
    return messageOf(e)
        .flatMap(
            message ->
                Arrays.stream(values()).filter(known -> message.contains(known.words)).findFirst());
  }

  /** Whether it has no connection to give, now. */
  boolean isShortage() {
    return this == TOO_MANY_CLIENTS || this == NO_SERVER_CONNECTION;
  }

  private static Optional<String> messageOf(SQLException e) {
    if (!STATE.equals(e.getSQLState()) || !(e instanceof PSQLException fromDriver)) {
      return Optional.empty();
    }
    return Optional.ofNullable(fromDriver.getServerErrorMessage())
        .map(ServerErrorMessage::getMessage);
  }
}
