package io.polystream.cli;

import static io.polystream.testing.Patience.await;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.polystream.format.Format;
import io.polystream.format.Formats;
import io.polystream.testing.Patience;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The demo, on a machine that has never seen one: its directory for temporary files is empty. */
class DemoIT {
  @TempDir private Path directory;

  private Path temporary;

  @BeforeEach
  void makeDirectoryForTemporaryFiles() throws IOException {
    temporary = Files.createDirectory(directory.resolve("tmp"));
  }

  private CliProcess startDemo(String name, String... args) throws IOException {
    return CliProcess.setup()
        .jvmFlags("-Djava.io.tmpdir=" + temporary)
        .workingDirectory(Files.createDirectories(directory.resolve(name)))
        .start(Stream.concat(Stream.of("demo"), Stream.of(args)).toArray(String[]::new));
  }

  private static List<String> namesIn(Path directory) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.map(file -> file.getFileName().toString()).toList();
    }
  }

  private void assertNothingIsLeft() throws IOException {
    assertThat(namesIn(temporary)).noneMatch(name -> name.startsWith("polystream"));
  }

  @Test
  void twoAtOnceExportTheirTablesInEveryFormatWithinTheLaunchersMemory() throws Exception {
    try (CliProcess one = startDemo("one", "--rows", "1000");
        CliProcess two = startDemo("two", "--rows", "3000", "--dir", "some where")) {
      one.awaitEnd(Patience.LONGEST).requireCode(ExitCode.DONE);
      Outcome demo = two.awaitEnd(Patience.LONGEST).requireCode(ExitCode.DONE);
      assertThat(demo.out()).contains("peak memory", "./polystream export --table NAME");
      assertThat(demo.errorLines()).allMatch(line -> line.startsWith("polystream: "));
      assertThat(demo.err()).contains("starting PostgreSQL", "3,000 rows", "exporting csv");
      for (Format format : Formats.all()) {
        Path file = Path.of("some where", "records." + format.extension());
        assertThat(demo.out()).containsPattern(format.name() + " +3,000 +" + file);
        assertThat(directory.resolve("two").resolve(file)).isNotEmptyFile();
      }
    }
    assertThat(directory.resolve("one/demo/records.csv")).content(UTF_8).hasLineCount(1001);
    assertThat(directory.resolve("two/some where/records.csv")).content(UTF_8).hasLineCount(3001);
    assertThat(directory.resolve("two/some where/records.ndjson"))
        .content(UTF_8)
        .hasLineCount(3000);
    Path json = directory.resolve("two/some where/records.json");
    assertThat(new ObjectMapper().readTree(json.toFile())).hasSize(3000);
    assertNothingIsLeft();
  }

  @Test
  void aDemoThatIsStoppedTakesItsServerAlong() throws Exception {
    requireEndOfAll("filling", "INT");
  }

  @Tag("soak")
  @ParameterizedTest
  @CsvSource({"filling, TERM", "exporting, INT", "exporting, TERM"})
  void aDemoThatIsStoppedLaterDoesToo(String during, String signal) throws Exception {
    requireEndOfAll(during, signal);
  }

  /** While it makes directories, unpacks programs, makes the database, starts the server. */
  @Tag("soak")
  @ParameterizedTest
  @ValueSource(strings = {"INT", "TERM"})
  void aDemoThatIsStoppedAtAnyMomentOfItsBeginningLeavesNothing(String signal) throws Exception {
    for (int millis = 0; millis < 4000; millis += 250) {
      try (CliProcess demo = startDemo("stopped", "--rows", "1000000")) {
        await("the demo begins").until(() -> !demo.errSoFar().isEmpty());
        Thread.sleep(millis);
        demo.signal(signal);
        assertThat(demo.awaitEnd(Patience.LONGEST).lastErrorLine())
            .as("after %d ms", millis)
            .contains("stopped by a signal");
      }
      assertNothingIsLeft();
      assertNoServer();
    }
  }

  private void requireEndOfAll(String during, String signal) throws Exception {
    try (CliProcess demo = startDemo("stopped", "--rows", "1000000")) {
      await("the demo is " + during).until(() -> demo.errSoFar().contains("polystream: " + during));
      demo.signal(signal);
      Outcome outcome = demo.awaitEnd(Patience.LONGEST);
      assertThat(outcome.exitCode())
          .isEqualTo((signal.equals("INT") ? ExitCode.INTERRUPTED : ExitCode.TERMINATED).code());
      assertThat(outcome.lastErrorLine()).contains("stopped by a signal");
      assertThat(outcome.err()).containsOnlyOnce("stopped by a signal");
    }
    assertNothingIsLeft();
    assertNoServer();
    assertThat(namesIn(directory.resolve("stopped/demo"))).noneMatch(name -> name.startsWith("."));
  }

  private void assertNoServer() {
    assertThat(ProcessHandle.allProcesses().map(process -> process.info().commandLine().orElse("")))
        .noneMatch(command -> command.contains(temporary.toString()));
  }

  /** Enough to begin with, and not enough for the exports. */
  @Tag("soak")
  @Test
  void aDemoThatRunsOutOfMemoryTakesItsServerAlong() throws Exception {
    try (CliProcess demo =
        CliProcess.setup()
            .jvmFlags("-Djava.io.tmpdir=" + temporary, "-Xms4m", "-Xmx24m")
            .workingDirectory(directory)
            .start("demo", "--rows", "100000")) {
      Outcome outcome = demo.awaitEnd(Patience.LONGEST).requireCode(ExitCode.INTERNAL);
      assertThat(outcome.lastErrorLine()).contains("out of memory", "POLYSTREAM_JAVA_OPTS");
      assertThat(outcome.err()).containsOnlyOnce("out of memory");
    }
    assertNothingIsLeft();
    assertNoServer();
  }
}
