package io.polystream.output;

import static io.polystream.error.PolyStreamException.configuration;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.polystream.error.ErrorKind;
import io.polystream.error.PolyStreamException;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Files of a bounded size in a directory, each valid alone, and {@code manifest.json}, which comes
 * last: whoever waits for it finds a whole export. The files are put together in a work directory
 * inside, so on the same file system.
 */
final class DirectoryOutput implements Output {
  private static final String MANIFEST = "manifest.json";

  /** Its lines are the names that an export is about to give its files. */
  private static final String PUBLISHING = "publishing";

  private final Destination.Directory destination;
  private final WorkDirectory work;
  private final boolean madeDirectory;
  private final Journal journal;
  private final Pattern ownNames;
  private SplitFiles files;
  private boolean published;

  private DirectoryOutput(
      Destination.Directory destination,
      WorkDirectory work,
      boolean madeDirectory,
      String exportId) {
    this.destination = destination;
    this.work = work;
    this.madeDirectory = madeDirectory;
    ownNames = ownNames(destination);
    journal = Journal.create(work.resolve("journal.jsonl"), exportId);
  }

  static DirectoryOutput open(Destination.Directory destination, String exportId) {
    Path directory = destination.directory();
    boolean made = false;
    WorkDirectory work = null;
    try {
      made = makeDirectory(directory);
      requireReplaceable(destination);
      work =
          WorkDirectory.create(
              directory.resolve(MANIFEST),
              destination.label(),
              exportId,
              left -> unpublish(directory, left));
      requireNoForeignFiles(destination);
      return new DirectoryOutput(destination, work, made, exportId);
    } catch (IOException e) {
      abandon(work, made, directory);
      throw StorageFailures.of("cannot write in " + directory, e);
    } catch (RuntimeException e) {
      abandon(work, made, directory);
      throw e;
    }
  }

  /** Looks whether {@link #open} would fail, as far as looking tells. */
  static void check(Destination.Directory destination) {
    Path directory = destination.directory();
    try {
      if (hasToBeMade(directory)) {
        WorkDirectory.requireWritable(directory.getParent());
      } else {
        requireReplaceable(destination);
        requireNoForeignFiles(destination);
        WorkDirectory.requireWritable(directory);
      }
    } catch (IOException e) {
      throw StorageFailures.of("cannot write in " + directory, e);
    }
  }

  /** Returns whether it was not there before. */
  private static boolean makeDirectory(Path directory) throws IOException {
    boolean isNew = hasToBeMade(directory);
    if (isNew) {
      Files.createDirectory(directory);
    }
    return isNew;
  }

  private static boolean hasToBeMade(Path directory) {
    if (Files.isDirectory(directory)) {
      return false;
    }
    if (Files.exists(directory)) {
      throw configuration("output " + directory + " is a file: name a directory");
    }
    if (Files.isSymbolicLink(directory)) {
      throw configuration(
          "output " + directory + " is a symbolic link that leads nowhere: remove it");
    }
    if (directory.getParent() == null || !Files.isDirectory(directory.getParent())) {
      throw new PolyStreamException(
          ErrorKind.STORAGE,
          "output directory "
              + directory.getParent()
              + " does not exist: create it, or choose another with -o");
    }
    return true;
  }

  private static void requireReplaceable(Destination.Directory destination) {
    if (!destination.overwrite() && Files.exists(destination.directory().resolve(MANIFEST))) {
      throw configuration(
          "output "
              + destination.directory()
              + " holds an export (it has a "
              + MANIFEST
              + "): choose another directory, or replace the export with --overwrite");
    }
  }

  /** What looks like files of this export would be taken for such by whoever reads all of them. */
  private static void requireNoForeignFiles(Destination.Directory destination) throws IOException {
    if (destination.overwrite()) {
      return;
    }
    for (Path file : filesNamed(destination.directory(), ownNames(destination))) {
      throw configuration(
          "output "
              + file
              + " exists: choose another directory, or replace such files with --overwrite");
    }
  }

  private static Pattern ownNames(Destination.Directory destination) {
    return Pattern.compile(
        Pattern.quote(destination.baseName())
            + "-[0-9]{5,}"
            + Pattern.quote(destination.extension()));
  }

