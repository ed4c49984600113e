package io.polystream.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * The program's classes, parsed (class data sharing), as the launcher has them after a build:
 * processes that tests start get by with half the processor time. Made once by whichever test JVM
 * is first, beside the jar under test; there is none where the classes are not in a jar, as in an
 * IDE.
 */
record ClassArchive(Path file) {
  private static final String OWN_JAR = "polystream-pipelines-";

  private static Optional<ClassArchive> ofThisBuild;

  /** The class path of this JVM without the tests' classes: archives want jars. */
  static String classPath() {
    return entries().stream()
        .filter(entry -> !entry.endsWith("test-classes"))
        .map(Path::toString)
        .collect(Collectors.joining(File.pathSeparator));
  }

  /** Made when there is none, or an older one; empty when this Java cannot make one, too. */
  static Optional<ClassArchive> ofThisBuild() throws IOException {
    if (ofThisBuild == null) {
      ofThisBuild = find();
    }
    return ofThisBuild;
  }

  private static Optional<ClassArchive> find() throws IOException {
    Optional<Path> jar = ownJar();
    if (jar.isEmpty()) {
      return Optional.empty();
    }
    Path archive =
        Path.of("target", "cli-classes-" + Runtime.version().feature() + ".jsa").toAbsolutePath();
    try (FileChannel lock =
        FileChannel.open(
            archive.resolveSibling(archive.getFileName() + ".lock"),
            StandardOpenOption.CREATE,
            StandardOpenOption.WRITE)) {
      lock.lock();
      if (!Files.exists(archive)
          || Files.getLastModifiedTime(archive).compareTo(Files.getLastModifiedTime(jar.get()))
              < 0) {
        make(archive);
      }
    }
    return Files.exists(archive) ? Optional.of(new ClassArchive(archive)) : Optional.empty();
  }

  private static void make(Path archive) throws IOException {
    Path made = archive.resolveSibling(archive.getFileName() + ".new");
    List<String> command = new ArrayList<>(CliProcess.launcherJava());
    command.addAll(
        List.of(
            "-XX:ArchiveClassesAtExit=" + made,
            "-Dpolystream.training=true",
            "-cp",
            classPath(),
            Main.class.getName(),
            "--help"));
    Process training =
        new ProcessBuilder(command)
            .redirectOutput(Redirect.DISCARD)
            .redirectError(Redirect.DISCARD)
            .start();
    assertThat(training.onExit().join().exitValue()).as("exit code of the training").isZero();
    if (Files.exists(made)) {
      Files.move(made, archive, StandardCopyOption.REPLACE_EXISTING);
    }
  }

  private static Optional<Path> ownJar() {
    return entries().stream()
        .filter(Files::isRegularFile)
        .filter(entry -> entry.getFileName().toString().startsWith(OWN_JAR))
        .filter(entry -> !entry.getFileName().toString().endsWith("-tests.jar"))
        .findFirst();
  }

  private static List<Path> entries() {
    return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
        .map(Path::of)
        .toList();
  }

  String flag() {
    return "-XX:SharedArchiveFile=" + file;
  }
}
