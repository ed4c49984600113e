package io.polystream.cli;

import static io.polystream.testing.Patience.await;
import static io.polystream.testing.Patience.awaitPromised;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.polystream.testing.Patience;
import io.polystream.testing.PostgresExtension;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The process is told to end, wherever it is: its statements end in the server within 2 s, it says
 * so in one line, and nothing is left but what was there before.
 */
class InterruptionIT {
  @RegisterExtension static final PostgresExtension postgres = new PostgresExtension();

  private static final Duration QUERIES_END = Duration.ofSeconds(2);

  private Path file;

  @BeforeAll
  static void createTables() throws SQLException {
    SlowTable.create(postgres);
    postgres.execute(
        "CREATE VIEW slow_view AS SELECT id, filler, pg_sleep(0.01)::text AS slept FROM slow",
        "CREATE VIEW slow_sort AS SELECT a.id FROM slow a, slow b ORDER BY md5(a.filler || b.id)");
  }

  @BeforeEach
  void writeOldFile() throws IOException {
    file = Files.writeString(postgres.directory().resolve("out.csv"), "old", UTF_8);
  }

  private CliProcess start(String... args) throws IOException {
    String[] all = java.util.Arrays.copyOf(args, args.length + 3);
    all[args.length] = "-o";
    all[args.length + 1] = file.toString();
    all[args.length + 2] = "--overwrite";
    return CliProcess.startExport(postgres, all);
  }

  private static ExitCode codeOf(String signal) {
    return signal.equals("INT") ? ExitCode.INTERRUPTED : ExitCode.TERMINATED;
  }

  private void interrupt(CliProcess export, String signal) throws Exception {
    export.signal(signal);
    awaitNoStatements();
    requireInterrupted(export, signal);
  }

  private void requireInterrupted(CliProcess export, String signal) throws Exception {
    export
        .awaitEnd(Patience.LONGEST)
        .requireFailure(codeOf(signal), "stopped by a signal", "nothing was left");
    assertOnlyTheOldFile();
  }

  private void assertOnlyTheOldFile() throws IOException {
    try (Stream<Path> files = Files.list(postgres.directory())) {
      assertThat(files).containsExactly(file);
    }
    assertThat(file).hasContent("old");
  }

  private static void awaitNoStatements() throws Exception {
    awaitPromised("the statements' end", QUERIES_END, () -> activeStatements().isEmpty());
  }

  private static List<String> activeStatements() throws SQLException {
    return postgres.queryColumn(
        "SELECT query FROM pg_stat_activity WHERE application_name = 'polystream'"
            + " AND datname = current_database() AND state = 'active'");
  }

  private static void awaitStatement(String like) {
    await("a statement like " + like)
        .until(() -> activeStatements().stream().anyMatch(query -> query.contains(like)));
  }

  @ParameterizedTest
  @CsvSource({"INT, copy, xml", "TERM, cursor, parquet"})
  void whileATableIsRead(String signal, String read, String format) throws Exception {
    try (CliProcess export =
        start(
            "--table",
            SlowTable.NAME,
            "--where",
            SlowTable.CRAWL,
            "--read",
            read,
            "--format",
            format)) {
      SlowTable.awaitBytes(file);
      interrupt(export, signal);
    }
  }

  @Test
  void whileAViewIsRead() throws Exception {
    try (CliProcess export = start("--table", "slow_view", "--format", "json")) {
      awaitStatement("COPY");
      interrupt(export, "TERM");
    }
  }

  @Test
  void whileTheDatabaseSortsAndNoRowComes() throws Exception {
    try (CliProcess export = start("--table", "slow_sort")) {
      awaitStatement("COPY");
      interrupt(export, "INT");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {SlowTable.NAME, "slow_view"})
  void whileAnotherSessionHoldsTheTablesLock(String table) throws Exception {
    try (Connection other = postgres.connect();
        Statement statement = other.createStatement()) {
      other.setAutoCommit(false);
      statement.execute("LOCK TABLE slow IN ACCESS EXCLUSIVE MODE");
      try (CliProcess export = start("--table", table)) {
        awaitStatement("slow");
        interrupt(export, "INT");
      }
    }
  }

  @Test
  void whileAHostDoesNotAnswer() throws Exception {
    try (ServerSocket silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        CliProcess export =
            CliProcess.setup()
                .start(
                    Cli.exportArgs(
                        "postgresql://postgres@localhost:" + silent.getLocalPort() + "/postgres",
                        "--table",
                        "any",
                        "-o",
                        file.toString(),
                        "--overwrite"))) {
      // Its process has begun to connect: there is nothing that would answer.
      silent.accept();
      Thread.sleep(100);
      export.signal("TERM");
      requireInterrupted(export, "TERM");
    }
  }

  @Test
  void aKilledExportIsSweptByTheNextOne() throws Exception {
    try (CliProcess export = start("--table", SlowTable.NAME, "--where", SlowTable.CRAWL)) {
      SlowTable.awaitBytes(file);
      export.signal("KILL");
      assertThat(export.awaitEnd(Patience.LONGEST).exitCode()).isEqualTo(128 + 9);
    }
    assertThat(postgres.hiddenFiles()).isNotEmpty();
    assertThat(file).hasContent("old");

    Cli.export(
            postgres,
            "--table",
            SlowTable.NAME,
            "--limit",
            "3",
            "-o",
            file.toString(),
            "--overwrite")
        .requireDone();

    assertThat(file).content(UTF_8).startsWith("id,filler\r\n").hasLineCount(4);
    assertThat(postgres.hiddenFiles()).isEmpty();
  }

  /** From before the first class is loaded until after the file is there. */
  @Tag("soak")
  @ParameterizedTest
  @ValueSource(strings = {"INT", "TERM"})
  void atAnyMoment(String signal) throws Exception {
    for (int millis = 300; millis <= 3000; millis += 75) {
      try (CliProcess export = start("--table", SlowTable.NAME)) {
        Thread.sleep(millis);
        if (export.isAlive()) {
          export.signal(signal);
        }
        Outcome outcome = export.awaitEnd(Patience.LONGEST);
        assertThat(outcome.exitCode())
            .as("after %d ms: %s", millis, outcome.err())
            .isIn(codeOf(signal).code(), ExitCode.DONE.code());
        assertThat(outcome.errorLines()).hasSizeLessThanOrEqualTo(1);
        assertThat(postgres.hiddenFiles()).isEmpty();
        awaitNoStatements();
      }
    }
  }

  /** The server's processes do not run any more, but their connections are open. */
  @Tag("soak")
  @Test
  void whileTheServerIsFrozen() throws Exception {
    try (CliProcess export = start("--table", SlowTable.NAME, "--where", SlowTable.CRAWL)) {
      SlowTable.awaitBytes(file);
      List<String> backends =
          postgres.queryColumn(
              "SELECT pid FROM pg_stat_activity WHERE application_name = 'polystream'"
                  + " AND datname = current_database()");
      try {
        for (String pid : backends) {
          CliProcess.signal("STOP", Long.parseLong(pid));
        }
        export.signal("TERM");
        Outcome outcome = export.awaitEnd(Patience.LONGEST);
        assertThat(outcome.exitCode()).isEqualTo(ExitCode.TERMINATED.code());
        assertOnlyTheOldFile();
      } finally {
        for (String pid : backends) {
          CliProcess.signal("CONT", Long.parseLong(pid));
        }
      }
    }
  }
}
