package io.polystream.cli;

import static io.polystream.testing.Patience.await;
import static io.polystream.testing.Patience.awaitPromised;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.polystream.testing.Gate;
import io.polystream.testing.Patience;
import io.polystream.testing.PostgresExtension;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Exports to standard output, which is written while they run and cannot be taken back. */
class StandardOutputIT {
  @RegisterExtension static final PostgresExtension postgres = new PostgresExtension();

  private static final Duration QUERIES_END = Duration.ofSeconds(2);

  private Path directory;
  private Path stdout;

  @BeforeAll
  static void createTables() throws SQLException {
    SlowTable.create(postgres);
    postgres.execute("CREATE TABLE nothing (id int)");
  }

  @BeforeEach
  void nameFiles() {
    directory = postgres.directory();
    stdout = directory.resolve("stdout");
  }

  private static String[] export(String table, String... more) {
    List<String> args = new ArrayList<>(List.of("--table", table, "-o", "-"));
    args.addAll(List.of(more));
    return Cli.exportArgs(postgres.urlText(), args.toArray(String[]::new));
  }

  /** The shell's redirections see the bytes as they are. */
  private Outcome runInShell(String line, String... args) throws Exception {
    return CliProcess.setup().workingDirectory(directory).inShell(line).run(args);
  }

  @ParameterizedTest
  @CsvSource({"csv, none", "json, gzip", "tsv, zstd", "ndjson, none", "xml, gzip", "parquet, none"})
  void theBytesAreThoseOfTheFile(String format, String compression) throws Exception {
    Outcome outcome =
        runInShell(
            "exec \"$@\" > stdout",
            export(SlowTable.NAME, "--format", format, "--compression", compression));
    outcome.requireCode(ExitCode.DONE);
    assertThat(outcome.lastErrorLine()).contains("-: 12,000 rows");

    Path file = directory.resolve("file");
    Cli.export(
            postgres,
            "--table",
            SlowTable.NAME,
            "-o",
            file.toString(),
            "--format",
            format,
            "--compression",
            compression)
        .requireDone();
    assertThat(Files.mismatch(file, stdout)).isNegative();
  }

  @Test
  void bytesComeWhileTheExportRuns() throws Exception {
    try (Gate gate = Gate.shut(postgres);
        CliProcess export =
            CliProcess.setup()
                .workingDirectory(directory)
                .inShell("exec \"$@\" > stdout")
                .start(export(SlowTable.NAME, "--where", SlowTable.GATED))) {
      await("bytes").until(() -> Files.exists(stdout) && Files.size(stdout) > 0);
      assertThat(export.isAlive()).isTrue();
      gate.open();
      export.awaitEnd(Patience.LONGEST).requireCode(ExitCode.DONE);
    }
    assertThat(stdout).content(UTF_8).hasLineCount(SlowTable.ROWS + 1);
  }

  @Test
  void aReaderThatHasSeenEnoughEndsTheExportWithoutAWord() throws Exception {
    // The rest of the table would take much longer than a test may.
    Outcome outcome =
        runInShell(
            "{ \"$@\"; echo $? > code; } | head -n 1",
            export(SlowTable.NAME, "--where", SlowTable.CRAWL, "--quiet"));
    assertThat(outcome.out()).isEqualToIgnoringNewLines("id,filler");
    assertThat(outcome.err()).isEmpty();
    assertThat(directory.resolve("code")).content().isEqualTo("141\n");
    awaitPromised(
        "the statements' end", QUERIES_END, () -> postgres.polystreamConnections().isEmpty());
  }

  @Test
  void aFullDeviceIsAFailureOfStorage() throws Exception {
    assumeThat(Path.of("/dev/full")).exists();
    runInShell("exec \"$@\" > /dev/full", export(SlowTable.NAME))
        .requireFailure(ExitCode.STORAGE, "standard output", "No space left");
  }

  @Test
  void withoutRowsNothingIsWritten() throws Exception {
    runInShell("exec \"$@\" > stdout", export("nothing"))
        .requireFailure(ExitCode.NO_ROWS, "nothing");
    assertThat(stdout).isEmptyFile();
    runInShell("exec \"$@\" > stdout", export("nothing", "--allow-empty"))
        .requireCode(ExitCode.DONE);
    assertThat(stdout).content().isEqualTo("id\r\n");
  }

  @Test
  void aFailureIsKnownByTheExitCode() throws Exception {
    runInShell("exec \"$@\" > stdout", export(SlowTable.NAME, "--where", SlowTable.FAIL_LATE))
        .requireFailure(ExitCode.QUERY, "division by zero");
  }

  @Test
  void aManifestMayBeKept() throws IOException, InterruptedException {
    Path manifest = directory.resolve("m.json");
    CliProcess.setup()
        .workingDirectory(directory)
        .inShell("exec \"$@\" > stdout")
        .run(export(SlowTable.NAME, "--manifest", manifest.toString()))
        .requireCode(ExitCode.DONE);
    var found = new ObjectMapper().readTree(manifest.toFile());
    assertThat(found.at("/files/0/name").asText()).isEqualTo("-");
    assertThat(found.at("/files/0/bytes").asLong()).isEqualTo(Files.size(stdout));
  }
}
