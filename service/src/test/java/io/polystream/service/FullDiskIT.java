package io.polystream.service;

import static io.polystream.testing.Patience.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.polystream.testing.Gate;
import io.polystream.testing.PostgresExtension;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * No room for files, or for what the store has to remember: exports fail, and the service goes on
 * as soon as there is room again. By a limit on the size of files and by a store that refuses,
 * which need no rights, and on a small file system, which does.
 */
class FullDiskIT {
  @RegisterExtension static final PostgresExtension postgres = new PostgresExtension();

  /** In units of 512 bytes (POSIX, ulimit): 4 MiB of the table's 12; SQLite's library has one. */
  private static final String LIMITED = "ulimit -f 8192; exec \"$@\"";

  private static final String WHOLE = SlowTable.request(SlowTable.NAME, "csv");

  private Path directory;

  @BeforeAll
  static void createTable() throws SQLException {
    SlowTable.create(postgres);
  }

  @BeforeEach
  void nameDirectory() {
    directory = Api.exportDirectory(postgres);
  }

  /** Files of exports: the store has its own. */
  private static List<String> files(Path where) throws IOException {
    try (Stream<Path> files = Files.list(where)) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> !name.startsWith("polystream.db"))
          .sorted()
          .toList();
    }
  }

  private static String problem(JsonNode status) {
    return status.at("/error/type").asText().replaceFirst("urn:polystream:problem:", "");
  }

  @Test
  void anExportThatFindsNoRoomFailsAndOthersGoOn() throws Exception {
    try (ServiceProcess service =
        ServiceProcess.start(ServiceProcess.setup(Api.environment(postgres)).inShell(LIMITED))) {
      Api api = service.awaitApi();
      JsonNode failed = api.awaitStatus(api.submit(WHOLE), "failed");
      assertThat(problem(failed)).isEqualTo("storage");
      assertThat(files(directory)).isEmpty();
      api.completed(SlowTable.shortRequest());
      service.end("TERM");
    }
  }

  // ------------------------------------------------------------------ the store

  /** As long as it knows fewer jobs than these, the store does not remember that one became so. */
  private void refuse(String status, int jobs) throws Exception {
    Api.start(postgres).close();
    try (Connection store =
            DriverManager.getConnection("jdbc:sqlite:" + directory.resolve("polystream.db"));
        Statement statement = store.createStatement()) {
      statement.execute(
          "CREATE TRIGGER refusal BEFORE UPDATE ON jobs WHEN new.status = '"
              + status
              + "' AND (SELECT count(*) FROM jobs) < "
              + jobs
              + " BEGIN SELECT RAISE(FAIL, 'database or disk is full'); END");
    }
  }

  @Test
  void whatTheStoreCannotRememberNowItRemembersLater() throws Exception {
    refuse("COMPLETED", 2);
    try (Api api = Api.start(postgres)) {
      String first = api.submit(SlowTable.shortRequest());
      await("its file").until(() -> files(directory).contains(first + ".csv"));
      assertThat(api.status(first).get("status").asText()).isEqualTo("running");
      String second = api.submit(SlowTable.shortRequest());
      assertThat(api.awaitStatus(first, "completed").get("rows").asLong()).isEqualTo(10);
      api.awaitStatus(second, "completed");
    }
  }

  @Test
  void whatTheStoreCannotBeginWaits() throws Exception {
    refuse("RUNNING", 2);
    try (Api api = Api.start(postgres)) {
      String first = api.submit(SlowTable.shortRequest());
      String second = api.submit(SlowTable.shortRequest());
      api.awaitStatus(first, "completed");
      api.awaitStatus(second, "completed");
    }
  }

  @Test
  void whatCannotBeCancelledNowIsStoppedWhenItsTurnComes() throws Exception {
    refuse("CANCELLED", 3);
    try (Api api = Api.start(postgres);
        Gate gate = Gate.shut(postgres)) {
      String running = api.submit(SlowTable.request(SlowTable.GATED, "csv"));
      gate.awaitReaders(1);
      String waiting = api.submit(SlowTable.shortRequest());
      assertThat(api.post("/exports/" + waiting + "/cancel", "").statusCode()).isEqualTo(500);
      assertThat(api.status(waiting).get("status").asText()).isEqualTo("pending");
      String last = api.submit(SlowTable.shortRequest());
      gate.open();
      api.awaitStatus(running, "completed");
      api.awaitStatus(waiting, "cancelled");
      api.awaitStatus(last, "completed");
    }
  }

  // ------------------------------------------------------------------ small file systems

  /** Something to be done on a file system of its own. */
  @FunctionalInterface
  private interface OnDisk {
    void run(Path disk) throws Exception;
  }

  private static void onDisk(String size, OnDisk test) throws Exception {
    Path disk = Files.createDirectory(postgres.directory().resolve("disk"));
    assumeThat(shell("mount -t tmpfs -o size=" + size + " tmpfs " + disk))
        .as("may mount a file system")
        .isZero();
    try {
      test.run(disk);
    } finally {
      assertThat(shell("umount " + disk)).isZero();
    }
  }

  private static int shell(String line) throws IOException, InterruptedException {
    return new ProcessBuilder("sh", "-c", line).start().waitFor();
  }

  /** Writes until there is no room for another byte. */
  private static Path fill(Path disk) throws IOException {
    Path filler = disk.resolve("filler");
    byte[] block = new byte[4096];
    try (OutputStream file = Files.newOutputStream(filler)) {
      while (true) {
        file.write(block);
      }
    } catch (IOException full) {
      assertThat(full).hasMessageContaining("No space left");
    }
    return filler;
  }

  @Tag("soak")
  @Test
  void anExportThatFillsItsFileSystemFailsAndLeavesNothing() throws Exception {
    onDisk(
        "8m",
        disk -> {
          try (Api api = Api.start(postgres, "EXPORT_DIR", disk.toString())) {
            for (String format : List.of("csv", "json", "xml")) {
              JsonNode failed =
                  api.awaitStatus(api.submit(SlowTable.request(SlowTable.NAME, format)), "failed");
              assertThat(problem(failed)).isEqualTo("disk-full");
              assertThat(files(disk)).isEmpty();
            }
            String id = api.completed(SlowTable.shortRequest());
            assertThat(api.get("/exports/" + id + "/download").statusCode()).isEqualTo(200);
          }
        });
  }

  /** Files and store on one file system, as they are unless somebody says otherwise. */
  @Tag("soak")
  @Test
  void deletingMakesRoomWhereThereIsNoneAtAll() throws Exception {
    onDisk(
        "16m",
        disk -> {
          try (Api api = Api.start(postgres, "EXPORT_DIR", disk.toString())) {
            String id = api.completed(WHOLE);
            fill(disk);
            // Some more may fit into what the store has already.
            await("the store to be full")
                .until(() -> api.post("/exports", SlowTable.shortRequest()).statusCode() == 500);
            assertThat(api.get("/health/ready").statusCode()).isEqualTo(503);
            assertThat(api.get("/exports/" + id + "/download").statusCode()).isEqualTo(200);
            assertThat(api.delete("/exports/" + id).statusCode()).isEqualTo(204);
            assertThat(files(disk)).doesNotContain(id + ".csv");
            api.completed(SlowTable.shortRequest());
          }
        });
  }

  @Tag("soak")
  @Test
  void aStoreWithoutRoomHoldsThingsUpUntilThereIsSome() throws Exception {
    onDisk(
        "1m",
        disk -> {
          try (Api api =
                  Api.start(postgres, "STORE_PATH", disk.resolve("polystream.db").toString());
              Gate gate = Gate.shut(postgres)) {
            String running = api.submit(SlowTable.request(SlowTable.GATED, "csv"));
            gate.awaitReaders(1);
            Path filler = fill(disk);
            await("the store to be full")
                .until(() -> api.post("/exports", SlowTable.shortRequest()).statusCode() == 500);
            await("readiness to tell")
                .until(
                    () ->
                        Api.json(api.get("/health/ready"))
                            .at("/checks/jobStore")
                            .asText()
                            .equals("unusable"));
            gate.open();
            await("its file").until(() -> files(directory).contains(running + ".csv"));
            assertThat(api.status(running).get("status").asText()).isEqualTo("running");
            assertThat(api.get("/health").statusCode()).isEqualTo(200);
            Files.delete(filler);
            assertThat(api.awaitStatus(running, "completed").get("rows").asLong())
                .isEqualTo(SlowTable.ROWS);
            api.completed(SlowTable.shortRequest());
          }
        });
  }
}
