package io.polystream.service.jobs;

import io.polystream.error.PolyStreamException;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Where the files of jobs are: {@code <id>.csv.gz}, and {@code <id>.manifest.json} beside it. */
public final class ExportDirectory {
  /** Files, lock files and work directories: whatever has a job's id in its name, and only that. */
  private static final Pattern OURS =
      Pattern.compile("\\.?([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\\..+");

  private final Path path;

  private ExportDirectory(Path path) {
    this.path = path;
  }

  /**
   * Makes the directory if it is not there.
   *
   * @throws PolyStreamException of kind {@code STORAGE} when it cannot be written to
   */
  public static ExportDirectory at(Path path) {
    try {
      Files.createDirectories(path);
    } catch (IOException e) {
      throw PolyStreamException.storage(
          "cannot make the directory " + path + ": set EXPORT_DIR to another", e);
    }
    if (!Files.isWritable(path)) {
      throw PolyStreamException.storage(
          "cannot write to " + path + ": set EXPORT_DIR to another directory", null);
    }
    return new ExportDirectory(path.toAbsolutePath().normalize());
  }

  public Path path() {
    return path;
  }

  /** The file of a job, whether it is there or not. */
  public Path file(Job job) {
    return path.resolve(job.id() + "." + extension(job));
  }

  /** {@code csv.gz}: what file names of the job's format and compression end with. */
  public static String extension(Job job) {
    String compressed = job.compression().extension();
    return job.format().extension() + (compressed.isEmpty() ? "" : "." + compressed);
  }

  /** The manifest of a job, whether it is there or not. */
  public Path manifest(Job job) {
    return path.resolve(job.id() + ".manifest.json");
  }

  /** Bytes that may still be written to the disk. */
  public long usableBytes() throws IOException {
    return Files.getFileStore(path).getUsableSpace();
  }

  /** Deletes the files of a job, as far as there are any. */
  void delete(Job job) {
    try {
      Files.deleteIfExists(file(job));
      Files.deleteIfExists(manifest(job));
    } catch (IOException e) {
      throw PolyStreamException.storage("cannot delete the file of export " + job.id(), e);
    }
  }

  /**
   * Deletes what belongs to no job that has a file. Only before any export runs.
   *
   * @return how many files and directories there were
   */
  int sweep(Set<UUID> jobsWithFiles) {
    int swept = 0;
    try (DirectoryStream<Path> found = Files.newDirectoryStream(path)) {
      for (Path entry : found) {
        Optional<UUID> id = idIn(entry.getFileName().toString());
        if (id.isPresent() && !jobsWithFiles.contains(id.get())) {
          deleteTree(entry);
          swept++;
        }
      }
    } catch (IOException e) {
      throw PolyStreamException.storage("cannot sweep " + path, e);
    }
    return swept;
  }

  private static Optional<UUID> idIn(String fileName) {
    Matcher ours = OURS.matcher(fileName);
    return ours.matches() ? Optional.of(UUID.fromString(ours.group(1))) : Optional.empty();
  }

  private static void deleteTree(Path root) throws IOException {
    try (Stream<Path> tree = Files.walk(root)) {
      for (Path entry : (Iterable<Path>) tree.sorted(Comparator.reverseOrder())::iterator) {
        Files.deleteIfExists(entry);
      }
    }
  }
}
