package io.polystream.testing;

import static io.polystream.testing.Patience.await;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.polystream.source.DatabaseUrl;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * A primary and a hot standby that streams from it, both real and of a test class's own. The
 * standby begins as a copy of the primary's files, taken in backup mode.
 */
public final class StandbyExtension implements BeforeAllCallback, AfterAllCallback {
  private static final String DATABASE = "postgres";

  /** What belongs to the primary's process, or comes by streaming. */
  private static final Set<String> NOT_COPIED = Set.of("postmaster.pid", "postmaster.opts");

  private EmbeddedPostgres primary;
  private EmbeddedPostgres standby;
  private Path standbyDirectory;

  @Override
  public void beforeAll(ExtensionContext context) throws IOException, SQLException {
    primary =
        EmbeddedPostgres.builder()
            .setServerConfig("fsync", "off")
            .setServerConfig("wal_level", "replica")
            .setServerConfig("wal_keep_size", "1GB")
            .setServerConfig("autovacuum", "off")
            .start();
    // Only its owner may see into a directory of data.
    FileAttribute<?> ownersOnly =
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));
    standbyDirectory = Files.createTempDirectory("polystream-standby-", ownersOnly);
    copyPrimary(ownersOnly);
    standby =
        EmbeddedPostgres.builder()
            .setDataDirectory(standbyDirectory)
            .setCleanDataDirectory(false)
            .setPGStartupWait(Patience.LONGEST)
            .setServerConfig("fsync", "off")
            .setServerConfig("hot_standby", "on")
            .setServerConfig("wal_receiver_status_interval", "1")
            .start();
    catchUp();
  }

  private void copyPrimary(FileAttribute<?> ownersOnly) throws IOException, SQLException {
    try (Connection connection = connectToPrimary();
        Statement statement = connection.createStatement()) {
      statement.execute("SELECT pg_backup_start('standby', true)");
      Path source = Path.of(text(statement, "SHOW data_directory"));
      copyTree(source, standbyDirectory, ownersOnly);
      Files.writeString(
          standbyDirectory.resolve("backup_label"),
          text(statement, "SELECT labelfile FROM pg_backup_stop()"),
          UTF_8);
      Files.createFile(standbyDirectory.resolve("standby.signal"));
      Files.writeString(
          standbyDirectory.resolve("postgresql.auto.conf"),
          "primary_conninfo = 'host=localhost user=postgres port="
              + primary.getPort()
              + "'\n"
              + "max_standby_streaming_delay = -1\n",
          UTF_8,
          StandardOpenOption.APPEND);
    }
  }

  private static void copyTree(Path source, Path target, FileAttribute<?> ownersOnly)
      throws IOException {
    Path log = source.resolve("pg_wal");
    Files.walkFileTree(
        source,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes)
              throws IOException {
            if (!directory.equals(source)) {
              Files.createDirectory(target.resolve(source.relativize(directory)), ownersOnly);
            }
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            String name = file.getFileName().toString();
            if (!file.startsWith(log) && !NOT_COPIED.contains(name) && !name.startsWith("epg-")) {
              Files.copy(file, target.resolve(source.relativize(file)));
            }
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFileFailed(Path file, IOException gone) {
            // The server removes files while it runs; the log has what they held.
            return FileVisitResult.CONTINUE;
          }
        });
  }

  @Override
  public void afterAll(ExtensionContext context) throws IOException {
    try {
      if (standby != null) {
        standby.close();
      }
    } finally {
      if (primary != null) {
        primary.close();
      }
      if (standbyDirectory != null && Files.exists(standbyDirectory)) {
        PostgresExtension.deleteTree(standbyDirectory);
      }
    }
  }

  public Connection connectToPrimary() throws SQLException {
    return primary.getPostgresDatabase().getConnection();
  }

  /** Runs statements on the primary, each in a transaction of its own. */
  public void execute(String... statements) throws SQLException {
    execute(primary, statements);
  }

  /** Runs statements on the standby. */
  public void executeOnStandby(String... statements) throws SQLException {
    execute(standby, statements);
  }

  private static void execute(EmbeddedPostgres server, String... statements) throws SQLException {
    try (Connection connection = server.getPostgresDatabase().getConnection();
        Statement statement = connection.createStatement()) {
      for (String sql : statements) {
        statement.execute(sql);
      }
    }
  }

  /** The first column of the first row, on the standby. */
  public String queryStandby(String sql) throws SQLException {
    try (Connection connection = standby.getPostgresDatabase().getConnection();
        Statement statement = connection.createStatement()) {
      return text(statement, sql);
    }
  }

  private static String text(Statement statement, String sql) throws SQLException {
    try (ResultSet rows = statement.executeQuery(sql)) {
      rows.next();
      return rows.getString(1);
    }
  }

  /** Waits until the standby has replayed what the primary has done. */
  public void catchUp() throws SQLException {
    String position;
    try (Connection connection = connectToPrimary();
        Statement statement = connection.createStatement()) {
      position = text(statement, "SELECT pg_current_wal_insert_lsn()");
    }
    await("the standby to catch up")
        .until(
            () ->
                queryStandby("SELECT pg_last_wal_replay_lsn() >= '" + position + "'::pg_lsn")
                    .equals("t"));
  }

  public int primaryPort() {
    return primary.getPort();
  }

  public int standbyPort() {
    return standby.getPort();
  }

  /** The database on the standby, as the superuser. */
  public DatabaseUrl url() {
    return url(standbyPort());
  }

  /** The same database at whatever listens on the port. */
  public static DatabaseUrl url(int port) {
    return new DatabaseUrl(
        DatabaseUrl.POSTGRESQL,
        "localhost:" + port,
        DATABASE,
        Optional.of(PostgresExtension.USER),
        Optional.empty(),
        Map.of());
  }

  /** The database on the standby as the command line takes it. */
  public String urlText(String role) {
    return "postgresql://" + role + "@localhost:" + standbyPort() + "/" + DATABASE;
  }
}
