package io.polystream.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.polystream.testing.Gate;
import io.polystream.testing.Patience;
import io.polystream.testing.PostgresExtension;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Outputs that cannot be written (exit code 5) or must not be (2): what was there stays as it was,
 * and nothing else is left.
 */
class OutputFaultsIT {
  @RegisterExtension static final PostgresExtension postgres = new PostgresExtension();

  private static final String WHOLE = "id,name\r\n1,one\r\n2,two\r\n";

  private Path directory;
  private Path file;

  @BeforeAll
  static void createTables() throws SQLException {
    SlowTable.create(postgres);
    postgres.execute(
        "CREATE TABLE item (id int, name text)", "INSERT INTO item VALUES (1, 'one'), (2, 'two')");
  }

  @BeforeEach
  void nameFile() {
    directory = postgres.directory();
    file = directory.resolve("out.csv");
  }

  private static Outcome exportTo(Path output, String... more) {
    return export("item", output, more);
  }

  private static Outcome export(String table, Path output, String... more) {
    List<String> args = new ArrayList<>(List.of("--table", table, "-o", output.toString()));
    args.addAll(List.of(more));
    return Cli.export(postgres, args.toArray(String[]::new));
  }

  private static String[] gatedExport(Path output, String... more) {
    List<String> args = new ArrayList<>(List.of("--table", SlowTable.NAME));
    args.addAll(List.of("--where", SlowTable.GATED, "-o", output.toString()));
    args.addAll(List.of(more));
    return args.toArray(String[]::new);
  }

  private static CompletableFuture<Outcome> startGatedExport(Path output, String... more) {
    return CompletableFuture.supplyAsync(() -> Cli.export(postgres, gatedExport(output, more)));
  }

  private static Outcome ended(CompletableFuture<Outcome> export) throws Exception {
    return export.get(Patience.LONGEST.toMillis(), TimeUnit.MILLISECONDS);
  }

