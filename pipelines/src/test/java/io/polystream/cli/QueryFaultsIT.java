package io.polystream.cli;

import static io.polystream.testing.Patience.await;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.polystream.testing.Patience;
import io.polystream.testing.PostgresExtension;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Exit code 4: the database says no, or goes away, before or while rows flow. Nothing is left. */
class QueryFaultsIT {
  @RegisterExtension static final PostgresExtension postgres = new PostgresExtension();

  private static final String OF_POLYSTREAM =
      " FROM pg_stat_activity WHERE application_name = 'polystream'"
          + " AND datname = current_database()";

  private Path file;

  @BeforeAll
  static void createTables() throws SQLException {
    SlowTable.create(postgres);
    postgres.execute(
        "CREATE VIEW broken AS SELECT id, 1 / (id - 9000) AS inverse FROM slow ORDER BY id",
        "CREATE ROLE outsider LOGIN");
  }

  @BeforeEach
  void nameFile() {
    file = postgres.directory().resolve("out.csv");
  }

  @AfterEach
  void nothingIsLeft() throws IOException {
    try (Stream<Path> files = Files.list(postgres.directory())) {
      assertThat(files).isEmpty();
    }
  }

  private Outcome export(String... args) {
    return Cli.run(exportArgs(postgres.urlText(), args));
  }

  private String[] exportArgs(String url, String... args) {
    String[] all = Cli.exportArgs(url, args);
    String[] withOutput = java.util.Arrays.copyOf(all, all.length + 2);
    withOutput[all.length] = "-o";
    withOutput[all.length + 1] = file.toString();
    return withOutput;
  }

  private static Outcome ended(CompletableFuture<Outcome> export) throws Exception {
    return export.get(Patience.LONGEST.toMillis(), TimeUnit.MILLISECONDS);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "no_such_column > 1 | no_such_column",
        "id > | syntax error",
        "id = 'x' | invalid input syntax",
        "no_such_function(id) | no_such_function",
        "id | boolean",
        "count(*) > 1 | aggregate",
        "id = 1) -- | syntax error",
        "id = $1 | 1",
      })
  void aPredicateTheDatabaseRefusesIsExplained(String where, String word) {
    export("--table", "slow", "--where", where).requireFailure(ExitCode.QUERY, "slow", word);
  }

  @ParameterizedTest
  @CsvSource({"copy, csv, 1", "copy, json, 2", "cursor, csv, 2"})
  void aRowTheDatabaseCannotComputeEndsTheExport(String read, String format, String readers) {
    export(
            "--table",
            "slow",
            "--where",
            SlowTable.FAIL_LATE,
            "--read",
            read,
            "--format",
            format,
            "--parallelism",
            readers)
        .requireFailure(
            ExitCode.QUERY, "public.slow where " + SlowTable.FAIL_LATE, "division by zero");
  }

  @ParameterizedTest
  @ValueSource(strings = {"copy", "cursor"})
  void aRowOfAViewTheDatabaseCannotComputeEndsTheExport(String read) {
    export("--table", "broken", "--read", read)
        .requireFailure(ExitCode.QUERY, "public.broken", "division by zero");
  }

  @Test
  void aTableTheRoleMayNotReadIsNamed() {
    String url = postgres.urlText().replace(PostgresExtension.USER + "@", "outsider@");
    Cli.run(exportArgs(url, "--table", "slow"))
        .requireFailure(ExitCode.QUERY, "slow", "permission denied");
  }

  @ParameterizedTest
  @CsvSource({"copy, 1", "copy, 2", "cursor, 2"})
  void readersTheServerEndsAreAFailureAtOnce(String read, String readers) throws Exception {
    CompletableFuture<Outcome> export =
        CompletableFuture.supplyAsync(
            () ->
                export(
                    "--table",
                    "slow",
                    "--where",
                    SlowTable.CRAWL,
                    "--read",
                    read,
                    "--parallelism",
                    readers));
    SlowTable.awaitBytes(file);

    postgres.execute("SELECT pg_terminate_backend(pid)" + OF_POLYSTREAM);

    ended(export)
        .requireFailure(ExitCode.QUERY, "connection", "public.slow", "run the export again");
  }

  @Test
  void aStatementThatSomebodyCancelsIsAFailure() throws Exception {
    CompletableFuture<Outcome> export =
        CompletableFuture.supplyAsync(
            () -> export("--table", "slow", "--where", SlowTable.CRAWL, "--parallelism", "2"));
    SlowTable.awaitReaders(postgres);

    postgres.execute("SELECT pg_cancel_backend(pid)" + OF_POLYSTREAM + " AND query LIKE 'COPY%'");

    ended(export).requireFailure(ExitCode.QUERY, "public.slow", "canceling statement");
  }

  /** Whatever the readers are at just then: connecting, opening, reading, committing. */
  @ParameterizedTest
  @ValueSource(ints = {0, 10, 20, 30, 45, 60, 80, 100, 150, 200})
  void connectionsTheServerEndsAtAnyMomentAreAFailureOfTheDatabase(int millis) throws Exception {
    CompletableFuture<Outcome> export =
        CompletableFuture.supplyAsync(
            () -> export("--table", "slow", "--where", SlowTable.CRAWL, "--parallelism", "4"));
    await("the first connection")
        .pollInterval(Duration.ofMillis(1))
        .until(() -> !postgres.polystreamConnections().isEmpty());
    Thread.sleep(millis);

    postgres.execute("SELECT pg_terminate_backend(pid)" + OF_POLYSTREAM);

    Outcome outcome = ended(export);
    // Whose connection is only being made cannot connect.
    boolean connecting = outcome.exitCode() == ExitCode.CONNECTION.code();
    outcome.requireFailure(connecting ? ExitCode.CONNECTION : ExitCode.QUERY);
  }

  @Test
  void aServerThatDiesIsAFailureAtOnce() throws Exception {
    EmbeddedPostgres server =
        EmbeddedPostgres.builder()
            .setPGStartupWait(Patience.LONGEST)
            .setServerConfig("fsync", "off")
            .start();
    try {
      long postmaster = prepare(server);
      String url = "postgresql://postgres@localhost:" + server.getPort() + "/postgres";
      CompletableFuture<Outcome> export =
          CompletableFuture.supplyAsync(
              () -> Cli.run(exportArgs(url, "--table", "slow", "--where", SlowTable.CRAWL)));
      SlowTable.awaitBytes(file);

      ProcessHandle.of(postmaster)
          .orElseThrow()
          .descendants()
          .forEach(ProcessHandle::destroyForcibly);
      ProcessHandle.of(postmaster).orElseThrow().destroyForcibly();

      ended(export)
          .requireFailure(ExitCode.QUERY, "connection", "public.slow", "run the export again");
    } finally {
      server.close();
    }
  }

  /** Returns the process id of the server. */
  private static long prepare(EmbeddedPostgres server) throws SQLException, IOException {
    try (Connection connection = server.getPostgresDatabase().getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute(
          "CREATE TABLE slow AS SELECT id, repeat(md5(id::text), 32) AS filler"
              + " FROM generate_series(1, 12000) AS id");
      try (ResultSet setting = statement.executeQuery("SHOW data_directory")) {
        setting.next();
        return Long.parseLong(
            Files.readAllLines(Path.of(setting.getString(1), "postmaster.pid"), UTF_8).get(0));
      }
    }
  }
}
