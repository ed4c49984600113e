package io.polystream.cli;

import static io.polystream.testing.Patience.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.polystream.error.ErrorKind;
import io.polystream.source.ReadMode;
import io.polystream.testing.ExportedFile;
import io.polystream.testing.PostgresExtension;
import io.polystream.testing.RunningExport;
import io.polystream.testing.StandbyExtension;
import io.polystream.testing.TestExport;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.sql.SQLException;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** From a real streaming standby, while its primary goes on. */
@Tag("soak")
class StandbyIT {
  /** For directories; the server of these tests is the standby. */
  @RegisterExtension static final PostgresExtension postgres = new PostgresExtension();

  @RegisterExtension static final StandbyExtension servers = new StandbyExtension();

  private static final int ROWS = 20_000;
  private static final List<Integer> IDS = IntStream.rangeClosed(1, ROWS).boxed().toList();

  /** Makes an export of the table last for about three seconds. */
  private static final String SLOWLY = "id % 200 <> 0 OR pg_sleep(0.05) IS NOT NULL";

  /** What takes rows away from whoever still sees them, on the standby by replay. */
  private static final String[] DELETE_FOR_GOOD = {"DELETE FROM item", "VACUUM item"};

  @BeforeEach
  void createTable() throws SQLException {
    servers.execute(
        "DROP TABLE IF EXISTS item CASCADE",
        "CREATE TABLE item AS SELECT n AS id, repeat('x', 600) AS t FROM generate_series(1, "
            + ROWS
            + ") n",
        "CREATE VIEW item_view AS SELECT id, t FROM item ORDER BY id");
    servers.catchUp();
  }

  @AfterEach
  void resetStandby() throws SQLException {
    setStandby("max_standby_streaming_delay", "-1");
    setStandby("hot_standby_feedback", "off");
    servers.executeOnStandby("SELECT pg_wal_replay_resume()");
  }

  private static void setStandby(String name, String value) throws SQLException {
    servers.executeOnStandby(
        "ALTER SYSTEM SET " + name + " = '" + value + "'", "SELECT pg_reload_conf()");
    await(name).until(() -> servers.queryStandby("SHOW " + name).equals(value));
  }

  private static TestExport export(String table) {
    return TestExport.of(postgres, table).at(servers.url()).parallelism(3);
  }

  private static void requireEveryRow(ExportedFile file) throws IOException {
    assertThat(file.csvColumn("id").stream().map(Integer::parseInt).toList()).isEqualTo(IDS);
  }

  @ParameterizedTest
  @EnumSource(names = {"COPY", "CURSOR"})
  void readersShareASnapshotOfTheStandby(ReadMode mode) throws Exception {
    ExportedFile table = export("item").read(mode).run();
    ExportedFile view = export("item_view").read(mode).run();

    requireEveryRow(table);
    requireEveryRow(view);
    assertThat(table.manifest().at("/consistency/level").asText()).isEqualTo("snapshot");
    assertThat(table.manifest().at("/consistency/walPosition").asText()).matches("\\w+/\\w+");
    assertThat(table.manifest().path("readers").asInt()).isEqualTo(3);
    assertThat(table.warnings()).isEmpty();
  }

  @Test
  void aDefaultThatNoStandbyCanFulfilDoesNotMatter() throws Exception {
    servers.execute(
        "CREATE ROLE strict LOGIN SUPERUSER",
        "ALTER ROLE strict SET default_transaction_isolation = 'serializable'");
    servers.catchUp();
    try {
      for (String table : List.of("item", "item_view")) {
        exportAs("strict", table).requireDone();
      }
      Cli.run("tables", "--db-url", servers.urlText("strict")).requireCode(ExitCode.DONE);
      Cli.run("columns", "--db-url", servers.urlText("strict"), "item").requireCode(ExitCode.DONE);
    } finally {
      servers.execute("DROP ROLE strict");
    }
  }

  @Test
  void aRoleWithOneConnectionReadsInOneTransaction() throws Exception {
    servers.execute(
        "CREATE ROLE single LOGIN CONNECTION LIMIT 1", "GRANT SELECT ON item TO single");
    servers.catchUp();
    try {
      Outcome outcome = exportAs("single", "item").requireDone();

      assertThat(outcome.err()).contains("one reader in one transaction", "20,000 rows");
    } finally {
      servers.execute("DROP OWNED BY single", "DROP ROLE single");
    }
  }

  private static Outcome exportAs(String role, String table) {
    return Cli.run(
        Cli.exportArgs(
            servers.urlText(role),
            "--table",
            table,
            "--progress",
            "none",
            "-o",
            postgres.directory().resolve(role + "-" + table + ".csv").toString()));
  }

  @Test
  void aPausedReplayIsNoHindrance() throws Exception {
    servers.executeOnStandby("SELECT pg_wal_replay_pause()");
    servers.execute("DELETE FROM item");

    requireEveryRow(export("item").run());
  }