  private static List<Path> filesNamed(Path directory, Pattern names) throws IOException {
    List<Path> found = new ArrayList<>();
    try (DirectoryStream<Path> files =
        Files.newDirectoryStream(
            directory, file -> names.matcher(file.getFileName().toString()).matches())) {
      files.forEach(found::add);
    }
    return found;
  }

  /** Takes back what an export that was killed while it published had put into the directory. */
  private static void unpublish(Path directory, Path leftWork) throws IOException {
    Path names = leftWork.resolve(PUBLISHING);
    if (Files.exists(directory.resolve(MANIFEST)) || !Files.exists(names)) {
      return;
    }
    for (String name : Files.readAllLines(names)) {
      deleteFile(directory, name);
    }
  }

  /** Deletes a plain file of the directory; names of anything else are left alone. */
  private static void deleteFile(Path directory, String name) throws IOException {
    Path file = directory.resolve(name).normalize();
    if (directory.equals(file.getParent())
        && Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
      Files.delete(file);
    }
  }

  @Override
  public PartLimits partLimits(long usualBytes) {
    long bytes = usualBytes;
    if (destination.maxFileBytes().isPresent()) {
      // Files are filled by whole parts: the smaller they are, the fuller the files. And whether
      // one fits is known before it is written when a reader's buffer holds it.
      bytes = Math.min(bytes, PartBuffer.USUAL_BYTES);
      bytes =
          Math.max(1, Math.min(bytes, destination.maxFileBytes().getAsLong() / SplitFiles.PARTS));
    }
    return new PartLimits(bytes, destination.maxFileRows().orElse(Long.MAX_VALUE));
  }

  @Override
  public PartFiles begin(Joints joints, Compression compression) {
    files = new SplitFiles(destination, work, journal, joints, compression);
    return files;
  }

  @Override
  public void keep(String name, Document document) {
    work.keep(name, document);
  }

  @Override
  public Path partsDirectory() {
    return work.resolve("parts");
  }

  @Override
  public List<ExportFile> complete() {
    journal.close();
    return files.complete();
  }

  @Override
  public void publish(Document manifest) {
    Path directory = destination.directory();
    List<String> names =
        files.complete().stream().map(file -> file.path().getFileName().toString()).toList();
    List<String> renamed = new ArrayList<>();
    try {
      AtomicFiles.write(work.resolve(MANIFEST), manifest);
      AtomicFiles.write(
          work.resolve(PUBLISHING),
          stream -> stream.write((String.join("\n", names) + "\n").getBytes(UTF_8)));
      // Somebody may have made them while the export ran.
      requireReplaceable(destination);
      requireNoForeignFiles(destination);
      removeOld(directory);
      for (String name : names) {
        renamed.add(name);
        AtomicFiles.move(work.resolve(name), directory.resolve(name));
      }
      AtomicFiles.rename(work.resolve(MANIFEST), directory.resolve(MANIFEST));
      published = true;
    } catch (IOException e) {
      takeBack(directory, renamed);
      throw StorageFailures.of("cannot publish in " + directory, e);
    }
  }

  /** From here on until the new manifest is there, nobody finds an export. */
  private void removeOld(Path directory) throws IOException {
    Path oldManifest = directory.resolve(MANIFEST);
    if (Files.exists(oldManifest)) {
      List<String> old = ManifestNames.of(oldManifest);
      Files.delete(oldManifest);
      AtomicFiles.syncDirectory(directory);
      for (String name : old) {
        deleteFile(directory, name);
      }
    }
    for (Path file : filesNamed(directory, ownNames)) {
      deleteFile(directory, file.getFileName().toString());
    }
  }

  private static void takeBack(Path directory, List<String> renamed) {
    for (String name : renamed) {
      AtomicFiles.deleteQuietly(directory.resolve(name));
    }
  }

  @Override
  public void close() {
    if (files != null) {
      files.close();
    }
    journal.closeQuietly();
    abandon(work, madeDirectory && !published, destination.directory());
  }

  private static void abandon(WorkDirectory work, boolean removeDirectory, Path directory) {
    if (work != null) {
      work.close();
    }
    if (removeDirectory) {
      try (Stream<Path> left = Files.list(directory)) {
        if (left.findAny().isEmpty()) {
          Files.delete(directory);
        }
      } catch (IOException kept) {
        // An empty directory misleads nobody.
      }
    }
  }
}
