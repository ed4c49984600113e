package io.polystream.flink;

import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.flink.runtime.entrypoint.StandaloneSessionClusterEntrypoint;
import org.apache.flink.runtime.taskexecutor.TaskManagerRunner;

/**
 * A Flink cluster of processes on this machine, reachable from it only: a JobManager, and
 * TaskManagers of two slots each. They have Flink's jars and nothing of ours, as a real one.
 * Closing it kills them.
 */
final class FlinkCluster implements AutoCloseable {
  static final int SLOTS_PER_TASK_MANAGER = 2;

  private static final Duration PATIENCE = Duration.ofSeconds(90);

  /** Flink's own jars, and what its distribution carries in one. */
  private static final Pattern JARS =
      Pattern.compile(
          "(flink|slf4j|kryo|minlog|objenesis|chill|snakeyaml|commons-(cli|collections|compress|io"
              + "|lang3|math3|text)|javassist|lz4|snappy|async-profiler|jsr305)[-\\d].*\\.jar");

  private final Path directory;
  private final int restPort = freePort();
  private final List<Process> processes = new ArrayList<>();
  private final Queue<Process> taskManagers = new ArrayDeque<>();

  /**
   * @param directory an empty one, for configuration, logs and what the processes write
   */
  FlinkCluster(Path directory) throws IOException {
    this.directory = directory;
    Map<String, String> settings = new LinkedHashMap<>();
    settings.put("jobmanager.rpc.address", "localhost");
    settings.put("jobmanager.rpc.port", Integer.toString(freePort()));
    settings.put("jobmanager.bind-host", "localhost");
    settings.put("jobmanager.memory.process.size", "1024m");
    settings.put("rest.address", "localhost");
    settings.put("rest.bind-address", "localhost");
    settings.put("rest.port", Integer.toString(restPort));
    settings.put("taskmanager.host", "localhost");
    settings.put("taskmanager.bind-host", "localhost");
    settings.put("taskmanager.numberOfTaskSlots", Integer.toString(SLOTS_PER_TASK_MANAGER));
    settings.put("taskmanager.cpu.cores", "1");
    settings.put("taskmanager.memory.framework.heap.size", "64m");
    settings.put("taskmanager.memory.task.heap.size", "192m");
    settings.put("taskmanager.memory.framework.off-heap.size", "64m");
    settings.put("taskmanager.memory.task.off-heap.size", "64m");
    settings.put("taskmanager.memory.network.min", "64m");
    settings.put("taskmanager.memory.network.max", "64m");
    settings.put("taskmanager.memory.managed.size", "64m");
    settings.put("taskmanager.memory.jvm-metaspace.size", "192m");
    settings.put("taskmanager.memory.jvm-overhead.min", "64m");
    settings.put("taskmanager.memory.jvm-overhead.max", "64m");
    // A worker that is gone is noticed soon, and the job begins anew with another.
    settings.put("heartbeat.interval", "1000");
    settings.put("heartbeat.timeout", "6000");
    settings.put("restart-strategy.type", "fixed-delay");
    settings.put("restart-strategy.fixed-delay.attempts", "5");
    settings.put("restart-strategy.fixed-delay.delay", "1 s");
    settings.put("io.tmp.dirs", directory.toString());
    settings.put("web.tmpdir", directory.toString());
    // What is JSON is YAML.
    new ObjectMapper().writeValue(directory.resolve("config.yaml").toFile(), settings);
  }

  private static int freePort() {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new IllegalStateException("no free port", e);
    }
  }

  /** As {@code --flinkMaster} has it. */
  String master() {
    return "localhost:" + restPort;
  }

  void startJobManager() throws IOException {
    start("jobmanager", StandaloneSessionClusterEntrypoint.class);
    awaitTaskManagers(0);
  }

  void startTaskManager() throws IOException {
    taskManagers.add(start("taskmanager-" + processes.size(), TaskManagerRunner.class));
  }

  /** SIGKILL for the oldest: it says nothing to anybody. */
  void killTaskManager() throws InterruptedException {
    taskManagers.remove().destroyForcibly().waitFor();
  }

  private Process start(String name, Class<?> main) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-Xmx256m", "-XX:+UseSerialGC"));
    command.addAll(JvmFlags.opens());
    command.addAll(List.of("-cp", flinkClassPath(), main.getName()));
    command.addAll(List.of("--configDir", directory.toString()));
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(directory.resolve(name + ".log").toFile());
    Process process = builder.start();
    processes.add(process);
    return process;
  }

  private static String flinkClassPath() {
    List<String> jars =
        Stream.of(System.getProperty("java.class.path").split(File.pathSeparator, -1))
            .filter(path -> JARS.matcher(new File(path).getName()).matches())
            .toList();
    return String.join(File.pathSeparator, jars);
  }

  /** Waits until so many have registered. */
  void awaitTaskManagers(int count) {
    awaitOverview("taskmanagers", count);
  }

  void awaitNoJobs() {
    awaitOverview("jobs-running", 0);
  }

  private void awaitOverview(String field, int count) {
    HttpClient client = HttpClient.newHttpClient();
    HttpRequest overview =
        HttpRequest.newBuilder(URI.create("http://" + master() + "/overview")).build();
    await(field + " of " + count)
        .atMost(PATIENCE)
        .ignoreExceptions()
        .until(
            () -> {
              String answer = client.send(overview, HttpResponse.BodyHandlers.ofString()).body();
              return new ObjectMapper().readTree(answer).path(field).asInt(-1) == count;
            });
  }

  /** All that the processes have said, for a test that failed. */
  String logs() throws IOException {
    StringBuilder all = new StringBuilder();
    try (Stream<Path> files = Files.list(directory)) {
      for (Path log : files.filter(file -> file.toString().endsWith(".log")).sorted().toList()) {
        all.append(log).append('\n').append(Files.readString(log)).append('\n');
      }
    }
    return all.toString();
  }

  @Override
  public void close() throws InterruptedException {
    for (Process process : processes) {
      process.destroyForcibly().waitFor(30, TimeUnit.SECONDS);
    }
  }
}
