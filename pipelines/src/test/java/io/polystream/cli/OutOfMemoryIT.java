package io.polystream.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.polystream.testing.Patience;
import io.polystream.testing.PostgresExtension;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Memory that is too small fails an export wherever it runs out, in the program's threads or in the
 * runner's: exit code 7, one line, nothing left, no hang.
 */
class OutOfMemoryIT {
  @RegisterExtension static final PostgresExtension postgres = new PostgresExtension();

  @BeforeAll
  static void createTable() throws SQLException {
    SlowTable.create(postgres);
  }

  private static Outcome exportWith(String heap, Path file, String... more) throws Exception {
    String[] args =
        Stream.concat(
                Stream.of("--table", SlowTable.NAME, "--overwrite", "-o", file.toString()),
                Stream.of(more))
            .toArray(String[]::new);
    try (CliProcess process =
        CliProcess.setup()
            .withoutClassArchive()
            .jvmFlags("-Xms4m", "-Xmx" + heap)
            .start(Cli.exportArgs(postgres.urlText(), args))) {
      return process.awaitEnd(Patience.LONGEST);
    }
  }

  private static void requireOutOfMemory(Outcome outcome, Path file) throws Exception {
    outcome.requireFailure(ExitCode.INTERNAL, "out of memory", "POLYSTREAM_JAVA_OPTS");
    try (Stream<Path> left = Files.list(file.getParent())) {
      assertThat(left).containsExactly(file);
    }
    assertThat(file).hasContent("old");
  }

  /**
   * While classes are loaded; while the pipeline is made; while rows flow. Not between: there the
   * JVM collects garbage for a long time before it gives up.
   */
  @ParameterizedTest
  @ValueSource(strings = {"8m", "17m", "22m"})
  void isSaidInOneLine(String heap) throws Exception {
    Path file = Files.writeString(postgres.directory().resolve("out.csv"), "old", UTF_8);
    requireOutOfMemory(exportWith(heap, file), file);
  }

  /** With 6 MB the JVM itself ends before it comes to the program. */
  @Tag("soak")
  @ParameterizedTest
  @CsvSource({"copy, csv, 2", "cursor, json, 4"})
  void isSaidInOneLineWhereverItRunsOutAndIsEnoughFromSomeSizeOn(
      String read, String format, String readers) throws Exception {
    Path file = postgres.directory().resolve("out." + format);
    int smallestEnough = 0;
    for (int kilobytes = 7 * 1024; kilobytes <= 48 * 1024; kilobytes += 768) {
      Files.writeString(file, "old", UTF_8);
      Outcome outcome =
          exportWith(
              kilobytes + "k", file, "--read", read, "--format", format, "--parallelism", readers);
      if (outcome.exitCode() == ExitCode.DONE.code()) {
        assertThat(Files.size(file)).isGreaterThan(SlowTable.ROWS * 1000L);
        smallestEnough = smallestEnough == 0 ? kilobytes : smallestEnough;
      } else {
        requireOutOfMemory(outcome, file);
      }
    }
    assertThat(smallestEnough).isBetween(1, 40 * 1024);
  }
}
