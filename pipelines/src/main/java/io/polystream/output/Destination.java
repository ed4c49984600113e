package io.polystream.output;

import static io.polystream.error.PolyStreamException.configuration;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalLong;

/** Where a finished export goes. Paths are made absolute. */
public sealed interface Destination {
  /** What people see: a path, or {@code -}. */
  String label();

  /**
   * One file.
   *
   * @param overwrite whether files of these names may be replaced
   * @param manifest where the manifest is kept, when it is
   */
  record File(Path file, boolean overwrite, Optional<Path> manifest) implements Destination {
    public File {
      file = file.toAbsolutePath().normalize();
      manifest = manifest.map(path -> path.toAbsolutePath().normalize());
      if (file.getFileName() == null) {
        throw configuration("output " + file + " is a directory: name a file");
      }
      if (manifest.isPresent() && manifest.get().equals(file)) {
        throw configuration("the manifest and the output are one file: " + file);
      }
    }

    @Override
    public String label() {
      return file.toString();
    }

    /**
     * The files behind symbolic links: as with {@code >} in a shell, a link stays and what it
     * points to is replaced.
     */
    File behindLinks() {
      return new File(Links.resolve(file), overwrite, manifest.map(Links::resolve));
    }
  }

  /**
   * Files of a bounded size, each valid alone, and {@code manifest.json} beside them.
   *
   * @param overwrite whether an export that is there may be replaced
   * @param baseName what the files' names begin with
   * @param extension what they end with, the first dot included
   */
  record Directory(
      Path directory,
      boolean overwrite,
      String baseName,
      String extension,
      OptionalLong maxFileBytes,
      OptionalLong maxFileRows)
      implements Destination {
    public Directory {
      directory = directory.toAbsolutePath().normalize();
      if (directory.getFileName() == null) {
        throw configuration("output " + directory + " is the root: name a directory in it");
      }
      requirePositive("--max-file-bytes", maxFileBytes);
      requirePositive("--max-file-rows", maxFileRows);
    }

    private static void requirePositive(String name, OptionalLong value) {
      if (value.isPresent() && value.getAsLong() < 1) {
        throw configuration(name + " must be 1 or more, not " + value.getAsLong());
      }
    }

    @Override
    public String label() {
      return directory + "/";
    }
  }

  /**
   * Standard output, while the export runs.
   *
   * @param overwrite whether the manifest may be replaced
   * @param manifest where it is kept, when it is
   */
  record Stdout(boolean overwrite, Optional<Path> manifest) implements Destination {
    public Stdout {
      manifest = manifest.map(path -> path.toAbsolutePath().normalize());
    }

    @Override
    public String label() {
      return "-";
    }
  }

  /** Follows symbolic links. */
  final class Links {
    /** As Linux has it (path_resolution(7)). */
    private static final int MOST = 40;

    private Links() {}

    static Path resolve(Path path) {
      Path target = path;
      try {
        for (int links = 0; Files.isSymbolicLink(target); links++) {
          if (links == MOST) {
            throw configuration(path + " is a symbolic link that leads nowhere: remove it");
          }
          target = target.getParent().toRealPath().resolve(Files.readSymbolicLink(target));
        }
        return target;
      } catch (IOException e) {
        throw StorageFailures.of("cannot follow the symbolic link " + path, e);
      }
    }
  }
}
