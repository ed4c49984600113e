package io.polystream.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.polystream.testing.Patience;
import io.polystream.testing.PostgresExtension;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The script {@code polystream} of a copy of the sources, in a directory with spaces in its name,
 * called through a link to a link from elsewhere. It builds, so this takes a minute or two.
 */
@Tag("soak")
class LauncherIT {
  @RegisterExtension static final PostgresExtension postgres = new PostgresExtension();

  private static final Duration BUILD = Duration.ofMinutes(10);

  @TempDir static Path temporary;

  private static Path launcher;

  @BeforeAll
  static void copySourcesAndBuildOnce() throws Exception {
    SlowTable.create(postgres);
    Path sources = Files.createDirectory(temporary.resolve("a copy, with spaces"));
    for (String name :
        List.of(
            "polystream",
            "pom.xml",
            "init-db.sql",
            "pipelines/pom.xml",
            "flink/pom.xml",
            "interop/pom.xml",
            "service/pom.xml",
            ".mvn/jvm.config")) {
      copy(name, sources);
    }
    copyTree("pipelines/src/main", sources);
    copyTree("flink/src/main", sources);
    Path links = Files.createDirectory(temporary.resolve("links"));
    Files.createSymbolicLink(links.resolve("first"), sources.resolve("polystream"));
    launcher = Files.createSymbolicLink(links.resolve("ps"), Path.of("first"));

    try (CliProcess one = start(Map.of(), "--version");
        CliProcess two = start(Map.of(), "--version")) {
      String said = "";
      for (CliProcess process : List.of(one, two)) {
        Outcome outcome = process.awaitEnd(BUILD).requireCode(ExitCode.DONE);
        assertThat(outcome.out()).startsWith("polystream ");
        assertThat(outcome.errorLines()).hasSize(1);
        said += outcome.err();
      }
      assertThat(said).contains("polystream: building", "polystream: waiting for the build");
    }
  }

