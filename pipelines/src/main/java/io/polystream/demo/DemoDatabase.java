package io.polystream.demo;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.polystream.error.ErrorKind;
import io.polystream.error.PolyStreamException;
import io.polystream.source.DatabaseUrl;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Real PostgreSQL from jars, in a directory that goes away with it. The end of the process stops
 * it, too.
 */
public final class DemoDatabase implements AutoCloseable {
  private static final Duration START_TIMEOUT = Duration.ofSeconds(60);
  private static final String USER = "postgres";

  /** What init-db.sql calls its session while it works. */
  private static final Pattern SEEDING = Pattern.compile("polystream seeding (\\d+) of \\d+");

  private final ServerFiles files;
  private final EmbeddedPostgres server;

  private DemoDatabase(ServerFiles files, EmbeddedPostgres server) {
    this.files = files;
    this.server = server;
  }

  /** Starts the server, with settings for data that nobody will miss. */
  public static DemoDatabase start() {
    ServerFiles files = files();
    try {
      return new DemoDatabase(files, server(files));
    } catch (RuntimeException e) {
      try {
        files.close();
      } catch (IOException second) {
        e.addSuppressed(second);
      }
      throw e;
    }
  }

  private static ServerFiles files() {
    try {
      return ServerFiles.create();
    } catch (IOException | IllegalStateException e) {
      throw PolyStreamException.storage(
          "cannot make a directory for the demo's PostgreSQL in "
              + System.getProperty("java.io.tmpdir")
              + ": "
              + e.getMessage(),
          e);
    }
  }

  private static EmbeddedPostgres server(ServerFiles files) {
    try {
      return EmbeddedPostgres.builder()
          .setPgBinaryResolver(files)
          .setOverrideWorkingDirectory(files.programs().toFile())
          .setDataDirectory(files.data())
          .setCleanDataDirectory(false)
          .setPGStartupWait(START_TIMEOUT)
          .setServerConfig("fsync", "off")
          .setServerConfig("synchronous_commit", "off")
          .setServerConfig("full_page_writes", "off")
          .setServerConfig("max_wal_size", "4GB")
          .setServerConfig("shared_buffers", "256MB")
          .start();
    } catch (IOException | IllegalStateException e) {
      throw new PolyStreamException(
          ErrorKind.CONNECTION,
          "cannot start the demo's PostgreSQL: "
              + e.getMessage()
              + "; on a machine it has no"
              + " binaries for, use polystream export with a database of your own",
          e);
    }
  }

  public DatabaseUrl url() {
    return new DatabaseUrl(
        DatabaseUrl.POSTGRESQL,
        "localhost:" + server.getPort(),
        USER,
        Optional.of(USER),
        Optional.empty(),
        Map.of());
  }

  /** Fills the table {@code records} by init-db.sql. */
  public void seed(long rows) {
    try (Connection connection = connect();
        Statement statement = connection.createStatement()) {
      statement.execute("SET polystream.rows = " + rows);
      statement.execute(script());
      // So that the exports that follow do not pay for the first look at fresh rows.
      statement.execute("VACUUM records");
    } catch (SQLException e) {
      throw new PolyStreamException(
          ErrorKind.QUERY, "cannot seed the demo's table: " + e.getMessage(), e);
    }
  }

  /** How many rows {@link #seed} has made so far, from another thread. */
  public OptionalLong seededRows() {
    try (Connection connection = connect();
        PreparedStatement statement =
            connection.prepareStatement(
                "SELECT application_name FROM pg_stat_activity"
                    + " WHERE application_name LIKE 'polystream seeding%'");
        ResultSet found = statement.executeQuery()) {
      if (found.next()) {
        Matcher progress = SEEDING.matcher(found.getString(1));
        if (progress.matches()) {
          return OptionalLong.of(Long.parseLong(progress.group(1)));
        }
      }
      return OptionalLong.empty();
    } catch (SQLException stopping) {
      return OptionalLong.empty();
    }
  }

  private Connection connect() throws SQLException {
    return server.getPostgresDatabase().getConnection();
  }

  private static String script() {
    try (InputStream script = DemoDatabase.class.getResourceAsStream("/init-db.sql")) {
      return new String(script.readAllBytes(), UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    try (files) {
      server.close();
    } catch (IOException e) {
      throw PolyStreamException.storage("cannot remove the demo's database: " + e.getMessage(), e);
    }
  }
}