  // ---------------------------------------------------------------- what the primary does

  @ParameterizedTest
  @ValueSource(strings = {"TRUNCATE item", "DROP TABLE item CASCADE", "VACUUM FULL item"})
  void aStandbyThatMayWaitReplaysWhenTheExportHasEnded(String statement) throws Exception {
    RunningExport export = RunningExport.start(postgres, export("item").where(SLOWLY));
    export.awaitPlan();

    servers.execute(statement);

    requireEveryRow(export.await());
    servers.catchUp();
  }

  @Test
  void rowsThatArePurgedOnThePrimaryStayForAStandbyThatMayWait() throws Exception {
    RunningExport export = RunningExport.start(postgres, export("item").where(SLOWLY));
    export.awaitPlan();

    servers.execute(DELETE_FOR_GOOD);

    requireEveryRow(export.await());
    servers.catchUp();
    assertThat(servers.queryStandby("SELECT count(*) FROM item")).isEqualTo("0");
  }

  @Test
  void rowsStayForAStandbyThatTellsItsPrimaryWhatItReads() throws Exception {
    setStandby("max_standby_streaming_delay", "100ms");
    setStandby("hot_standby_feedback", "on");
    RunningExport export = RunningExport.start(postgres, export("item").where(SLOWLY));
    export.awaitPlan();
    await("feedback")
        .until(() -> servers.queryStandby("SELECT count(*) FROM pg_stat_wal_receiver").equals("1"));
    Thread.sleep(1500);

    servers.execute(DELETE_FOR_GOOD);

    requireEveryRow(export.await());
  }

  @ParameterizedTest
  @ValueSource(strings = {"TRUNCATE", "PURGE"})
  void aStandbyThatMayNotWaitEndsTheExportAndSaysWhy(String what) throws Exception {
    setStandby("max_standby_streaming_delay", "100ms");
    Thread primary =
        new Thread(
            () -> {
              try {
                await("three readers")
                    .until(
                        () ->
                            servers
                                .queryStandby(
                                    "SELECT count(*) FROM pg_stat_activity WHERE state = 'active'"
                                        + " AND application_name = 'polystream'"
                                        + " AND query LIKE 'COPY%'")
                                .equals("3"));
                servers.execute(
                    what.equals("TRUNCATE") ? new String[] {"TRUNCATE item"} : DELETE_FOR_GOOD);
              } catch (SQLException e) {
                throw new IllegalStateException(e);
              }
            });
    primary.start();

    assertThat(export("item").where(SLOWLY).failsWith(ErrorKind.QUERY))
        .hasMessageStartingWith("the standby ended reading public.item")
        .hasMessageContaining("conflict with recovery")
        .hasMessageContaining("max_standby_streaming_delay")
        .hasMessageContaining("hot_standby_feedback");
    primary.join();
  }

  // ---------------------------------------------------------------- both at once

  /** As behind an address that stands for a primary and its replicas. */
  @Test
  void connectionsSpreadOverPrimaryAndStandbyAreNeverMixed() throws Exception {
    int[] ports = {servers.primaryPort(), servers.standbyPort()};
    try (RoundRobin address = new RoundRobin(ports)) {
      ExportedFile file =
          TestExport.of(postgres, "item").at(StandbyExtension.url(address.port())).run();

      requireEveryRow(file);
      assertThat(file.manifest().at("/consistency/level").asText()).isEqualTo("transaction");
      assertThat(file.warnings())
          .singleElement()
          .asString()
          .startsWith("readers cannot share a snapshot: ")
          .endsWith("; one reader in one transaction");
    }
  }

  /** Forwards each connection to the next server. */
  private static final class RoundRobin implements AutoCloseable {
    private final ServerSocket door = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    private final int[] ports;

    RoundRobin(int... ports) throws IOException {
      this.ports = ports;
      start(this::accept);
    }

    int port() {
      return door.getLocalPort();
    }

    private static void start(Runnable forwarding) {
      Thread thread = new Thread(forwarding, "round robin");
      thread.setDaemon(true);
      thread.start();
    }

    private void accept() {
      for (int i = 0; !door.isClosed(); i++) {
        try {
          Socket client = door.accept();
          Socket server = new Socket(InetAddress.getLoopbackAddress(), ports[i % ports.length]);
          start(() -> forward(client, server));
          start(() -> forward(server, client));
        } catch (IOException closed) {
          return;
        }
      }
    }

    private static void forward(Socket from, Socket to) {
      try (from;
          to) {
        from.getInputStream().transferTo(to.getOutputStream());
      } catch (IOException closed) {
        // One end has gone, so the other goes.
      }
    }

    @Override
    public void close() throws IOException {
      door.close();
    }
  }
}
