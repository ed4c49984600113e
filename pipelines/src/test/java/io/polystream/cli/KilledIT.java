package io.polystream.cli;

import static io.polystream.testing.Patience.await;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.polystream.testing.Gate;
import io.polystream.testing.Patience;
import io.polystream.testing.PostgresExtension;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * kill -9, which no program can act on, and then the same command again: it finds what the killed
 * one left, sweeps it and is whole.
 */
class KilledIT {
  @RegisterExtension static final PostgresExtension postgres = new PostgresExtension();

  @BeforeAll
  static void createTable() throws SQLException {
    SlowTable.create(postgres);
  }

  private static String[] exportTo(String output, String... more) {
    List<String> args = new ArrayList<>(List.of("--table", SlowTable.NAME, "-o", output));
    if (output.endsWith("/")) {
      args.addAll(List.of("--max-file-rows", "5000"));
    }
    args.addAll(List.of(more));
    return exportArgs(args);
  }

  private static String[] exportArgs(List<String> args) {
    return Cli.exportArgs(postgres.urlText(), args.toArray(String[]::new));
  }

  private static void kill(CliProcess export) throws Exception {
    export.signal("KILL");
    assertThat(export.awaitEnd(Patience.LONGEST).exitCode()).isEqualTo(128 + 9);
  }

  private static void requireWholeAfterAll(String output, String... more) throws IOException {
    List<String> args = new ArrayList<>(List.of(exportTo(output, more)));
    Cli.run(args.toArray(String[]::new)).requireDone();
    Path path = Path.of(output);
    if (output.endsWith("/")) {
      assertThat(names(path))
          .containsExactly("manifest.json", "slow-00000.csv", "slow-00001.csv", "slow-00002.csv");
    } else {
      assertThat(path).content(UTF_8).hasLineCount(SlowTable.ROWS + 1);
    }
    assertThat(names(postgres.directory())).containsExactly(path.getFileName().toString());
  }

  private static String inDirectory(String output) {
    return postgres.directory() + "/" + output;
  }

  @ParameterizedTest
  @ValueSource(strings = {"out.csv", "parts/"})
  void beforeTheFirstRow(String output) throws Exception {
    try (Connection other = postgres.connect();
        Statement statement = other.createStatement()) {
      other.setAutoCommit(false);
      statement.execute("LOCK TABLE slow IN ACCESS EXCLUSIVE MODE");
      try (CliProcess export = CliProcess.setup().start(exportTo(inDirectory(output)))) {
        await("the export at the lock").until(() -> !postgres.polystreamConnections().isEmpty());
        kill(export);
      }
    }
    requireWholeAfterAll(inDirectory(output));
  }

  @ParameterizedTest
  @ValueSource(strings = {"out.csv.gz", "parts/"})
  void whileRowsFlow(String output) throws Exception {
    String where = inDirectory(output);
    try (Gate gate = Gate.shut(postgres);
        CliProcess export = CliProcess.setup().start(exportTo(where, "--where", SlowTable.GATED))) {
      Path workParent = output.endsWith("/") ? Path.of(where) : postgres.directory();
      await("bytes of the export").until(() -> anyJournalHasParts(workParent));
      kill(export);
      gate.open();
    }
    assertThat(Files.exists(Path.of(where + "manifest.json"))).isFalse();
    requireWholeAfterAll(where, "--compression", "none");
  }

  /** So many files that the kill comes between the first of them and the manifest. */
  @Test
  void whileFilesAppearInTheDirectory() throws Exception {
    Path directory = postgres.directory().resolve("parts");
    Path firstFile = directory.resolve("slow-00000.csv");
    Path manifest = directory.resolve("manifest.json");
    List<String> args =
        List.of("--table", SlowTable.NAME, "--max-file-rows", "4", "-o", directory + "/");
    List<String> again = new ArrayList<>(args);
    again.add("--overwrite");
    int attempts = 0;
    do {
      assertThat(attempts++).as("attempts, each killed too late").isLessThan(10);
      try (CliProcess export = CliProcess.setup().start(exportArgs(again))) {
        while (export.isAlive() && (Files.exists(manifest) || !Files.exists(firstFile))) {
          Thread.onSpinWait();
        }
        export.signal("KILL");
        // It may have been faster.
        assertThat(export.awaitEnd(Patience.LONGEST).exitCode()).isIn(0, 128 + 9);
      }
    } while (Files.exists(manifest));

    assertThat(firstFile).exists();
    // Without --overwrite: what is there belongs to nobody.
    Cli.run(exportArgs(args)).requireDone();
    List<String> names = names(directory);
    assertThat(names).hasSize(SlowTable.ROWS / 4 + 1).contains("manifest.json", "slow-00000.csv");
  }

  /** From before the first class is loaded until after the files are there. */
  @Tag("soak")
  @ParameterizedTest
  @ValueSource(strings = {"out.csv", "parts/"})
  void atAnyMoment(String output) throws Exception {
    String where = inDirectory(output);
    for (int millis = 300; millis <= 3600; millis += 75) {
      try (CliProcess export = CliProcess.setup().start(exportTo(where, "--overwrite"))) {
        Thread.sleep(millis);
        if (export.isAlive()) {
          kill(export);
        }
      }
      requireWholeAfterAll(where, "--overwrite");
    }
  }

  private static boolean anyJournalHasParts(Path parent) throws IOException {
    if (!Files.isDirectory(parent)) {
      return false;
    }
    try (Stream<Path> files = Files.walk(parent, 2)) {
      for (Path file : files.filter(path -> path.endsWith("journal.jsonl")).toList()) {
        if (Files.readString(file, UTF_8).lines().count() > 1) {
          return true;
        }
      }
    }
    return false;
  }

  private static List<String> names(Path where) throws IOException {
    try (Stream<Path> files = Files.list(where)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }
}
