package io.polystream.testing;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A program as a process of its own, with the flags the launcher gives it: for signals, memory, the
 * environment, and for what must survive a kill. Closing it kills what still runs.
 */
public final class JavaProcess implements AutoCloseable {
  private static final int SIGINT = 2;

  /** What whoever runs the tests may have set for programs of his own. */
  private static final Pattern SETTING =
      Pattern.compile(
          "PG.*|EXPORT_.*|MAX_.*|DB_.*|DATABASE_URL|PORT|BIND_ADDRESS|STORE_PATH"
              + "|DOWNLOAD_RATE_LIMIT|DRAIN_TIMEOUT|LOG_FORMAT");

  private final Process process;
  private final Path out;
  private final Path err;

  private JavaProcess(Process process, Path out, Path err) {
    this.process = process;
    this.out = out;
    this.err = err;
  }

  /** What a program did: its exit code, and what it wrote on its two streams. */
  public record End(int exitCode, String out, String err) {}

  /** How a process is to be started. */
  public static final class Setup {
    private final Class<?> program;
    private final List<Path> classPath;
    private final List<String> jvmFlags = new ArrayList<>();
    private final Map<String, String> environment = new HashMap<>();
    private Path directory = Path.of("").toAbsolutePath();
    private Path launcher;
    private String wrapper = "";
    private boolean archived = true;
    private String moreClassPath = "";

    private Setup(Class<?> program, List<Path> classPath) {
      this.program = program;
      this.classPath = classPath;
    }

    /** JVM flags behind the launcher's, so they override those. */
    public Setup jvmFlags(String... flags) {
      jvmFlags.addAll(List.of(flags));
      return this;
    }

    public Setup environment(Map<String, String> variables) {
      environment.putAll(variables);
      return this;
    }

    public Setup workingDirectory(Path path) {
      directory = path;
      return this;
    }

    /**
     * Starts it from a line of shell, in which {@code "$@"} is the command: {@code ulimit -f 10;
     * exec "$@"}.
     */
    public Setup inShell(String line) {
      wrapper = line;
      return this;
    }

    /** Adds a jar behind the program's own. */
    public Setup alsoOnClassPath(Path jar) {
      moreClassPath = File.pathSeparator + jar;
      return this;
    }

    /** Has every class read from its jar, as after a build that could not archive them. */
    public Setup withoutClassArchive() {
      archived = false;
      return this;
    }

    /** Has a script do what this class does otherwise. */
    public Setup launcher(Path script) {
      launcher = script;
      return this;
    }

    private List<String> java() throws IOException {
      List<String> command = new ArrayList<>(launcherJava());
      if (archived) {
        ClassArchive.of(program, classPath).ifPresent(archive -> command.add(archive.flag()));
      }
      // Runs are over before the second compiler pays; the heap is the same, or fuller.
      command.add("-XX:TieredStopAtLevel=1");
      command.addAll(jvmFlags);
      command.addAll(
          List.of("-cp", ClassArchive.joined(classPath) + moreClassPath, program.getName()));
      return command;
    }

    public JavaProcess start(String... args) throws IOException {
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
      builder.environment().keySet().removeIf(name -> SETTING.matcher(name).matches());
      builder.environment().put("MALLOC_ARENA_MAX", "2");
      builder.environment().putAll(environment);
      return new JavaProcess(builder.start(), out, err);
    }
  }

  /**
   * How a program is to be started.
   *
   * @param classPath which the program has in the order given
   */
  public static Setup of(Class<?> program, List<Path> classPath) {
    return new Setup(program, classPath);
  }

  /** The class path of this JVM without the tests' classes: archives want jars. */
  public static List<Path> classPath() {
    return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
        .filter(entry -> !entry.endsWith("test-classes") && !entry.endsWith("-tests.jar"))
        .map(Path::of)
        .toList();
  }

  /** This Java, as the script {@code polystream} starts it. */
  static List<String> launcherJava() throws IOException {
    List<String> command = new ArrayList<>();
    command.add(java());
    command.addAll(launcherFlags("jvm_flags\\(\\) \\{\\s*flags=\"([^\"]+)\""));
    if (Runtime.version().feature() >= 24) {
      command.add("--sun-misc-unsafe-memory-access=allow");
    }
    return command;
  }

  static String java() {
    return Path.of(System.getProperty("java.home"), "bin", "java").toString();
  }

  /**
   * Flags from the script {@code polystream}.
   *
   * @param pattern whose group 1 they are
   */
  public static List<String> launcherFlags(String pattern) throws IOException {
    String script = Files.readString(repository().resolve("polystream"), UTF_8);
    Matcher flags = Pattern.compile(pattern, Pattern.DOTALL).matcher(script);
    assertThat(flags.find()).as("JVM flags in the launcher").isTrue();
    return Arrays.asList(flags.group(1).strip().split("\\s+"));
  }

  /** The top of the sources. */
  public static Path repository() {
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

  public boolean isAlive() {
    return process.isAlive();
  }

  public long pid() {
    return process.pid();
  }

  /**
   * Sends a signal.
   *
   * @param name without SIG
   */
  public void signal(String name) throws IOException, InterruptedException {
    signal(name, process.pid());
  }

  /** Sends a signal to another process. */
  public static void signal(String name, long pid) throws IOException, InterruptedException {
    Process kill = new ProcessBuilder("kill", "-" + name, Long.toString(pid)).start();
    assertThat(kill.waitFor()).as("kill -%s %d", name, pid).isZero();
  }

  /** Waits for the end; fails, with the threads' stacks, when it does not come in time. */
  public End awaitEnd(Duration atMost) throws IOException, InterruptedException {
    if (!process.waitFor(atMost.toMillis(), TimeUnit.MILLISECONDS)) {
      String stacks = tool("jstack");
      process.destroyForcibly().waitFor();
      throw new AssertionError(
          "still running after "
              + atMost
              + "; standard error:\n"
              + Files.readString(err, UTF_8)
              + "\nthreads:\n"
              + stacks);
    }
    return new End(process.exitValue(), Files.readString(out, UTF_8), errSoFar());
  }

  /** What one of the JDK's tools has to say about the process. */
  public String tool(String name, String... args) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", name).toString());
    command.add(Long.toString(process.pid()));
    command.addAll(List.of(args));
    Process asking = new ProcessBuilder(command).redirectErrorStream(true).start();
    return new String(asking.getInputStream().readAllBytes(), UTF_8);
  }

  /** What is on standard error so far. */
  public String errSoFar() throws IOException {
    return Files.readString(err, UTF_8);
  }

  @Override
  public void close() throws IOException, InterruptedException {
    process.destroyForcibly().waitFor();
    Files.delete(out);
    Files.delete(err);
  }
}
