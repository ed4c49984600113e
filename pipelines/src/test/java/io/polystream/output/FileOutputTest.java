package io.polystream.output;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.polystream.error.ErrorKind;
import io.polystream.error.PolyStreamException;
import io.polystream.row.Footer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Stream;
import java.util.zip.CRC32C;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileOutputTest {
  private static final Output.Document MANIFEST = stream -> stream.write(bytes("{}"));

  @TempDir private Path directory;

  private Path file;
  private Path manifest;

  @BeforeEach
  void nameTheFiles() {
    file = directory.resolve("orders.csv");
    manifest = directory.resolve("orders.manifest.json");
  }

  @Test
  void theFileIsPreamblePartsAndPostamble() throws IOException {
    ExportFile written;
    try (FileOutput output = open()) {
      PartWriter writer =
          newWriter(output, new Joints(bytes("["), bytes(","), Footer.of(bytes("]\n"))));
      for (int partition = 0; partition < 3; partition++) {
        writer.begin(partition);
        for (int row = 0; row < partition; row++) {
          PartWriting.write(writer, bytes(partition + "." + row));
        }
        PartWriting.end(writer);
      }
      written = output.complete().get(0);
      output.publish(MANIFEST);
    }
    assertThat(file).content().isEqualTo("[1.0,2.0,2.1]\n");
    assertThat(written).isEqualTo(new ExportFile(file, 14, 3, crc("[1.0,2.0,2.1]\n")));
    assertThat(names()).containsExactly("orders.csv");
  }

  @Test
  void bytesOfAnyLengthAreWritten() throws IOException {
    String row = "0123456789".repeat(70_000);
    try (FileOutput output = open()) {
      PartWriter writer =
          newWriter(output, new Joints(new byte[0], new byte[0], Footer.of(new byte[0])));
      writer.begin(0);
      for (int i = 0; i < 13; i++) {
        PartWriting.write(writer, bytes(row));
      }
      PartWriting.end(writer);
      assertThat(output.complete().get(0).bytes()).isEqualTo(9_100_000);
      output.publish(MANIFEST);
    }
    assertThat(Files.readString(file)).isEqualTo(row.repeat(13));
  }

  @Test
  void nothingHasTheOutputsNameBeforeItIsPublished() throws IOException {
    try (FileOutput output = open()) {
      PartWriter writer = begin(output);
      assertHidden();
      writeOneRow(writer);
      output.keep("plan.json", MANIFEST);
      assertHidden();
      output.complete();
      assertHidden();
      output.publish(MANIFEST);
      assertThat(file).content().isEqualTo("[x]");
    }
    assertThat(file).content().isEqualTo("[x]");
  }

  @Test
  void whatAnUnfinishedExportOwnsLiesInItsWorkDirectory() throws IOException {
    try (FileOutput output = open()) {
      writeOneRow(begin(output));
      output.keep("plan.json", stream -> stream.write(bytes("{\"a\":1}")));
      Path work = directory.resolve(".orders.csv.polystream-e1");
      assertThat(list(work)).containsExactly("data", "journal.jsonl", "plan.json");
      assertThat(work.resolve("plan.json")).content().isEqualTo("{\"a\":1}");
      assertThat(work.resolve("data")).content().isEqualTo("[x");
      List<String> journal = Files.readAllLines(work.resolve("journal.jsonl"));
      assertThat(journal).hasSize(2);
      assertThat(new ObjectMapper().readTree(journal.get(0)).get("exportId").asText())
          .isEqualTo("e1");
      assertThat(new ObjectMapper().readTree(journal.get(1)).get("offset").asLong()).isEqualTo(1);
    }
  }

  @Test
  void closingWithoutPublishingLeavesNothing() throws IOException {
    try (FileOutput output = open()) {
      writeOneRow(begin(output));
      output.keep("plan.json", MANIFEST);
      output.complete();
    }
    assertThat(names()).isEmpty();
    open().close();
    assertThat(names()).isEmpty();
  }

  @Test
  void closingLeavesNoFileOpen() throws IOException {
    Path descriptors = Path.of("/proc/self/fd");
    assumeThat(descriptors).isDirectory();
    FileOutput failed = open();
    writeOneRow(begin(failed));
    assertThat(openFiles(descriptors)).isNotEmpty();
    failed.close();
    assertThat(openFiles(descriptors)).isEmpty();
    try (FileOutput output = open()) {
      publish(output);
    }
    assertThat(openFiles(descriptors)).isEmpty();
  }

  @Test
  void anExistingFileIsRefusedWithoutOverwrite() throws IOException {
    Files.writeString(file, "old");
    refused(
        this::open,
        ErrorKind.CONFIGURATION,
        "output " + file + " exists: choose another name, or replace it with --overwrite");
    assertThat(file).content().isEqualTo("old");
    assertThat(names()).containsExactly("orders.csv");
  }

  @Test
  void anExistingFileIsReplacedOnlyWhenTheNewOneIsPublished() throws IOException {
    Files.writeString(file, "old");
    try (FileOutput output = open(true, Optional.empty())) {
      writeOneRow(begin(output));
      output.complete();
      assertThat(file).content().isEqualTo("old");
    }
    assertThat(file).content().isEqualTo("old");
    assertThat(names()).containsExactly("orders.csv");
    try (FileOutput output = open(true, Optional.empty())) {
      publish(output);
    }
    assertThat(file).content().isEqualTo("[x]");
    assertThat(names()).containsExactly("orders.csv");
  }

  @Test
  void aFileThatSomebodyMadeMeanwhileIsNotReplaced() throws IOException {
    try (FileOutput output = open()) {
      writeOneRow(begin(output));
      output.complete();
      Files.writeString(file, "somebody's");
      refused(
          () -> output.publish(MANIFEST),
          ErrorKind.CONFIGURATION,
          "output " + file + " exists: choose another name, or replace it with --overwrite");
    }
    assertThat(file).content().isEqualTo("somebody's");
    assertThat(names()).containsExactly("orders.csv");
  }

  @Test
  void theManifestIsKeptWhereItIsWanted() throws IOException {
    try (FileOutput output = open(false, Optional.of(manifest))) {
      writeOneRow(begin(output));
      output.complete();
      assertHidden();
      output.publish(stream -> stream.write(bytes("{\"rows\":1}")));
    }
    assertThat(manifest).content().isEqualTo("{\"rows\":1}");
    assertThat(names()).containsExactly("orders.csv", "orders.manifest.json");
  }

  @Test
  void anExistingManifestIsTreatedAsTheFileIs() throws IOException {
    Files.writeString(manifest, "old");
    refused(
        () -> open(false, Optional.of(manifest)),
        ErrorKind.CONFIGURATION,
        "manifest " + manifest + " exists: choose another name, or replace it with --overwrite");
    try (FileOutput output = open(true, Optional.of(manifest))) {
      writeOneRow(begin(output));
    }
    assertThat(manifest).content().isEqualTo("old");
    try (FileOutput output = open(true, Optional.of(manifest))) {
      publish(output);
    }
    assertThat(manifest).content().isEqualTo("{}");
  }

  @Test
  void aManifestThatCannotBeWrittenLeavesNoFile() throws IOException {
    try (FileOutput output = open(false, Optional.of(manifest))) {
      writeOneRow(begin(output));
      output.complete();
      refused(
          () ->
              output.publish(
                  stream -> {
                    stream.write(bytes("{\"half\":"));
                    throw new IOException("disk full");
                  }),
          ErrorKind.STORAGE,
          "cannot write the manifest " + manifest + ": disk full");
    }
    assertThat(names()).isEmpty();
  }

  @Test
  void aDirectoryIsNoOutput() throws IOException {
    Files.createDirectory(file);
    refused(
        () -> open(true, Optional.empty()),
        ErrorKind.CONFIGURATION,
        "output " + file + " is a directory: name a file, or a directory with a slash at its end");
    assertThatThrownBy(() -> new Destination.File(Path.of("/"), true, Optional.empty()))
        .isInstanceOf(PolyStreamException.class)
        .hasMessage("output / is a directory: name a file");
    assertThat(names()).containsExactly("orders.csv");
  }

  @Test
  void aSpecialFileIsNoOutput() {
    Path device = Path.of("/dev/null");
    assumeThat(device).exists();
    refused(
        () -> FileOutput.open(new Destination.File(device, true, Optional.empty()), "e1"),
        ErrorKind.CONFIGURATION,
        "output /dev/null is not a regular file: name another");
  }

  @Test
  void aMissingDirectoryIsAFailureOfStorage() throws IOException {
    Path missing = directory.resolve("missing");
    refused(
        () ->
            FileOutput.open(
                new Destination.File(missing.resolve("a.csv"), false, Optional.empty()), "e1"),
        ErrorKind.STORAGE,
        "output directory " + missing + " does not exist: create it, or choose another with -o");
    refused(
        () -> open(false, Optional.of(missing.resolve("m.json"))),
        ErrorKind.STORAGE,
        "manifest directory " + missing + " does not exist: create it");
    Files.writeString(file, "no directory");
    refused(
        () ->
            FileOutput.open(new Destination.File(file.resolve("a"), true, Optional.empty()), "e1"),
        ErrorKind.STORAGE,
        "output directory " + file + " does not exist: create it, or choose another with -o");
    assertThat(names()).containsExactly("orders.csv");
  }

  @Test
  void aDirectoryThatMayNotBeWrittenIsAFailureOfStorage() throws IOException {
    assertThat(directory.toFile().setWritable(false)).isTrue();
    try {
      assumeThat(Files.isWritable(directory)).as("root writes everywhere").isFalse();
      refused(
          this::open, ErrorKind.STORAGE, "cannot write in " + directory + ": permission denied");
    } finally {
      assertThat(directory.toFile().setWritable(true)).isTrue();
    }
  }

  @Test
  void aNameTooLongForItsWorkDirectoryIsRefused() throws IOException {
    Path longest = directory.resolve("é".repeat(115));
    try (FileOutput output =
        FileOutput.open(new Destination.File(longest, false, Optional.empty()), "12345678")) {
      publish(output);
    }
    assertThat(longest).content().isEqualTo("[x]");
    Path tooLong = directory.resolve("é".repeat(115) + "x");
    refused(
        () -> FileOutput.open(new Destination.File(tooLong, false, Optional.empty()), "12345678"),
        ErrorKind.CONFIGURATION,
        "output " + tooLong + ": the file name may have 230 bytes at most");
  }

  @Test
  void theManifestIsNotTheOutput() {
    assertThatThrownBy(
            () ->
                new Destination.File(file, true, Optional.of(directory.resolve("x/../orders.csv"))))
        .isInstanceOf(PolyStreamException.class)
        .hasMessage("the manifest and the output are one file: " + file);
  }

  @Test
  void pathsAreMadeAbsolute() {
    Destination.File destination =
        new Destination.File(Path.of("a/../b.csv"), false, Optional.of(Path.of("m.json")));
    assertThat(destination.file()).isEqualTo(Path.of("").toAbsolutePath().resolve("b.csv"));
    assertThat(destination.manifest()).contains(Path.of("").toAbsolutePath().resolve("m.json"));
  }

  @Test
  void whatAKilledExportLeftIsSwept() throws Exception {
    try (OtherProcess other = OtherProcess.opening(file)) {
      assertThat(other.answer()).isEqualTo("opened");
      other.kill();
    }
    assertThat(names())
        .containsExactly(".orders.csv.polystream-0ther000", ".orders.csv.polystream.lock");
    try (FileOutput output = open()) {
      assertThat(names())
          .containsExactly(".orders.csv.polystream-e1", ".orders.csv.polystream.lock");
      publish(output);
    }
    assertThat(names()).containsExactly("orders.csv");
  }

  @Test
  void onlyTheSameOutputsLeftoversAreSwept() throws IOException {
    Path other = directory.resolve("orders.csv.polystream-copy");
    try (FileOutput running =
        FileOutput.open(new Destination.File(other, false, Optional.empty()), "e2")) {
      writeOneRow(begin(running));
      Path foreign = directory.resolve(".orders.csv.polystreams");
      Files.writeString(foreign, "somebody's");
      try (FileOutput output = open()) {
        publish(output);
      }
      assertThat(foreign).exists();
      running.complete();
      running.publish(MANIFEST);
    }
    assertThat(other).content().isEqualTo("[x]");
  }

  @Test
  void aSecondExportOfTheSameOutputIsRefused() throws Exception {
    try (FileOutput output = open()) {
      String busy = "another export is writing " + file + ": wait for it, or choose another output";
      refused(this::open, ErrorKind.CONFIGURATION, busy);
      // The refusal must not have freed the lock that the process holds.
      try (OtherProcess other = OtherProcess.opening(file)) {
        assertThat(other.answer()).isEqualTo(busy);
      }
      publish(output);
    }
    try (FileOutput output = open(true, Optional.empty())) {
      publish(output);
    }
    assertThat(names()).containsExactly("orders.csv");
  }

  @Test
  void anExportOfAnotherProcessIsRespected() throws Exception {
    try (OtherProcess other = OtherProcess.opening(file)) {
      assertThat(other.answer()).isEqualTo("opened");
      refused(
          this::open,
          ErrorKind.CONFIGURATION,
          "another export is writing " + file + ": wait for it, or choose another output");
      assertThat(names())
          .containsExactly(".orders.csv.polystream-0ther000", ".orders.csv.polystream.lock");
    }
    open().close();
    assertThat(names()).isEmpty();
  }

  @Test
  void oneOutputUnderTwoPathsIsOneOutput() throws Exception {
    Path real = Files.createDirectory(directory.resolve("real"));
    Path link = Files.createSymbolicLink(directory.resolve("link"), real);
    Path underReal = real.resolve("a.csv");
    Path underLink = link.resolve("a.csv");
    try (FileOutput output =
        FileOutput.open(new Destination.File(underReal, false, Optional.empty()), "e1")) {
      refused(
          () -> FileOutput.open(new Destination.File(underLink, false, Optional.empty()), "e2"),
          ErrorKind.CONFIGURATION,
          "another export is writing " + underLink + ": wait for it, or choose another output");
      try (OtherProcess other = OtherProcess.opening(underReal)) {
        assertThat(other.answer()).startsWith("another export is writing ");
      }
      publish(output);
    }
    assertThat(list(real)).containsExactly("a.csv");
  }

  /** {@code Exporter.abandon} closes what {@code run} closes again, maybe much later. */
  @Test
  void closingAgainDoesNotTouchTheNextExport() throws Exception {
    FileOutput first = open();
    first.close();
    try (FileOutput second = FileOutput.open(destination(false, Optional.empty()), "e2")) {
      first.close();
      refused(
          this::open,
          ErrorKind.CONFIGURATION,
          "another export is writing " + file + ": wait for it, or choose another output");
      try (OtherProcess other = OtherProcess.opening(file)) {
        assertThat(other.answer()).startsWith("another export is writing ");
      }
      publish(second);
    }
    assertThat(names()).containsExactly("orders.csv");
  }

  @Test
  void theLockTakesNoRoomOnTheDisk() throws IOException {
    try (FileOutput output = open()) {
      // Not every file system has sparse files.
      assertThat(Files.size(directory.resolve(".orders.csv.polystream.lock")))
          .isLessThanOrEqualTo(1 << 20);
      assertThat(output).isNotNull();
    }
  }

  private FileOutput open() {
    return open(false, Optional.empty());
  }

  private FileOutput open(boolean overwrite, Optional<Path> manifestPath) {
    return FileOutput.open(destination(overwrite, manifestPath), "e1");
  }

  private Destination.File destination(boolean overwrite, Optional<Path> manifestPath) {
    return new Destination.File(file, overwrite, manifestPath);
  }

  private static PartWriter begin(FileOutput output) {
    return newWriter(output, new Joints(bytes("["), bytes(","), Footer.of(bytes("]"))));
  }

  private static PartWriter newWriter(Output output, Joints joints) {
    return new OrderedAppender(output.begin(joints, Compression.NONE), OptionalLong.empty())
        .newWriter(joints.separator(), Compression.NONE, output.partLimits(PartBuffer.USUAL_BYTES));
  }

  private static void writeOneRow(PartWriter writer) throws IOException {
    writer.begin(0);
    PartWriting.write(writer, bytes("x"));
    PartWriting.end(writer);
  }

  private static void publish(FileOutput output) throws IOException {
    writeOneRow(begin(output));
    output.complete();
    output.publish(MANIFEST);
  }

  private void assertHidden() throws IOException {
    assertThat(names()).isNotEmpty().allMatch(name -> name.startsWith(".orders.csv.polystream"));
  }

  private List<String> names() throws IOException {
    return list(directory);
  }

  private static List<String> list(Path parent) throws IOException {
    try (Stream<Path> files = Files.list(parent)) {
      return files.map(path -> path.getFileName().toString()).sorted().toList();
    }
  }

  private List<String> openFiles(Path descriptors) throws IOException {
    try (Stream<Path> open = Files.list(descriptors)) {
      return open.map(
              descriptor -> {
                try {
                  return Files.readSymbolicLink(descriptor).toString();
                } catch (NoSuchFileException closed) {
                  return "";
                } catch (IOException e) {
                  throw new UncheckedIOException(e);
                }
              })
          .filter(target -> target.startsWith(directory.toString()))
          .toList();
    }
  }

  private static void refused(ThrowingCallable what, ErrorKind kind, String message) {
    assertThatThrownBy(what)
        .isInstanceOfSatisfying(
            PolyStreamException.class, e -> assertThat(e.kind()).isEqualTo(kind))
        .hasMessage(message);
  }

  private static byte[] bytes(String text) {
    return text.getBytes(UTF_8);
  }

  private static int crc(String text) {
    CRC32C crc = new CRC32C();
    crc.update(bytes(text));
    return (int) crc.getValue();
  }
}
