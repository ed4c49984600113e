package io.polystream.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.polystream.testing.Patience;
import io.polystream.testing.PostgresExtension;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The command line as a process of its own, with the flags the launcher gives it: for signals,
 * memory, the environment, and for what must survive a kill. Closing it kills what still runs.
 */
final class CliProcess implements AutoCloseable {
  private static final int SIGINT = 2;

  private final Process process;
  private final Path out;
  private final Path err;

  private CliProcess(Process process, Path out, Path err) {
    this.process = process;
    this.out = out;
    this.err = err;
  }

  /** How a process is to be started. */
  static final class Setup {
    private final List<String> jvmFlags = new ArrayList<>();
    private final Map<String, String> environment;
    private Path directory = Path.of("").toAbsolutePath();
    private Path launcher;
    private String wrapper = "";
    private boolean archived = true;
    private String moreClassPath = "";

    private Setup(Map<String, String> environment) {
      this.environment = environment;
    }

    /** JVM flags behind the launcher's, so they override those. */
    Setup jvmFlags(String... flags) {
      jvmFlags.addAll(List.of(flags));
      return this;
    }

    Setup workingDirectory(Path path) {
      directory = path;
      return this;
    }

    /**
     * Starts it from a line of shell, in which {@code "$@"} is the command: {@code ulimit -f 10;
     * exec "$@"}.
     */
    Setup inShell(String line) {
      wrapper = line;
      return this;
    }

    /** Adds a jar behind the program's own. */
    Setup alsoOnClassPath(Path jar) {
      moreClassPath = File.pathSeparator + jar;
      return this;
    }

    /** Has every class read from its jar, as after a build that could not archive them. */
    Setup withoutClassArchive() {
      archived = false;
      return this;
    }

    /** Has a script do what this class does otherwise. */
    Setup launcher(Path script) {
      launcher = script;
      return this;
    }

    private List<String> java() throws IOException {
      List<String> command = new ArrayList<>(launcherJava());
      if (archived) {
        ClassArchive.ofThisBuild().ifPresent(archive -> command.add(archive.flag()));
      }
      command.add("-XX:OnOutOfMemoryError=kill -USR1 %p");
      // Runs are over before the second compiler pays; the heap is the same, or fuller.
      command.add("-XX:TieredStopAtLevel=1");
      command.addAll(jvmFlags);
      command.addAll(
          List.of("-cp", ClassArchive.classPath() + moreClassPath, Main.class.getName()));
      return command;
    }

    CliProcess start(String... args) throws IOException {
      List<String> command = new ArrayList<>();
      if (ignoresInterrupts()) {
        // Started in a shell's background; children would ignore Ctrl-C, too.
        command.addAll(List.of("env", "--default-signal=INT"));
      }
      if (!wrapper.isEmpty()) {
        command.addAll(List.of("sh", "-c", wrapper, "sh"));
      }
      command.addAll(launcher == null ? java() : List.of(launcher.toString()));
      command.addAll(List.of(args));
      Path out = Files.createTempFile("polystream-out-", ".txt");
      Path err = Files.createTempFile("polystream-err-", ".txt");
      ProcessBuilder builder =
          new ProcessBuilder(command)
              .directory(directory.toFile())
              .redirectOutput(out.toFile())
              .redirectError(err.toFile());
      builder.environment().keySet().removeIf(name -> name.startsWith("PG"));
      builder.environment().remove("DATABASE_URL");
      builder.environment().remove("EXPORT_ROW_LIMIT");
      builder.environment().put("MALLOC_ARENA_MAX", "2");
      builder.environment().putAll(environment);
      return new CliProcess(builder.start(), out, err);
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

  /** This Java, as the script {@code polystream} starts it. */
  static List<String> launcherJava() throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(launcherFlags());
    if (Runtime.version().feature() >= 24) {
      command.add("--sun-misc-unsafe-memory-access=allow");
    }
    return command;
  }

  /** What the script {@code polystream} starts Java with. */
  private static List<String> launcherFlags() throws IOException {
    return flagsIn("jvm_flags\\(\\) \\{\\s*flags=\"([^\"]+)\"");
  }

  /** What it starts Java with for Flink, packages to open left out. */
  static List<String> flinkFlags() throws IOException {
    return flagsIn("flink_flags\\(\\) \\{\\s*flags=\"\\$flags ([^\"]+)\"");
  }

  private static List<String> flagsIn(String pattern) throws IOException {
    String script = Files.readString(repository().resolve("polystream"), UTF_8);
    Matcher flags = Pattern.compile(pattern, Pattern.DOTALL).matcher(script);
    assertThat(flags.find()).as("JVM flags in the launcher").isTrue();
    return Arrays.asList(flags.group(1).strip().split("\\s+"));
  }

  /** The top of the sources. */
  static Path repository() {
    Path directory = Path.of("").toAbsolutePath();
    while (!Files.exists(directory.resolve("polystream"))) {
      directory = directory.getParent();
      assertThat(directory).as("a directory with the launcher").isNotNull();
    }
    return directory;
  }

  private static boolean ignoresInterrupts() throws IOException {
    Path status = Path.of("/proc/self/status");
    if (!Files.exists(status)) {
      return false;
    }
    String ignored =
        Files.readAllLines(status, UTF_8).stream()
            .filter(line -> line.startsWith("SigIgn:"))
            .map(line -> line.substring("SigIgn:".length()).strip())
            .findFirst()
            .orElse("0");
    return (Long.parseUnsignedLong(ignored, 16) & 1L << (SIGINT - 1)) != 0;
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
    signal(name, process.pid());
  }

  static void signal(String name, long pid) throws IOException, InterruptedException {
    Process kill = new ProcessBuilder("kill", "-" + name, Long.toString(pid)).start();
    assertThat(kill.waitFor()).as("kill -%s %d", name, pid).isZero();
  }

  /** Waits for the end; fails, with the threads' stacks, when it does not come in time. */
  Outcome awaitEnd(Duration atMost) throws IOException, InterruptedException {
    if (!process.waitFor(atMost.toMillis(), TimeUnit.MILLISECONDS)) {
      String stacks = stacks();
      process.destroyForcibly().waitFor();
      throw new AssertionError(
          "still running after "
              + atMost
              + "; standard error:\n"
              + Files.readString(err, UTF_8)
              + "\nthreads:\n"
              + stacks);
    }
    return new Outcome(
        process.exitValue(), Files.readString(out, UTF_8), Files.readString(err, UTF_8));
  }

  private String stacks() throws IOException {
    String jstack = Path.of(System.getProperty("java.home"), "bin", "jstack").toString();
    Process asking =
        new ProcessBuilder(jstack, Long.toString(process.pid())).redirectErrorStream(true).start();
    return new String(asking.getInputStream().readAllBytes(), UTF_8);
  }

  /** What is on standard error so far. */
  String errSoFar() throws IOException {
    return Files.readString(err, UTF_8);
  }

  @Override
  public void close() throws IOException, InterruptedException {
    process.destroyForcibly().waitFor();
    Files.delete(out);
    Files.delete(err);
  }
}
