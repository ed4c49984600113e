package io.polystream.service;

import static io.polystream.testing.Patience.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.polystream.testing.JavaProcess;
import io.polystream.testing.Patience;
import io.polystream.testing.PostgresExtension;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The service as a {@link JavaProcess}, for signals and kills, from the jars that are handed out
 * where they are built. Closing it kills what still runs.
 */
final class ServiceProcess implements AutoCloseable {
  private static final Pattern LISTENS = Pattern.compile("listens on http://\\S+:(\\d+)");

  private final JavaProcess process;

  private ServiceProcess(JavaProcess process) {
    this.process = process;
  }

  /** How one is to be started. */
  static JavaProcess.Setup setup(Map<String, String> environment) throws IOException {
    return JavaProcess.of(Main.class, classPath())
        .environment(environment)
        .jvmFlags("-XX:+ExitOnOutOfMemoryError");
  }

  /** As {@link Api#start(PostgresExtension, String...)}. */
  static ServiceProcess start(PostgresExtension postgres, String... namesAndValues)
      throws IOException {
    return start(setup(Api.environment(postgres, namesAndValues)));
  }

  static ServiceProcess start(JavaProcess.Setup setup, String... args) throws IOException {
    return new ServiceProcess(setup.start(args));
  }

  /** Starts one that has to end by itself. */
  static JavaProcess.End run(Map<String, String> environment, String... args)
      throws IOException, InterruptedException {
    try (JavaProcess process = setup(environment).start(args)) {
      return process.awaitEnd(Patience.LONGEST);
    }
  }

  /** What the build copies beside the jar is what the program has; the tests' jars are not. */
  private static List<Path> classPath() throws IOException {
    Path built = Path.of("target").toAbsolutePath();
    Path lib = built.resolve("lib");
    if (!Files.isDirectory(lib)) {
      return JavaProcess.classPath();
    }
    List<Path> jars = new ArrayList<>(jarsIn(built));
    jars.addAll(jarsIn(lib));
    return jars;
  }

  private static List<Path> jarsIn(Path directory) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.filter(file -> file.toString().endsWith(".jar")).sorted().toList();
    }
  }

  JavaProcess process() {
    return process;
  }

  /** Somebody who asks it, once it listens. */
  Api awaitApi() throws Exception {
    await("the service to listen")
        .failFast(() -> assertThat(process.isAlive()).as(process.errSoFar()).isTrue())
        .until(() -> LISTENS.matcher(process.errSoFar()).find());
    Matcher listens = LISTENS.matcher(process.errSoFar());
    assertThat(listens.find()).isTrue();
    return Api.at(Integer.parseInt(listens.group(1)));
  }

  /** Ends it as no program can prevent. */
  void kill() throws IOException, InterruptedException {
    process.signal("KILL");
    assertThat(process.awaitEnd(Patience.LONGEST).exitCode()).isEqualTo(128 + 9);
  }

  /** Tells it to end, which it does in order; with nothing of it on standard output. */
  JavaProcess.End end(String signal) throws IOException, InterruptedException {
    process.signal(signal);
    return awaitOrderlyEnd();
  }

  JavaProcess.End awaitOrderlyEnd() throws IOException, InterruptedException {
    JavaProcess.End end = process.awaitEnd(Patience.LONGEST);
    assertThat(end.exitCode()).as(end.err()).isZero();
    assertThat(end.out()).as("standard output").isEmpty();
    return end;
  }

  @Override
  public void close() throws IOException, InterruptedException {
    process.close();
  }
}
