package io.polystream.testing;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.polystream.source.DatabaseUrl;
import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A PgBouncer before the test's server, on a free port of the loopback interface. */
public final class PgBouncer implements AutoCloseable {
  private static final Duration START = Duration.ofSeconds(10);

  private final Process process;
  private final Path directory;
  private final int port;
  private final PostgresExtension postgres;

  private PgBouncer(Process process, Path directory, int port, PostgresExtension postgres) {
    this.process = process;
    this.directory = directory;
    this.port = port;
    this.postgres = postgres;
  }

  /** The program, if it is installed: where administrators' programs are, too. */
  public static Optional<Path> program() {
    return Stream.concat(
            Stream.of(System.getenv("PATH").split(File.pathSeparator, -1)), Stream.of("/usr/sbin"))
        .map(place -> Path.of(place, "pgbouncer"))
        .filter(Files::isExecutable)
        .findFirst();
  }

  /**
   * Starts one and waits until it listens; the caller closes it.
   *
   * @param settings as in the section {@code [pgbouncer]} of its configuration
   */
  public static PgBouncer start(PostgresExtension postgres, Map<String, Object> settings)
      throws IOException {
    int port;
    try (ServerSocket free = new ServerSocket(0)) {
      port = free.getLocalPort();
    }
    Path directory =
        Files.createTempDirectory(
            "polystream-pgbouncer-",
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-xr-x")));
    Path users = directory.resolve("users.txt");
    Files.writeString(users, "\"" + PostgresExtension.USER + "\" \"\"\n", UTF_8);
    Path configuration = directory.resolve("pgbouncer.ini");
    Files.writeString(
        configuration,
        """
        [databases]
        * = host=127.0.0.1 port=%d
        [pgbouncer]
        listen_addr = 127.0.0.1
        listen_port = %d
        unix_socket_dir =
        auth_type = trust
        auth_file = %s
        %s
        """
            .formatted(
                postgres.port(),
                port,
                users,
                settings.entrySet().stream()
                    .map(setting -> setting.getKey() + " = " + setting.getValue())
                    .collect(Collectors.joining("\n"))),
        UTF_8);
    List<String> command = new ArrayList<>(List.of(program().orElseThrow().toString()));
    if (System.getProperty("user.name").equals("root")) {
      command.addAll(List.of("-u", "nobody"));
    }
    command.add(configuration.toString());
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(directory.resolve("log").toFile())
            .start();
    PgBouncer pooler = new PgBouncer(process, directory, port, postgres);
    await("PgBouncer to listen").atMost(START).until(pooler::listens);
    return pooler;
  }

  private boolean listens() throws IOException {
    assertThat(process.isAlive()).as(() -> log()).isTrue();
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
      return true;
    } catch (IOException notYet) {
      return false;
    }
  }

  /** What it wrote. */
  public String log() {
    try {
      return Files.readString(directory.resolve("log"), UTF_8);
    } catch (IOException e) {
      return e.toString();
    }
  }

  /** The class's database through the pooler, as the superuser. */
  public DatabaseUrl url() {
    return new DatabaseUrl(
        DatabaseUrl.POSTGRESQL,
        "127.0.0.1:" + port,
        postgres.url().database(),
        Optional.of(PostgresExtension.USER),
        Optional.empty(),
        Map.of());
  }

  /** The same as the command line takes it. */
  public String urlText() {
    return "postgresql://"
        + PostgresExtension.USER
        + "@127.0.0.1:"
        + port
        + "/"
        + postgres.url().database();
  }

  /** Ends it, and with it its connections to the server. */
  @Override
  public void close() throws IOException, InterruptedException {
    process.destroy();
    if (!process.waitFor(10, TimeUnit.SECONDS)) {
      process.destroyForcibly().waitFor();
    }
    try (Stream<Path> files = Files.list(directory)) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
    }
    Files.delete(directory);
  }
}
