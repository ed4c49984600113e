package io.polystream.testing;

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
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * A program's classes, parsed (class data sharing), as the launcher has them after a build:
 * processes that tests start get by with half the processor time. Made once by whichever test JVM
 * is first, in the module's directory for what is built; there is none where the classes are not in
 * a jar, as in an IDE.
 */
record ClassArchive(Path file) {
  private static final String OWN_JARS = "polystream-";

  /** Of this test JVM; guarded by itself. */
  private static final Map<Class<?>, Optional<ClassArchive>> FOUND = new HashMap<>();

  /** Made when there is none, or an older one; empty when this Java cannot make one, too. */
  static Optional<ClassArchive> of(Class<?> program, List<Path> classPath) throws IOException {
    synchronized (FOUND) {
      if (!FOUND.containsKey(program)) {
        FOUND.put(program, find(program, classPath));
      }
      return FOUND.get(program);
    }
  }

  private static Optional<ClassArchive> find(Class<?> program, List<Path> classPath)
      throws IOException {
    List<Path> ownJars =
        classPath.stream()
            .filter(Files::isRegularFile)
            .filter(entry -> entry.getFileName().toString().startsWith(OWN_JARS))
            .toList();
    if (ownJars.isEmpty()) {
      return Optional.empty();
    }
    Path archive =
        Path.of("target", program.getName() + "-" + Runtime.version().feature() + ".jsa")
            .toAbsolutePath();
    try (FileChannel lock =
        FileChannel.open(
            archive.resolveSibling(archive.getFileName() + ".lock"),
            StandardOpenOption.CREATE,
            StandardOpenOption.WRITE)) {
      lock.lock();
      if (!Files.exists(archive) || isOlder(archive, ownJars)) {
        make(archive, program, classPath);
      }
    }
    return Files.exists(archive) ? Optional.of(new ClassArchive(archive)) : Optional.empty();
  }

  private static boolean isOlder(Path archive, List<Path> jars) throws IOException {
    for (Path jar : jars) {
      if (Files.getLastModifiedTime(archive).compareTo(Files.getLastModifiedTime(jar)) < 0) {
        return true;
      }
    }
    return false;
  }

  /** In two steps, as the launcher does it. */
  private static void make(Path archive, Class<?> program, List<Path> classPath)
      throws IOException {
    Path made = archive.resolveSibling(archive.getFileName() + ".new");
    Path classes = archive.resolveSibling(archive.getFileName() + ".list");
    Path directory = Files.createTempDirectory(archive.getParent(), "training-");
    List<String> training = new ArrayList<>(JavaProcess.launcherJava());
    training.addAll(
        List.of(
            "-Xmx256m",
            "-XX:CompressedClassSpaceSize=64m",
            "-XX:MaxMetaspaceSize=192m",
            "-XX:DumpLoadedClassList=" + classes,
            "-Dpolystream.training=" + directory,
            "-cp",
            joined(classPath),
            program.getName(),
            "--help"));
    assertThat(exitCode(training)).as("exit code of the training").isZero();
    exitCode(
        List.of(
            JavaProcess.java(),
            "-Xshare:dump",
            "-XX:+UseG1GC",
            "-Xmx512m",
            "-XX:SharedClassListFile=" + classes,
            "-XX:SharedArchiveFile=" + made,
            "-cp",
            joined(classPath)));
    if (Files.exists(made)) {
      Files.move(made, archive, StandardCopyOption.REPLACE_EXISTING);
    }
  }

  private static int exitCode(List<String> command) throws IOException {
    return new ProcessBuilder(command)
        .redirectOutput(Redirect.DISCARD)
        .redirectError(Redirect.DISCARD)
        .start()
        .onExit()
        .join()
        .exitValue();
  }

  static String joined(List<Path> classPath) {
    return classPath.stream().map(Path::toString).collect(Collectors.joining(File.pathSeparator));
  }

  String flag() {
    return "-XX:SharedArchiveFile=" + file;
  }
}
