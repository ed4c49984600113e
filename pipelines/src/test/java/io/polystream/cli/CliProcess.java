package io.polystream.cli;

import io.polystream.testing.JavaProcess;
import io.polystream.testing.Patience;
import io.polystream.testing.PostgresExtension;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** The command line as a {@link JavaProcess}. Closing it kills what still runs. */
final class CliProcess implements AutoCloseable {
  private final JavaProcess process;

  private CliProcess(JavaProcess process) {
    this.process = process;
  }

  /** How a process is to be started. */
  static final class Setup {
    private final JavaProcess.Setup setup;

    private Setup(Map<String, String> environment) {
      setup =
          JavaProcess.of(Main.class, JavaProcess.classPath())
              .environment(environment)
              .jvmFlags("-XX:OnOutOfMemoryError=kill -USR1 %p");
    }

    /** JVM flags behind the launcher's, so they override those. */
    Setup jvmFlags(String... flags) {
      setup.jvmFlags(flags);
      return this;
    }

    Setup workingDirectory(Path path) {
      setup.workingDirectory(path);
      return this;
    }

    /** As {@link JavaProcess.Setup#inShell}. */
    Setup inShell(String line) {
      setup.inShell(line);
      return this;
    }

    /** Adds a jar behind the program's own. */
    Setup alsoOnClassPath(Path jar) {
      setup.alsoOnClassPath(jar);
      return this;
    }

    /** Has every class read from its jar, as after a build that could not archive them. */
    Setup withoutClassArchive() {
      setup.withoutClassArchive();
      return this;
    }

    /** Has a script do what this class does otherwise. */
    Setup launcher(Path script) {
      setup.launcher(script);
      return this;
    }

    CliProcess start(String... args) throws IOException {
      return new CliProcess(setup.start(args));
    }

    Outcome run(String... args) throws IOException, InterruptedException {
      try (CliProcess process = start(args)) {
        return process.awaitEnd(Patience.LONGEST);
      }
    }
  }

  static Setup setup() {
    return new Setup(Map.of());
  }

  static Setup withEnvironment(Map<String, String> environment) {
    return new Setup(environment);
  }

  /** {@code polystream export} from the test's database, running. */
  static CliProcess startExport(PostgresExtension postgres, String... args) throws IOException {
    return setup().start(Cli.exportArgs(postgres.urlText(), args));
  }

  /** What the script {@code polystream} starts Java with for Flink, packages to open left out. */
  static List<String> flinkFlags() throws IOException {
    return JavaProcess.launcherFlags("flink_flags\\(\\) \\{\\s*flags=\"\\$flags ([^\"]+)\"");
  }

  /** The top of the sources. */
  static Path repository() {
    return JavaProcess.repository();
  }

  boolean isAlive() {
    return process.isAlive();
  }

  /**
   * Sends a signal.
   *
   * @param name without SIG
   */
  void signal(String name) throws IOException, InterruptedException {
    process.signal(name);
  }

  static void signal(String name, long pid) throws IOException, InterruptedException {
    JavaProcess.signal(name, pid);
  }

  /** Waits for the end; fails, with the threads' stacks, when it does not come in time. */
  Outcome awaitEnd(Duration atMost) throws IOException, InterruptedException {
    JavaProcess.End end = process.awaitEnd(atMost);
    return new Outcome(end.exitCode(), end.out(), end.err());
  }

  /** What is on standard error so far. */
  String errSoFar() throws IOException {
    return process.errSoFar();
  }

  @Override
  public void close() throws IOException, InterruptedException {
    process.close();
  }
}
