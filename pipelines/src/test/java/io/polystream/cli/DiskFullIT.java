package io.polystream.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.polystream.testing.PostgresExtension;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Room that runs out while an export is written: by a limit on the size of files, which needs no
 * rights, and on a small file system, which does. Nothing half-written is left in any mode.
 */
class DiskFullIT {
  @RegisterExtension static final PostgresExtension postgres = new PostgresExtension();

  /** In units of 512 bytes (POSIX, ulimit): 1 MiB of the table's 12. */
  private static final String LIMITED = "ulimit -f 2048; exec \"$@\"";

  private Path directory;

  @BeforeAll
  static void createTable() throws SQLException {
    SlowTable.create(postgres);
    // Does not shrink.
    postgres.execute(
        "CREATE TABLE noise AS SELECT id, (SELECT string_agg(md5(random()::text || id || n), '')"
            + " FROM generate_series(1, 10) n) AS filler FROM generate_series(1, 12000) AS id");
  }

  @BeforeEach
  void nameDirectory() {
    directory = postgres.directory();
  }

  /** One that ends with a slash gets files of at most 3 MB. */
  private static String[] exportTo(String output) {
    List<String> args = new ArrayList<>(List.of("--table", "noise", "--overwrite", "-o", output));
    if (output.endsWith("/")) {
      args.addAll(List.of("--max-file-bytes", "3MB"));
    }
    return Cli.exportArgs(postgres.urlText(), args.toArray(String[]::new));
  }

  @ParameterizedTest
  @ValueSource(strings = {"out.csv", "out.json.gz", "out.tsv.zst", "out.xml.gz", "out.parquet"})
  void theOldFileStays(String name) throws Exception {
    Path file = Files.writeString(directory.resolve(name), "old", UTF_8);
    CliProcess.setup()
        .inShell(LIMITED)
        .run(exportTo(file.toString()))
        .requireFailure(ExitCode.STORAGE, file.toString(), "File too large");
    assertThat(names(directory)).containsExactly(name);
    assertThat(file).hasContent("old");
  }

  @Test
  void noDirectoryAppears() throws Exception {
    CliProcess.setup()
        .inShell(LIMITED)
        .run(exportTo(directory.resolve("parts") + "/"))
        .requireFailure(ExitCode.STORAGE, "noise-00000.csv", "File too large");
    assertThat(names(directory)).isEmpty();
  }

  @Test
  void anExportThatIsThereStays() throws Exception {
    String parts = directory.resolve("parts") + "/";
    Cli.run(exportTo(parts)).requireDone();
    List<String> before = names(directory.resolve("parts"));
    assertThat(before).contains("manifest.json", "noise-00001.csv");
    CliProcess.setup()
        .inShell(LIMITED)
        .run(exportTo(parts))
        .requireFailure(ExitCode.STORAGE, "File too large");
    assertThat(names(directory.resolve("parts"))).isEqualTo(before);
  }

  @Tag("soak")
  @ParameterizedTest
  @ValueSource(strings = {"out.csv", "out.csv.gz", "out.xml", "out.parquet", "parts/"})
  void aSmallFileSystemIsLeftAsItWas(String output) throws Exception {
    Path small = Files.createDirectory(directory.resolve("small"));
    assumeThat(shell("mount -t tmpfs -o size=1m tmpfs " + small))
        .as("may mount a file system")
        .isZero();
    try {
      CliProcess.setup()
          .run(exportTo(small + "/" + output))
          .requireFailure(ExitCode.STORAGE, "No space left");
      assertThat(names(small)).isEmpty();
    } finally {
      assertThat(shell("umount " + small)).isZero();
    }
  }

  @Tag("soak")
  @ParameterizedTest
  @ValueSource(strings = {"out.csv", "parts/"})
  void whereThereIsNotEvenRoomForTheLockNothingIsLeft(String output) throws Exception {
    Path small = Files.createDirectory(directory.resolve("small"));
    assumeThat(shell("mount -t tmpfs -o size=64k tmpfs " + small))
        .as("may mount a file system")
        .isZero();
    try {
      shell("cat /dev/zero > " + small.resolve("filler"));
      CliProcess.setup()
          .run(exportTo(small + "/" + output))
          .requireFailure(ExitCode.STORAGE, "No space left");
      assertThat(names(small)).containsExactly("filler");
    } finally {
      assertThat(shell("umount " + small)).isZero();
    }
  }

  private static int shell(String line) throws IOException, InterruptedException {
    return new ProcessBuilder("sh", "-c", line).start().waitFor();
  }

  private static List<String> names(Path where) throws IOException {
    try (Stream<Path> files = Files.list(where)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }
}