  private void assertOnly(String... names) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      assertThat(files.map(path -> path.getFileName().toString())).containsExactlyInAnyOrder(names);
    }
  }

  private static int wholeLines() {
    return SlowTable.ROWS + 1;
  }

  // Where nothing can be written.

  @Test
  void aMissingDirectoryIsNamed() throws IOException {
    exportTo(directory.resolve("no/such/out.csv"))
        .requireFailure(ExitCode.STORAGE, directory.resolve("no/such").toString(), "create it");
    assertOnly();
  }

  @Test
  void aFileIsNoDirectory() throws IOException {
    Files.writeString(directory.resolve("flat"), "");
    exportTo(directory.resolve("flat/out.csv"))
        .requireFailure(ExitCode.STORAGE, directory.resolve("flat").toString());
    assertOnly("flat");
  }

  @Test
  void aDirectoryThatTakesNoFilesIsNamed() {
    assumeTrue(Files.isDirectory(Path.of("/proc/self")), "there is a /proc");
    exportTo(Path.of("/proc/self/out.csv")).requireFailure(ExitCode.STORAGE, "/proc/self");
  }

  @Test
  void aMissingDirectoryOfTheManifestIsNamed() throws IOException {
    exportTo(file, "--manifest", directory.resolve("no/manifest.json").toString())
        .requireFailure(ExitCode.STORAGE, directory.resolve("no").toString());
    assertOnly();
  }

  @Test
  void aDirectoryOfTheManifestThatTakesNoFilesIsFoundBeforeRowsAreRead() throws IOException {
    assumeTrue(Files.isDirectory(Path.of("/proc/self")), "there is a /proc");
    exportTo(file, "--manifest", "/proc/self/m.json")
        .requireFailure(ExitCode.STORAGE, "the manifest", "/proc/self");
    assertOnly();
  }

  @Test
  void aLinkThatLeadsNowhereIsNoDirectory() throws IOException {
    Path link = Files.createSymbolicLink(directory.resolve("parts"), Path.of("nowhere"));
    for (String command : List.of("export", "explain")) {
      List<String> args = new ArrayList<>(List.of(command, "--db-url", postgres.urlText()));
      args.addAll(List.of("--table", SlowTable.NAME, "-o", link + "/"));
      assertThat(Cli.run(args.toArray(String[]::new)).requireCode(ExitCode.CONFIGURATION).err())
          .contains(link + " is a symbolic link that leads nowhere: remove it");
    }
  }

  @Test
  void aFullDiskIsSaidToBeFullAndNothingStaysOnIt() throws Exception {
    try (SmallDisk disk = SmallDisk.mount(directory.resolve("disk"))) {
      Path old = Files.writeString(disk.path().resolve("out.csv"), "old", UTF_8);

      export(SlowTable.NAME, old, "--overwrite")
          .requireFailure(ExitCode.STORAGE, old.toString(), "No space left on device");
      assertThat(old).hasContent("old");
      export(SlowTable.NAME, disk.path().resolve("out.json"))
          .requireFailure(ExitCode.STORAGE, "out.json", "No space left on device");

      try (Stream<Path> files = Files.list(disk.path())) {
        assertThat(files).containsExactly(old);
      }

      disk.makeReadOnly();
      exportTo(disk.path().resolve("other.csv"))
          .requireFailure(ExitCode.STORAGE, disk.path().toString(), "Read-only file system");
    }
    Files.delete(directory.resolve("disk"));
  }

  // What must not be replaced.

  @Test
  void anExistingFileIsNotTouched() throws IOException {
    Files.writeString(file, "old", UTF_8);
    exportTo(file).requireFailure(ExitCode.CONFIGURATION, file.toString(), "exists", "--overwrite");
    assertThat(file).hasContent("old");
    assertOnly("out.csv");
  }

  @Test
  void anExistingManifestIsNotTouched() throws IOException {
    Path manifest = Files.writeString(directory.resolve("manifest.json"), "old", UTF_8);
    exportTo(file, "--manifest", manifest.toString())
        .requireFailure(ExitCode.CONFIGURATION, manifest.toString(), "exists", "--overwrite");
    assertThat(manifest).hasContent("old");
    assertOnly("manifest.json");
  }

  @Test
  void aFileThatAppearsMeanwhileIsNotTouched() throws Exception {
    try (Gate gate = Gate.shut(postgres)) {
      CompletableFuture<Outcome> export =
          startGatedExport(file, "--manifest", directory + "/m.json");
      SlowTable.awaitBytes(file);
      Files.writeString(file, "somebody else's", UTF_8);
      gate.open();
      ended(export).requireFailure(ExitCode.CONFIGURATION, file.toString(), "exists");
    }
    assertThat(file).hasContent("somebody else's");
    assertOnly("out.csv");
  }

  @Test
  void aManifestThatAppearsMeanwhileIsNotTouched() throws Exception {
    Path manifest = directory.resolve("m.json");
    try (Gate gate = Gate.shut(postgres)) {
      CompletableFuture<Outcome> export = startGatedExport(file, "--manifest", manifest.toString());
      SlowTable.awaitBytes(file);
      Files.writeString(manifest, "somebody else's", UTF_8);
      gate.open();
      ended(export).requireFailure(ExitCode.CONFIGURATION, manifest.toString(), "exists");
    }
    assertThat(manifest).hasContent("somebody else's");
    assertOnly("m.json");
  }

  @Test
  void theOutputAndTheManifestAreTwoFiles() throws IOException {
    exportTo(file, "--manifest", directory.resolve("./out.csv").toString())
        .requireFailure(ExitCode.CONFIGURATION, file.toString(), "manifest");
    assertOnly();
  }

  @ParameterizedTest
  @ValueSource(strings = {"/dev/null", "/", "/tmp", "."})
  void whatIsNoRegularFileIsRefused(String output) throws IOException {
    exportTo(Path.of(output), "--overwrite").requireFailure(ExitCode.CONFIGURATION, "name a");
    assertOnly();
  }

  @Test
  void aNameTooLongForTheWorkDirectoryBesideItIsRefused() throws IOException {
    exportTo(directory.resolve("x".repeat(240) + ".csv"))
        .requireFailure(ExitCode.CONFIGURATION, "230 bytes");
    assertOnly();
  }

  // Replacing.

  @Test
  void theOldFileIsThereUntilTheNewOneIsWhole() throws Exception {
    Files.writeString(file, "old", UTF_8);
    try (Gate gate = Gate.shut(postgres)) {
      CompletableFuture<Outcome> export = startGatedExport(file, "--overwrite");
      SlowTable.awaitBytes(file);
      assertThat(file).hasContent("old");
      gate.open();
      ended(export).requireDone();
    }
    assertThat(Files.readAllLines(file, UTF_8)).hasSize(wholeLines());
    assertOnly("out.csv");
  }

  @Test
  void theOldFileStaysWhenTheExportFails() throws IOException {
    Files.writeString(file, "old", UTF_8);
    Path manifest = Files.writeString(directory.resolve("m.json"), "old manifest", UTF_8);
    String[] replacing = {
      "--where", SlowTable.FAIL_LATE, "--overwrite", "--manifest", manifest.toString()
    };

    export(SlowTable.NAME, file, replacing).requireCode(ExitCode.QUERY);

    assertThat(file).hasContent("old");
    assertThat(manifest).hasContent("old manifest");
    assertOnly("out.csv", "m.json");
  }

  @Test
  void theOldFileStaysWhenThereAreNoRows() throws IOException {
    Files.writeString(file, "old", UTF_8);
    exportTo(file, "--where", "false", "--overwrite").requireCode(ExitCode.NO_ROWS);
    assertThat(file).hasContent("old");
    assertOnly("out.csv");
  }

  @Test
  void anExistingFileAndManifestAreReplacedWhenAsked() throws IOException {
    Files.writeString(file, "old", UTF_8);
    Path manifest = Files.writeString(directory.resolve("m.json"), "old", UTF_8);
    exportTo(file, "--overwrite", "--manifest", manifest.toString()).requireDone();
    assertThat(file).hasBinaryContent(WHOLE.getBytes(UTF_8));
    assertThat(manifest).content().startsWith("{").contains("\"rows\" : 2");
    assertOnly("out.csv", "m.json");
  }

  @Test
  void aLinkStaysALinkAndItsTargetIsReplaced() throws IOException {
    Path elsewhere = Files.createDirectory(directory.resolve("elsewhere"));
    Path target = Files.writeString(elsewhere.resolve("target.csv"), "old", UTF_8);
    Files.createSymbolicLink(file, Path.of("elsewhere/target.csv"));

    exportTo(file).requireFailure(ExitCode.CONFIGURATION, "exists", "--overwrite");
    assertThat(target).hasContent("old");

    exportTo(file, "--overwrite").requireDone();
    assertThat(Files.isSymbolicLink(file)).isTrue();
    assertThat(target).hasBinaryContent(WHOLE.getBytes(UTF_8));
    assertOnly("out.csv", "elsewhere");
    try (Stream<Path> files = Files.list(elsewhere)) {
      assertThat(files).containsExactly(target);
    }
  }

  @Test
  void aLinkToNothingYetGetsItsTarget() throws IOException {
    Path target = directory.resolve("target.csv");
    Files.createSymbolicLink(directory.resolve("hop"), Path.of("target.csv"));
    Files.createSymbolicLink(file, directory.resolve("hop"));

    exportTo(file).requireDone();

    assertThat(Files.isSymbolicLink(file)).isTrue();
    assertThat(target).isRegularFile().hasBinaryContent(WHOLE.getBytes(UTF_8));
    assertOnly("out.csv", "hop", "target.csv");
  }

  @Test
  void aLinkToItselfIsRefused() throws IOException {
    Files.createSymbolicLink(file, file);
    Outcome outcome = exportTo(file, "--overwrite");
    assertThat(outcome.exitCode()).isIn(ExitCode.CONFIGURATION.code(), ExitCode.STORAGE.code());
    assertThat(outcome.errorLines()).hasSize(1);
    assertThat(Files.exists(file, LinkOption.NOFOLLOW_LINKS)).isTrue();
    assertOnly("out.csv");
  }

  @Test
  void aLinkToADirectoryIsADirectory() throws IOException {
    Files.createSymbolicLink(file, directory);
    exportTo(file, "--overwrite").requireFailure(ExitCode.CONFIGURATION, "directory");
    assertThat(Files.isSymbolicLink(file)).isTrue();
    assertOnly("out.csv");
  }

  // Two at once.

  @Test
  void aSecondExportToTheSameFileIsRefusedAndTheFirstBecomesWhole() throws Exception {
    Path link = Files.createSymbolicLink(directory.resolve("link.csv"), file);
    Path linkedDirectory = Files.createSymbolicLink(directory.resolve("same"), directory);
    try (Gate gate = Gate.shut(postgres);
        CliProcess first = CliProcess.startExport(postgres, gatedExport(file))) {
      SlowTable.awaitBytes(file);
      for (Path same : List.of(file, link, linkedDirectory.resolve("out.csv"))) {
        exportTo(same, "--overwrite")
            .requireFailure(ExitCode.CONFIGURATION, "another export", "wait");
      }
      gate.open();
      first.awaitEnd(Patience.LONGEST).requireDone();
    }
    assertThat(Files.readAllLines(file, UTF_8)).hasSize(wholeLines());
    exportTo(file, "--overwrite").requireDone();
    assertOnly("out.csv", "link.csv", "same");
  }

  @Test
  void aSecondExportInTheSameProcessIsRefusedToo() throws Exception {
    Path linkedDirectory = Files.createSymbolicLink(directory.resolve("same"), directory);
    try (Gate gate = Gate.shut(postgres)) {
      CompletableFuture<Outcome> first = startGatedExport(file);
      SlowTable.awaitBytes(file);
      for (Path same : List.of(file, linkedDirectory.resolve("out.csv"))) {
        exportTo(same).requireFailure(ExitCode.CONFIGURATION, "another export", "wait");
      }
      gate.open();
      ended(first).requireDone();
    }
    assertThat(Files.readAllLines(file, UTF_8)).hasSize(wholeLines());
  }

  /** A file system of 2 MB in memory. */
  private record SmallDisk(Path path) implements AutoCloseable {
    static SmallDisk mount(Path path) throws IOException, InterruptedException {
      Files.createDirectory(path);
      boolean mounted = runs("mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", path.toString());
      if (!mounted) {
        Files.delete(path);
      }
      assumeTrue(mounted, "may mount file systems");
      return new SmallDisk(path);
    }

    void makeReadOnly() throws IOException, InterruptedException {
      assertThat(runs("mount", "-o", "remount,ro", path.toString())).isTrue();
    }

    /** Not busy: whoever wrote there has closed its files. */
    @Override
    public void close() throws IOException, InterruptedException {
      assertThat(runs("umount", path.toString()) || runs("umount", "-l", path.toString())).isTrue();
    }

    private static boolean runs(String... command) throws IOException, InterruptedException {
      try {
        return new ProcessBuilder(command).start().waitFor() == 0;
      } catch (IOException noSuchCommand) {
        return false;
      }
    }
  }
}
