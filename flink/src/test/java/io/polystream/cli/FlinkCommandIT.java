package io.polystream.cli;

import static io.polystream.testing.Patience.await;
import static io.polystream.testing.Patience.awaitPromised;
import static org.assertj.core.api.Assertions.assertThat;

import io.polystream.testing.Patience;
import io.polystream.testing.PostgresExtension;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** {@code --runner flink} as a process of its own, with as much memory as the launcher gives it. */
class FlinkCommandIT {
  @RegisterExtension static final PostgresExtension postgres = new PostgresExtension();

  private static final Duration QUERIES_END = Duration.ofSeconds(2);

  /** The temporary directory of the processes. */
  @TempDir private Path temporary;

  @BeforeAll
  static void createTable() throws SQLException {
    SlowTable.create(postgres);
  }

  private CliProcess.Setup flink() throws IOException {
    List<String> flags = new ArrayList<>(CliProcess.flinkFlags());
    ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
        .filter(flag -> flag.startsWith("--add-opens"))
        .forEach(flags::add);
    flags.add("-Djava.io.tmpdir=" + temporary);
    return CliProcess.setup()
        .workingDirectory(postgres.directory())
        .jvmFlags(flags.toArray(String[]::new));
  }

  private static String[] export(String output, String... more) {
    List<String> args = new ArrayList<>(List.of("--table", SlowTable.NAME, "-o", output));
    args.addAll(List.of("--runner", "flink", "--parallelism", "2"));
    args.addAll(List.of(more));
    args.addAll(List.of("--", "--flinkMaster=[local]"));
    return Cli.exportArgs(postgres.urlText(), args.toArray(String[]::new));
  }

  private void assertNothingIsLeft() {
    assertThat(postgres.directory()).isEmptyDirectory();
    assertThat(temporary).isEmptyDirectory();
  }

  @Test
  void standardOutputHasTheBytesOfTheFile() throws Exception {
    Path file = postgres.directory().resolve("direct.csv");
    Cli.export(postgres, "--table", SlowTable.NAME, "-o", file.toString()).requireDone();

    try (CliProcess process = flink().inShell("exec \"$@\" > stdout").start(export("-"))) {
      Outcome outcome = process.awaitEnd(Patience.LONGEST).requireCode(ExitCode.DONE);
      assertThat(outcome.errorLines()).hasSize(1);
      assertThat(outcome.lastErrorLine()).contains("-: 12,000 rows");
    }
    Path stdout = postgres.directory().resolve("stdout");
    assertThat(Files.mismatch(file, stdout)).isNegative();
    Files.delete(stdout);
    Files.delete(file);
    assertNothingIsLeft();
  }

  @Test
  void aRefusedStatementHasTheExitCodeAndTheWordsOfADirectExport() throws Exception {
    Path file = postgres.directory().resolve("out.csv");
    Cli.run(export(file.toString(), "--where", SlowTable.FAIL_LATE))
        .requireFailure(
            ExitCode.QUERY,
            "public.slow where " + SlowTable.FAIL_LATE + ": division by zero (SQLSTATE 22012)");
    assertNothingIsLeft();
  }

  @Test
  void anInterruptEndsItAndItsStatementsAndLeavesNothing() throws Exception {
    try (CliProcess process =
        flink().start(export("out.csv", "--where", "id <> 6000 OR pg_sleep(60)::text = ''"))) {
      await("a slow statement").until(() -> sleepers() > 0);
      process.signal("INT");
      awaitPromised("its end", QUERIES_END, () -> sleepers() == 0);
      process
          .awaitEnd(Patience.LONGEST)
          .requireFailure(ExitCode.INTERRUPTED, "stopped by a signal");
    }
    assertNothingIsLeft();
  }

  private static long sleepers() throws SQLException {
    return postgres.queryLong(
        "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'"
            + " AND datname = current_database()");
  }
}
