package io.polystream.output;

import static io.polystream.error.PolyStreamException.configuration;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.polystream.error.ErrorKind;
import io.polystream.error.PolyStreamException;
import java.io.IOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.regex.Pattern;

/**
 * {@code .<name>.polystream-<id>/} beside the output: what an unfinished export owns. Whoever has
 * the output's lock may sweep what killed owners left.
 */
final class WorkDirectory implements AutoCloseable {
  /** A file name may have 255 bytes, and the directory's has 25 more than the output's. */
  private static final int LONGEST_NAME_BYTES = 230;

  /** An export makes fewer files than this after it was told to end. */
  private static final int MOST_DELETIONS = 10;

  /** What is taken of the export's id. */
  private static final int ID_CHARACTERS = 8;

  private final Path path;
  private final OutputLock lock;

  private WorkDirectory(Path path, OutputLock lock) {
    this.path = path;
    this.lock = lock;
  }

  /**
   * @throws PolyStreamException of kind {@code CONFIGURATION} when another export writes the same
   *     output, {@code STORAGE} when the directory cannot be made
   */
  static WorkDirectory create(Path output, String exportId) {
    return create(output, output.toString(), exportId, left -> {});
  }

  /** What has to be done about a killed export's directory before it is deleted. */
  @FunctionalInterface
  interface Sweeper {
    void sweep(Path left) throws IOException;
  }

  /**
   * As {@link #create(Path, String)}.
   *
   * @param label what people call the output
   */
  static WorkDirectory create(Path output, String label, String exportId, Sweeper sweeper) {
    requirePlace(output);
    Path parent = output.getParent();
    String prefix = "." + output.getFileName() + ".polystream-";
    try {
      OutputLock lock = OutputLock.acquire(output, label);
      WorkDirectory work = new WorkDirectory(parent.resolve(prefix + shortened(exportId)), lock);
      try {
        sweep(parent, prefix, sweeper);
        Files.createDirectory(work.path);
        return work;
      } catch (IOException | RuntimeException e) {
        work.close();
        throw e;
      }
    } catch (IOException e) {
      throw StorageFailures.of("cannot write in " + parent, e);
    }
  }

  /** Looks whether {@link #create} would fail, as far as looking tells. */
  static void check(Path output) {
    requirePlace(output);
    requireWritable(output.getParent());
  }

  static void requireWritable(Path directory) {
    if (!Files.isWritable(directory)) {
      throw new PolyStreamException(
          ErrorKind.STORAGE, "cannot write in " + directory + ": permission denied");
    }
  }

  private static void requirePlace(Path output) {
    Path parent = output.getParent();
    String name = output.getFileName().toString();
    if (name.getBytes(UTF_8).length > LONGEST_NAME_BYTES) {
      throw configuration(
          "output " + output + ": the file name may have " + LONGEST_NAME_BYTES + " bytes at most");
    }
    if (!Files.isDirectory(parent)) {
      throw new PolyStreamException(
          ErrorKind.STORAGE,
          "output directory " + parent + " does not exist: create it, or choose another with -o");
    }
  }

  private static String shortened(String exportId) {
    return exportId.substring(0, Math.min(ID_CHARACTERS, exportId.length()));
  }

  private static void sweep(Path parent, String prefix, Sweeper sweeper) throws IOException {
    // An id has no dot, so another output whose name begins with this prefix is not meant.
    Pattern ours = Pattern.compile(Pattern.quote(prefix) + "\\w+");
    try (DirectoryStream<Path> left =
        Files.newDirectoryStream(
            parent,
            path ->
                ours.matcher(path.getFileName().toString()).matches()
                    && Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS))) {
      for (Path path : left) {
        sweeper.sweep(path);
        deleteTree(path);
      }
    }
  }

  /** Keeps a document here. */
  void keep(String name, Output.Document document) {
    try {
      AtomicFiles.write(path.resolve(name), document);
    } catch (IOException e) {
      throw StorageFailures.of("cannot write " + name + " in " + path.getParent(), e);
    }
  }

  Path resolve(String name) {
    return path.resolve(name);
  }

  /**
   * Deletes the directory with what is in it, then lets the next export have the output. Somebody
   * who does not know yet that all is over may still put a file there: then once more.
   */
  @Override
  public void close() {
    try (lock) {
      for (int attempt = 1; attempt < MOST_DELETIONS; attempt++) {
        try {
          deleteTree(path);
          return;
        } catch (DirectoryNotEmptyException notYet) {
          // Another file has come.
        }
      }
      deleteTree(path);
    } catch (IOException left) {
      // The next export of the same output sweeps it.
    }
  }

  /** Deletes a directory with what is in it, as far as that is possible. */
  static void deleteQuietly(Path root) {
    try {
      deleteTree(root);
    } catch (IOException left) {
      // Somebody else has to.
    }
  }

  private static void deleteTree(Path root) throws IOException {
    try {
      Files.walkFileTree(
          root,
          new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
                throws IOException {
              Files.deleteIfExists(file);
              return FileVisitResult.CONTINUE;
            }

            /** A runner that ends cleans up, too. */
            @Override
            public FileVisitResult visitFileFailed(Path file, IOException failure)
                throws IOException {
              if (failure instanceof NoSuchFileException) {
                return FileVisitResult.CONTINUE;
              }
              throw failure;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path directory, IOException failure)
                throws IOException {
              Files.deleteIfExists(directory);
              return FileVisitResult.CONTINUE;
            }
          });
    } catch (NoSuchFileException gone) {
      // That is what was wanted.
    }
  }
}
