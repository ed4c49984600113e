package io.polystream.cli;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.polystream.testing.PostgresExtension;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Exit code 3: no way to the database, said in bounded time, and nothing written. */
class ConnectionFaultsIT {
  @RegisterExtension static final PostgresExtension postgres = new PostgresExtension();

  private static final String ROLE = "guarded";

  private static Path accessRules;
  private static String accessRulesBefore;

  @BeforeAll
  static void guardARoleByPassword() throws SQLException, IOException {
    postgres.execute(
        "CREATE TABLE item (id int)",
        "CREATE ROLE " + ROLE + " LOGIN PASSWORD 'right'",
        "CREATE ROLE locked_out NOLOGIN");
    accessRules = Path.of(postgres.queryText("SHOW hba_file"));
    accessRulesBefore = Files.readString(accessRules, UTF_8);
    Files.writeString(
        accessRules, "host all " + ROLE + " all scram-sha-256\n" + accessRulesBefore, UTF_8);
    postgres.execute("SELECT pg_reload_conf()");
  }

  @AfterAll
  static void trustAgain() throws SQLException, IOException {
    Files.writeString(accessRules, accessRulesBefore, UTF_8);
    postgres.execute("SELECT pg_reload_conf()", "DROP ROLE " + ROLE, "DROP ROLE locked_out");
  }

  @AfterEach
  void nothingIsWritten() throws IOException {
    try (Stream<Path> files = Files.list(postgres.directory())) {
      assertThat(files).isEmpty();
    }
  }

  private static Outcome export(String url) {
    return Cli.run(
        Cli.exportArgs(
            url, "--table", "item", "-o", postgres.directory().resolve("item.csv").toString()));
  }

  private static String urlAs(String userInfo) {
    return postgres.urlText().replace("//" + PostgresExtension.USER + "@", "//" + userInfo + "@");
  }

  @Test
  void aWrongPasswordIsSaidToBeOne() {
    export(urlAs(ROLE + ":wrong"))
        .requireFailure(
            ExitCode.CONNECTION,
            "localhost:" + postgres.port(),
            "as " + ROLE,
            "password authentication failed",
            "check the user and the password");
  }

  @Test
  void aMissingPasswordIsAskedFor() {
    export(urlAs(ROLE)).requireFailure(ExitCode.CONNECTION, ROLE, "password");
  }

  @Test
  void anUnknownRoleIsNamed() {
    export(urlAs("nobody_here"))
        .requireFailure(ExitCode.CONNECTION, "nobody_here", "check the user and the password");
  }

  @Test
  void aRoleThatMayNotLogInIsNamed() {
    export(urlAs("locked_out")).requireFailure(ExitCode.CONNECTION, "locked_out", "log in");
  }

  @Test
  void anUnknownDatabaseIsNamed() {
    export("postgresql://postgres@localhost:" + postgres.port() + "/no_such_db")
        .requireFailure(ExitCode.CONNECTION, "no_such_db", "check the database's name");
  }

  @Test
  void aPortWithoutServerIsNamed() throws IOException {
    int port;
    try (ServerSocket closed = new ServerSocket(0)) {
      port = closed.getLocalPort();
    }
    export("postgresql://postgres@localhost:" + port + "/postgres")
        .requireFailure(ExitCode.CONNECTION, "localhost:" + port, "check that the server runs");
  }

  @Test
  void anUnknownHostIsNamed() {
    export("postgresql://postgres@no-such-host.invalid/postgres")
        .requireFailure(ExitCode.CONNECTION, "no-such-host.invalid");
  }

  @Test
  void aHostThatTakesConnectionsAndNeverAnswersIsGivenUpInTime() throws IOException {
    try (ServerSocket silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
      long begin = System.nanoTime();

      Outcome outcome = export(urlOf(silent) + "?connect_timeout=1");

      outcome.requireFailure(ExitCode.CONNECTION, "localhost:" + silent.getLocalPort());
      // Without the parameter it would be 20 s.
      assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(15));
    }
  }

  @Test
  void aServerOfSomethingElseIsNotTakenForADatabase() throws Exception {
    try (ServerSocket web = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
      Thread answering = new Thread(() -> answerEverybody(web, "HTTP/1.1 400 Bad Request\r\n\r\n"));
      answering.start();

      export(urlOf(web))
          .requireFailure(ExitCode.CONNECTION, "localhost:" + web.getLocalPort(), "--db-url");

      web.close();
      answering.join();
    }
  }

  private static String urlOf(ServerSocket server) {
    return "postgresql://postgres@localhost:" + server.getLocalPort() + "/postgres";
  }

  private static void answerEverybody(ServerSocket server, String answer) {
    while (!server.isClosed()) {
      try (Socket client = server.accept()) {
        client.getOutputStream().write(answer.getBytes(US_ASCII));
      } catch (IOException closed) {
        // The test is over, or the client has had enough.
      }
    }
  }

  @Test
  void tablesAndColumnsFailTheSameWay() {
    String url = urlAs(ROLE + ":wrong");
    Cli.run("tables", "--db-url", url).requireFailure(ExitCode.CONNECTION, ROLE, "password");
    Cli.run("columns", "--db-url", url, "item")
        .requireFailure(ExitCode.CONNECTION, ROLE, "password");
  }

  @Test
  void aServerWithoutFreeConnectionsIsNotTakenForAWrongAddress() throws SQLException {
    postgres.execute("ALTER ROLE " + ROLE + " CONNECTION LIMIT 0");
    try {
      export(urlAs(ROLE + ":right")).requireFailure(ExitCode.CONNECTION, ROLE, "connection");
    } finally {
      postgres.execute("ALTER ROLE " + ROLE + " CONNECTION LIMIT -1");
    }
  }

  @Test
  void aRoleWithTooFewConnectionsForTheReadersIsToldSo() throws SQLException, IOException {
    postgres.execute(
        "CREATE TABLE wide AS SELECT repeat('x', 1000) AS text FROM generate_series(1, 10000)",
        "GRANT SELECT ON wide TO " + ROLE,
        "ALTER ROLE " + ROLE + " CONNECTION LIMIT 2");
    Path file = postgres.directory().resolve("item.csv");
    try {
      Outcome outcome =
          Cli.run(
              Cli.exportArgs(
                  urlAs(ROLE + ":right"),
                  "--table",
                  "wide",
                  "--parallelism",
                  "2",
                  "--progress",
                  "none",
                  "-o",
                  file.toString()));

      outcome.requireDone();
      assertThat(outcome.errorLines()).hasSize(2);
      assertThat(outcome.errorLines().get(0))
          .isEqualTo(
              "polystream: note: readers: 1 instead of 2: too many connections for role \""
                  + ROLE
                  + "\"");
      assertThat(outcome.lastErrorLine()).contains("10,000 rows", "consistency: snapshot");
    } finally {
      postgres.execute("ALTER ROLE " + ROLE + " CONNECTION LIMIT -1", "DROP TABLE wide");
      Files.deleteIfExists(file);
    }
  }
}
