package io.polystream.testing;

import static io.polystream.testing.Patience.await;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.polystream.source.DatabaseUrl;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Real PostgreSQL for integration tests: one server per JVM, a new database per test class, a new
 * {@link #directory} for output per test. After every test it looks for leaks: connections of
 * PolyStream's in the class's database, and its hidden files in the directory.
 *
 * <pre>{@code
 * @RegisterExtension static final PostgresExtension postgres = new PostgresExtension();
 * }</pre>
 */
public final class PostgresExtension
    implements BeforeAllCallback, BeforeEachCallback, AfterEachCallback, AfterAllCallback {
  /** The superuser; every login is trusted. */
  public static final String USER = "postgres";

  private static final AtomicInteger DATABASES = new AtomicInteger();

  private Server server;
  private String database;
  private Path directory;

  /** The one server of this JVM; JUnit closes it after the last test. */
  private record Server(EmbeddedPostgres process) implements AutoCloseable {
    static Server start() {
      try {
        return new Server(
            EmbeddedPostgres.builder()
                .setPGStartupWait(Patience.LONGEST)
                .setServerConfig("fsync", "off")
                .setServerConfig("synchronous_commit", "off")
                .setServerConfig("full_page_writes", "off")
                .setServerConfig("max_wal_size", "4GB")
                .setServerConfig("shared_buffers", "256MB")
                .start());
      } catch (IOException e) {
        throw new IllegalStateException("cannot start PostgreSQL", e);
      }
    }

    @Override
    public void close() throws IOException {
      process.close();
    }
  }

  @Override
  public void beforeAll(ExtensionContext context) throws SQLException {
    server =
        context
            .getRoot()
            .getStore(ExtensionContext.Namespace.create(PostgresExtension.class))
            .computeIfAbsent(Server.class, key -> Server.start(), Server.class);
    database = "test_" + DATABASES.incrementAndGet();
    // From template0: whatever a test did to template1 is no part of the next one's database.
    executeIn("postgres", "CREATE DATABASE " + database + " TEMPLATE template0 ENCODING 'UTF8'");
  }

  @Override
  public void beforeEach(ExtensionContext context) throws IOException {
    directory = Files.createTempDirectory("polystream-it-");
  }

  @Override
  public void afterEach(ExtensionContext context) throws IOException {
    try {
      requireNoConnections();
      assertThat(hiddenFiles()).as("hidden files left in the output directory").isEmpty();
    } finally {
      deleteTree(directory);
    }
  }

  @Override
  public void afterAll(ExtensionContext context) throws SQLException {
    executeIn("postgres", "DROP DATABASE " + database + " WITH (FORCE)");
  }

  /** The class's database, as the superuser. */
  public DatabaseUrl url() {
    return url(USER);
  }

  /** The class's database, as another role. */
  public DatabaseUrl url(String role) {
    return new DatabaseUrl(
        DatabaseUrl.POSTGRESQL,
        hostAndPort(),
        database,
        Optional.of(role),
        Optional.empty(),
        Map.of());
  }

  /** The class's database as the command line takes it. */
  public String urlText() {
    return "postgresql://" + USER + "@" + hostAndPort() + "/" + database;
  }

  public int port() {
    return server.process().getPort();
  }

  private String hostAndPort() {
    return "localhost:" + port();
  }

  /** An empty directory for this test's output, deleted after it. */
  public Path directory() {
    return directory;
  }

  /** A connection of the test's own, in autocommit mode; the caller closes it. */
  public Connection connect() throws SQLException {
    return connectTo(database);
  }

  private Connection connectTo(String name) throws SQLException {
    return DriverManager.getConnection(
        "jdbc:postgresql://" + hostAndPort() + "/" + name + "?ApplicationName=test", USER, "");
  }

  /** Runs statements on a connection of their own, each in a transaction of its own. */
  public void execute(String... statements) throws SQLException {
    executeIn(database, statements);
  }

  private void executeIn(String name, String... statements) throws SQLException {
    try (Connection connection = connectTo(name);
        Statement statement = connection.createStatement()) {
      for (String sql : statements) {
        statement.execute(sql);
      }
    }
  }

  /** Runs a file of SQL as it is. */
  public void executeFile(Path file) throws SQLException, IOException {
    execute(Files.readString(file, UTF_8));
  }

  /** The first column of every row, as text. */
  public List<String> queryColumn(String sql) throws SQLException {
    try (Connection connection = connect();
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      List<String> values = new ArrayList<>();
      while (rows.next()) {
        values.add(rows.getString(1));
      }
      return values;
    }
  }

  /** The first column of the only row, as text. */
  public String queryText(String sql) throws SQLException {
    List<String> values = queryColumn(sql);
    assertThat(values).as(sql).hasSize(1);
    return values.get(0);
  }

  /** The first column of the only row, as a number. */
  public long queryLong(String sql) throws SQLException {
    return Long.parseLong(queryText(sql));
  }

  /** Connections of PolyStream's in this database that the server knows of, one line each. */
  public List<String> polystreamConnections() throws SQLException {
    return queryColumn(
        "SELECT format('%s %s: %s', pid, state, query) FROM pg_stat_activity"
            + " WHERE application_name LIKE 'polystream%' AND datname = current_database()");
  }

  /** Waits until the server has no connection of PolyStream's in this database. */
  public void requireNoConnections() {
    await("connections of PolyStream's to end")
        .untilAsserted(() -> assertThat(polystreamConnections()).isEmpty());
  }

  /** Hidden files and directories in {@link #directory}: what exports own while they run. */
  public List<String> hiddenFiles() throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.startsWith("."))
          .sorted()
          .toList();
    }
  }

  static void deleteTree(Path root) throws IOException {
    Files.walkFileTree(
        root,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            Files.delete(file);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path directory, IOException failure)
              throws IOException {
            Files.delete(directory);
            return FileVisitResult.CONTINUE;
          }
        });
  }
}
