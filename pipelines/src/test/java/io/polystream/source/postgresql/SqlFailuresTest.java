package io.polystream.source.postgresql;

import static org.assertj.core.api.Assertions.assertThat;

import io.polystream.error.ErrorKind;
import io.polystream.error.PolyStreamException;
import java.sql.SQLException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

class SqlFailuresTest {
  @ParameterizedTest
  @CsvSource({
    "28P01, check the user and the password (--password-file or PGPASSWORD)",
    "28000, check the user and the password (--password-file or PGPASSWORD)",
    "08004, check the user and the password (--password-file or PGPASSWORD)",
    "3D000, check the database's name",
    "53300, 'free a connection, or lower --parallelism'",
    "08001, check that the server runs there and that --db-url is right",
    ", check that the server runs there and that --db-url is right"
  })
  void aFailedLoginNamesTheRemedy(String state, String remedy) {
    SQLException cause = new SQLException("FATAL: no", state);
    PolyStreamException failure = SqlFailures.connecting("h:5432/d as me", cause);
    assertThat(failure.kind())
        .isEqualTo("08004".equals(state) ? ErrorKind.PASSWORD_MISSING : ErrorKind.CONNECTION);
    assertThat(failure)
        .hasMessage("cannot connect to h:5432/d as me: FATAL: no; " + remedy)
        .hasCause(cause);
  }

  /** The driver has the state of a missing password for it. */
  @Test
  void noTlsIsNoMissingPassword() {
    PolyStreamException failure =
        SqlFailures.connecting(
            "h:5432/d", new SQLException("The server does not support SSL.", "08004"));
    assertThat(failure.kind()).isEqualTo(ErrorKind.CONNECTION);
    assertThat(failure).hasMessageEndingWith("; see sslmode in the database URL");
  }

  @ParameterizedTest
  @CsvSource({"08006", "08003", "57P01", "57P02"})
  void aBrokenConnectionIsAFailedQuery(String state) {
    PolyStreamException failure =
        SqlFailures.querying("reading a.b", new SQLException("terminating", state));
    assertThat(failure.kind()).isEqualTo(ErrorKind.QUERY);
    assertThat(failure)
        .hasMessage(
            "the connection to the database broke while reading a.b: terminating; see the log of"
                + " the server, or of the pooler before it, then run the export again");
  }

  @Test
  void aLockThatDoesNotComeIsSaidSo() {
    PolyStreamException failure =
        SqlFailures.querying("opening a.b", new SQLException("canceling statement", "55P03"));
    assertThat(failure.kind()).isEqualTo(ErrorKind.QUERY);
    assertThat(failure)
        .hasMessage(
            "opening a.b: another session holds a lock on it; wait for that session or end it,"
                + " then run the export again");
  }

  @Test
  void otherRefusalsHaveTheServersWordsInOneLine() {
    PolyStreamException failure =
        SqlFailures.querying(
            "the query on a.b", new SQLException("syntax error\n  Position: 8.\n", "42601"));
    assertThat(failure.kind()).isEqualTo(ErrorKind.QUERY);
    assertThat(failure)
        .hasMessage(
            "the database refused the query on a.b: syntax error Position: 8 (SQLSTATE 42601)");
  }

  @Test
  void theServersHintIsPartOfTheMessageAndItsPositionIsNot() {
    // As it comes over the wire: fields by letter, each ended by a zero (protocol-error-fields).
    ServerErrorMessage fromServer =
        new ServerErrorMessage(
            "SERROR\0C42703\0Mcolumn \"nam\" does not exist\0HPerhaps you meant \"name\".\0P57\0");
    PolyStreamException failure =
        SqlFailures.querying("the query on a.b", new PSQLException(fromServer));
    assertThat(failure)
        .hasMessage(
            "the database refused the query on a.b: column \"nam\" does not exist: Perhaps you"
                + " meant \"name\" (SQLSTATE 42703)");
  }

  @ParameterizedTest
  @CsvSource({"40001", "40P01"})
  void whatAStandbyEndsForItsReplayIsSaidSo(String state) {
    PolyStreamException failure =
        SqlFailures.querying("reading a.b", new SQLException("conflict with recovery", state));
    assertThat(failure.kind()).isEqualTo(ErrorKind.QUERY);
    assertThat(failure)
        .hasMessage(
            "the standby ended reading a.b to go on with the primary's changes: conflict with"
                + " recovery; raise max_standby_streaming_delay or set hot_standby_feedback = on"
                + " there, or export from the primary");
  }

  @Test
  void aPoolersRefusalOfAConnectionNamesItsSetting() {
    PolyStreamException failure =
        SqlFailures.connecting(
            "h:6432/d as me", fromPooler("no more connections allowed (max_client_conn)"));
    assertThat(failure.kind()).isEqualTo(ErrorKind.CONNECTION);
    assertThat(failure)
        .hasMessage(
            "cannot connect to h:6432/d as me: no more connections allowed (max_client_conn); free a"
                + " connection, lower --parallelism, or raise the pooler's max_client_conn");
  }

  @Test
  void statementPoolingIsAMatterOfTheConnection() {
    PolyStreamException failure =
        SqlFailures.querying(
            "opening a.b", fromPooler("transaction blocks not allowed in statement pooling mode"));
    assertThat(failure.kind()).isEqualTo(ErrorKind.CONNECTION);
    assertThat(failure)
        .hasMessageStartingWith("a pooler ended the connection while opening a.b: ")
        .hasMessageContaining("pool_mode = transaction");
  }

  @Test
  void onlyTheServersOwnWordsCountAsAShortageOfConnections() {
    assertThat(SqlFailures.isShortage(new SQLException("too many", "53300"))).isTrue();
    assertThat(SqlFailures.isShortage(fromPooler("query_wait_timeout"))).isTrue();
    assertThat(SqlFailures.isShortage(fromPooler("statement pooling mode"))).isFalse();
    assertThat(SqlFailures.isShortage(new SQLException("refused", "08001"))).isFalse();
    assertThat(SqlFailures.isShortage(new SQLException())).isFalse();
  }

  private static PSQLException fromPooler(String message) {
    return new PSQLException(new ServerErrorMessage("SFATAL\0C08P01\0M" + message + "\0"));
  }

  @Test
  void aFailureWithoutAStateOrAMessageIsStillNamed() {
    assertThat(SqlFailures.querying("reading a.b", new SQLException()))
        .hasMessage("the database refused reading a.b: null (SQLSTATE none)");
  }
}
