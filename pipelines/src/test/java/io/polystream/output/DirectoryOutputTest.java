package io.polystream.output;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.polystream.error.ErrorKind;
import io.polystream.error.PolyStreamException;
import io.polystream.row.Footer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DirectoryOutputTest {
  private static final Joints JOINTS = new Joints(bytes("["), bytes(","), Footer.of(bytes("]\n")));

  @TempDir private Path parent;
  private Path directory;

  @BeforeEach
  void nameTheDirectory() {
    directory = parent.resolve("out");
  }

  @Test
  void everyFileIsValidAloneAndWithinTheBounds() throws IOException {
    List<ExportFile> files = export(bounded(30, 100), false, rows(20));
    assertThat(contents())
        .containsExactly(
            "[row-0,row-1,row-2,row-3]\n",
            "[row-4,row-5,row-6,row-7]\n",
            "[row-8,row-9,row-10,row-11]\n",
            "[row-12,row-13,row-14,row-15]\n",
            "[row-16,row-17,row-18,row-19]\n");
    assertThat(files)
        .extracting(file -> file.path().getFileName() + " " + file.rows() + " " + file.bytes())
        .startsWith("t-00000.json 4 26", "t-00001.json 4 26", "t-00002.json 4 28");
    assertThat(names())
        .containsExactly(
            "manifest.json",
            "t-00000.json",
            "t-00001.json",
            "t-00002.json",
            "t-00003.json",
            "t-00004.json");
  }

  @Test
  void rowsAreCountedExactly() throws IOException {
    export(new Bounds(OptionalLong.empty(), OptionalLong.of(3)), false, rows(7));
    assertThat(contents())
        .containsExactly("[row-0,row-1,row-2]\n", "[row-3,row-4,row-5]\n", "[row-6]\n");
  }

  @Test
  void filesAreFilledAcrossPartitions() throws IOException {
    export(
        new Bounds(OptionalLong.empty(), OptionalLong.of(4)),
        false,
        rows(2),
        rows(0),
        rows(2),
        rows(3));
    assertThat(contents()).containsExactly("[row-0,row-1,row-0,row-1]\n", "[row-0,row-1,row-2]\n");
  }

  @Test
  void withoutRowsThereIsOneFile() throws IOException {
    export(bounded(100, 100), false, rows(0));
    assertThat(contents()).containsExactly("[]\n");
  }

  @Test
  void everyCompressedFileIsWholeInItself() throws IOException {
    Compression gzip = Compression.of(Compression.Method.GZIP, OptionalInt.empty());
    Destination.Directory destination =
        new Destination.Directory(
            directory, false, "t", ".json.gz", OptionalLong.of(400), OptionalLong.empty());
    try (Output output = Output.open(destination, "e1")) {
      write(output, gzip, rows(200));
      for (ExportFile file : output.complete()) {
        assertThat(file.bytes()).isLessThanOrEqualTo(400);
      }
      output.publish(stream -> stream.write(bytes("{}")));
    }
    StringBuilder all = new StringBuilder();
    List<String> files = names().stream().filter(name -> name.endsWith(".gz")).toList();
    assertThat(files).hasSizeGreaterThan(2);
    for (String name : files) {
      try (GZIPInputStream plain =
          new GZIPInputStream(Files.newInputStream(directory.resolve(name)))) {
        String text = new String(plain.readAllBytes(), UTF_8);
        assertThat(text).startsWith("[row-").endsWith("]\n");
        all.append(text, 1, text.length() - 2).append(',');
      }
    }
    assertThat(all.toString()).isEqualTo(String.join(",", rows(200)) + ",");
  }

  @Test
  void aSizeSmallerThanARowIsRefusedAndLeavesNothing() throws IOException {
    refused(
        () -> export(bounded(20, 100), false, List.of("a".repeat(5), "b".repeat(18))),
        ErrorKind.CONFIGURATION,
        "a row with what stands around it makes a file of 21 bytes, more than --max-file-bytes 20:"
            + " raise it to 84, which has room for larger rows, too");
    // A row that is larger than a reader's buffer, too.
    refused(
        () -> export(bounded(5_000_000, 100), false, List.of("b".repeat(6_000_000))),
        ErrorKind.CONFIGURATION,
        "a file of 6000003 bytes, more than --max-file-bytes 5000000: raise it to 24000012");
    assertThat(parent).isEmptyDirectory();
  }

  @Test
  void theSizeThatARefusalNamesIsEnoughHoweverRowsAreCut() throws IOException {
    List<String> small = rows(3).stream().map(row -> row + "x".repeat(10)).toList();
    for (int from = 1; from <= 3; from++) {
      long bytes = from;
      PolyStreamException refusal =
          catchThrowableOfType(
              PolyStreamException.class, () -> export(bounded(bytes, 100), true, small, rows(9)));
      long enough =
          Long.parseLong(refusal.getMessage().replaceAll(".* raise it to (\\d+),.*", "$1"));
      export(bounded(enough, 100), true, small, rows(9));
      assertThat(String.join("", contents())).contains("row-2xxxxxxxxxx", "row-8");
    }
    List<String> large =
        List.of(
            "a".repeat(1000), "b".repeat(6_000_000), "c".repeat(3_000_000), "d".repeat(9_000_000));
    export(bounded(24_000_012, 100), true, large, large);
    assertThat(names()).hasSize(3);
  }

  /** Its end is not known when it begins, as of views that have more than 4 MiB. */
  @Test
  void aPartThatAReadersBufferDoesNotHoldGoesIntoTheNextFileInTime() throws IOException {
    List<ExportFile> files =
        export(bounded(20_000_000, 100), false, Collections.nCopies(20, "x".repeat(1_000_000)));
    assertThat(files).extracting(ExportFile::rows).containsExactly(15L, 5L);
  }

  @Test
  void aDirectoryWithAnExportIsRefusedWithoutOverwrite() throws IOException {
    export(bounded(100, 100), false, rows(1));
    refused(
        () -> export(bounded(100, 100), false, rows(2)),
        ErrorKind.CONFIGURATION,
        "output "
            + directory
            + " holds an export (it has a manifest.json): choose another directory, or replace the"
            + " export with --overwrite");
    assertThat(contents()).containsExactly("[row-0]\n");
  }

  @Test
  void overwritingReplacesTheWholeExportAndNothingElse() throws IOException {
    export(new Bounds(OptionalLong.empty(), OptionalLong.of(1)), false, rows(3));
    // An export of another extension, as its manifest says, and somebody's file.
    Files.writeString(directory.resolve("t-00000.csv"), "old");
    Files.writeString(directory.resolve("notes.txt"), "mine");
    Files.writeString(
        directory.resolve("manifest.json"),
        "{\"columns\":[{\"name\":\"notes.txt\"}],\"files\":[{\"bytes\":3,\"name\":\"t-00000.csv\"},"
            + "{\"name\":\"../outside.txt\"}],\"rows\":3}");
    Files.writeString(parent.resolve("outside.txt"), "outside");
    export(new Bounds(OptionalLong.empty(), OptionalLong.of(2)), true, rows(3));
    assertThat(names())
        .containsExactly("manifest.json", "notes.txt", "t-00000.json", "t-00001.json");
    assertThat(parent.resolve("outside.txt")).hasContent("outside");
  }

  @Test
  void theOldExportStaysUntilTheNewOneIsPublished() throws IOException {
    export(bounded(100, 100), false, rows(1));
    try (Output output = Output.open(bounded(100, 100).destination(directory, true), "e2")) {
      write(output, Compression.NONE, rows(2));
      output.complete();
      assertThat(contents()).containsExactly("[row-0]\n");
    }
    assertThat(contents()).containsExactly("[row-0]\n");
    assertThat(names()).containsExactly("manifest.json", "t-00000.json");
  }

  @Test
  void filesThatWouldBeTakenForTheExportsAreRefused() throws IOException {
    Files.createDirectory(directory);
    Files.writeString(directory.resolve("t-00007.json"), "foreign");
    refused(
        () -> export(bounded(100, 100), false, rows(1)),
        ErrorKind.CONFIGURATION,
        "output "
            + directory.resolve("t-00007.json")
            + " exists: choose another directory, or replace such files with --overwrite");
    export(bounded(100, 100), true, rows(1));
    assertThat(names()).containsExactly("manifest.json", "t-00000.json");
  }

  @Test
  void whatAnExportKilledWhilePublishingLeftIsTakenBack() throws IOException {
    Files.createDirectory(directory);
    Path left = Files.createDirectory(directory.resolve(".manifest.json.polystream-0ld"));
    Files.writeString(left.resolve("publishing"), "t-00000.json\nt-00001.json\n../outside.txt\n");
    Files.writeString(directory.resolve("t-00000.json"), "half an export");
    Files.writeString(parent.resolve("outside.txt"), "outside");
    export(bounded(100, 100), false, rows(1));
    assertThat(contents()).containsExactly("[row-0]\n");
    assertThat(names()).containsExactly("manifest.json", "t-00000.json");
    assertThat(parent.resolve("outside.txt")).hasContent("outside");
  }

  @Test
  void aFileIsNoDirectory() throws IOException {
    Files.writeString(directory, "a file");
    refused(
        () -> export(bounded(100, 100), true, rows(1)),
        ErrorKind.CONFIGURATION,
        "output " + directory + " is a file: name a directory");
  }

  @Test
  void theParentHasToBeThere() {
    refused(
        () -> Output.open(bounded(100, 100).destination(parent.resolve("a/b"), false), "e1"),
        ErrorKind.STORAGE,
        "output directory " + parent.resolve("a") + " does not exist: create it");
  }

  @Test
  void twoExportsIntoOneDirectoryAtOnceAreRefused() throws IOException {
    try (Output first = Output.open(bounded(100, 100).destination(directory, false), "e1")) {
      refused(
          () -> Output.open(bounded(100, 100).destination(directory, false), "e2"),
          ErrorKind.CONFIGURATION,
          "another export is writing " + directory + "/: ");
      assertThat(first.partLimits(PartBuffer.USUAL_BYTES).plainBytes()).isEqualTo(25);
    }
    assertThat(parent).isEmptyDirectory();
  }

  private record Bounds(OptionalLong bytes, OptionalLong rows) {
    Destination.Directory destination(Path directory, boolean overwrite) {
      return new Destination.Directory(directory, overwrite, "t", ".json", bytes, rows);
    }
  }

  private static Bounds bounded(long bytes, long rows) {
    return new Bounds(OptionalLong.of(bytes), OptionalLong.of(rows));
  }

  @SafeVarargs
  private List<ExportFile> export(Bounds bounds, boolean overwrite, List<String>... partitions)
      throws IOException {
    try (Output output = Output.open(bounds.destination(directory, overwrite), "e1")) {
      write(output, Compression.NONE, partitions);
      List<ExportFile> files = output.complete();
      output.publish(
          stream -> {
            String names =
                String.join(
                    ",",
                    files.stream()
                        .map(file -> "{\"name\":\"" + file.path().getFileName() + "\"}")
                        .toList());
            stream.write(bytes("{\"files\":[" + names + "]}"));
          });
      return files;
    }
  }

  @SafeVarargs
  private static void write(Output output, Compression compression, List<String>... partitions)
      throws IOException {
    OrderedAppender appender =
        new OrderedAppender(output.begin(JOINTS, compression), OptionalLong.empty());
    try (PartWriter writer =
        appender.newWriter(
            JOINTS.separator(), compression, output.partLimits(PartBuffer.USUAL_BYTES))) {
      for (int i = 0; i < partitions.length; i++) {
        writer.begin(i);
        for (String row : partitions[i]) {
          PartWriting.write(writer, bytes(row));
        }
        PartWriting.end(writer);
      }
    }
  }

  private static List<String> rows(int count) {
    return IntStream.range(0, count).mapToObj(i -> "row-" + i).toList();
  }

  private List<String> contents() throws IOException {
    return names().stream()
        .filter(name -> name.startsWith("t-"))
        .map(
            name -> {
              try {
                return Files.readString(directory.resolve(name));
              } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
              }
            })
        .toList();
  }

  private List<String> names() throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.map(path -> path.getFileName().toString()).sorted().toList();
    }
  }

  private static void refused(ThrowingCallable what, ErrorKind kind, String message) {
    assertThatThrownBy(what)
        .isInstanceOfSatisfying(
            PolyStreamException.class, e -> assertThat(e.kind()).isEqualTo(kind))
        .hasMessageContaining(message);
  }

  private static byte[] bytes(String text) {
    return text.getBytes(UTF_8);
  }
}