  private static void copyTree(String name, Path sources) throws IOException {
    try (Stream<Path> files = Files.walk(CliProcess.repository().resolve(name))) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        copy(CliProcess.repository().relativize(file).toString(), sources);
      }
    }
  }

  private static void copy(String name, Path sources) throws IOException {
    Path target = sources.resolve(name);
    Files.createDirectories(target.getParent());
    Files.copy(CliProcess.repository().resolve(name), target, StandardCopyOption.COPY_ATTRIBUTES);
  }

  private static CliProcess start(Map<String, String> environment, String... args)
      throws IOException {
    return CliProcess.withEnvironment(environment)
        .launcher(launcher)
        .workingDirectory(postgres.directory() == null ? temporary : postgres.directory())
        .start(args);
  }

  private static Outcome run(String... args) throws Exception {
    try (CliProcess process = start(Map.of("DATABASE_URL", postgres.urlText()), args)) {
      return process.awaitEnd(Patience.LONGEST);
    }
  }

  @Test
  void exportsIntoTheWorkingDirectoryAndBuildsNothingAgain() throws Exception {
    Outcome outcome = run("export", "--table", SlowTable.NAME, "--format", "json");
    assertThat(outcome.requireDone().errorLines()).hasSize(1);
    assertThat(postgres.directory().resolve("slow.json")).isNotEmptyFile();
  }

  @Test
  void argumentsReachTheProgramAsTheyAre() throws Exception {
    run(
            "export",
            "--table",
            SlowTable.NAME,
            "--where",
            "id < 3 AND filler <> ' *  \"$HOME'",
            "--columns",
            "\"id\":\"a  b\"",
            "-o",
            "with  spaces *.csv")
        .requireDone();
    assertThat(postgres.directory().resolve("with  spaces *.csv"))
        .hasBinaryContent("a  b\r\n1\r\n2\r\n".getBytes(UTF_8));
  }

  @Test
  void exitCodesAndErrorsAreTheProgramsOwn() throws Exception {
    run("export", "--table", "no_such").requireFailure(ExitCode.CONFIGURATION, "no_such");
    run("export", "--table", SlowTable.NAME, "--where", "false").requireFailure(ExitCode.NO_ROWS);
  }

  @ParameterizedTest
  @CsvSource({"INT, INTERRUPTED", "TERM, TERMINATED"})
  void signalsReachTheProgram(String signal, ExitCode expected) throws Exception {
    Path file = postgres.directory().resolve("out.csv");
    try (CliProcess process =
        start(
            Map.of("DATABASE_URL", postgres.urlText()),
            "export",
            "--table",
            SlowTable.NAME,
            "--where",
            SlowTable.CRAWL,
            "--progress",
            "none",
            "-o",
            file.toString())) {
      SlowTable.awaitBytes(file);
      process.signal(signal);
      process.awaitEnd(Patience.LONGEST).requireFailure(expected, "stopped by a signal");
    }
    assertThat(postgres.directory()).isEmptyDirectory();
  }

  @Test
  void moreFlagsForJavaComeLast() throws Exception {
    try (CliProcess process =
        start(
            Map.of("DATABASE_URL", postgres.urlText(), "POLYSTREAM_JAVA_OPTS", "-Xmx14m"),
            "export",
            "--table",
            SlowTable.NAME,
            "--progress",
            "none",
            "-o",
            "out.csv")) {
      process.awaitEnd(Patience.LONGEST).requireFailure(ExitCode.INTERNAL, "out of memory");
    }
    assertThat(postgres.directory()).isEmptyDirectory();
  }

  @Test
  void flinkIsBuiltForThoseWhoAskForItOnlyAndExportsTheSame() throws Exception {
    Path lib = launcher.toRealPath().resolveSibling(".polystream");
    assertThat(jars(lib.resolve("dist"))).isNotEmpty().noneMatch(jar -> jar.startsWith("flink-"));
    run("export", "--table", SlowTable.NAME, "-o", "direct.csv").requireDone();
    try (CliProcess process =
        start(
            Map.of("DATABASE_URL", postgres.urlText()),
            "export",
            "--table",
            SlowTable.NAME,
            "-o",
            "flink.csv",
            "--progress",
            "none",
            "--runner=flink",
            "--",
            "--flinkMaster=[local]")) {
      Outcome outcome = process.awaitEnd(BUILD).requireDone();
      assertThat(outcome.errorLines()).hasSize(2).first().asString().contains("building");
    }
    assertThat(jars(lib.resolve("flink/dist"))).anyMatch(jar -> jar.startsWith("flink-"));
    assertThat(
            Files.mismatch(
                postgres.directory().resolve("direct.csv"),
                postgres.directory().resolve("flink.csv")))
        .isNegative();
    // What was there before is as it was.
    run("--version").requireCode(ExitCode.DONE);
  }

  @Test
  void javaFindsItsClassesParsedAndAnotherJavaPreparesItsOwnOnce() throws Exception {
    Path dist = launcher.toRealPath().resolveSibling(".polystream").resolve("dist");
    String archive = "classes-" + Runtime.version().feature() + ".jsa";
    try (Stream<Path> files = Files.walk(dist)) {
      assertThat(files.filter(file -> file.endsWith(archive)))
          .singleElement(InstanceOfAssertFactories.PATH)
          .isNotEmptyFile();
    }
    Path home = Path.of(System.getProperty("java.home"));
    Path bin = Files.createDirectories(temporary.resolve("another java/bin"));
    Files.copy(home.resolve("release"), bin.resolveSibling("release"));
    Path java =
        Files.writeString(bin.resolve("java"), "#!/bin/sh\nexec '" + home + "/bin/java' \"$@\"\n");
    assertThat(java.toFile().setExecutable(true)).isTrue();
    Map<String, String> another = Map.of("JAVA_HOME", bin.getParent().toString());
    try (CliProcess first = start(another, "--version")) {
      assertThat(first.awaitEnd(BUILD).requireCode(ExitCode.DONE).errorLines())
          .singleElement()
          .asString()
          .contains("preparing for this Java");
    }
    try (CliProcess second = start(another, "--version")) {
      assertThat(second.awaitEnd(Patience.LONGEST).requireCode(ExitCode.DONE).err()).isEmpty();
    }
  }

  private static List<String> jars(Path dist) throws IOException {
    try (Stream<Path> files = Files.walk(dist)) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.endsWith(".jar"))
          .toList();
    }
  }

  @Test
  void aThousandRowsTakeLittleTime() throws Exception {
    run("--version").requireCode(ExitCode.DONE);
    long begin = System.nanoTime();
    run("export", "--table", SlowTable.NAME, "--limit", "1000", "-o", "out.csv").requireDone();
    // 2.5 s is what is promised of a machine that does nothing else.
    assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(10));
  }
}
