package io.polystream.output;

import static io.polystream.error.PolyStreamException.configuration;

import io.polystream.error.ErrorKind;
import io.polystream.error.PolyStreamException;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/** Small files that are there as a whole or not at all, and what they may replace. */
final class AtomicFiles {
  private AtomicFiles() {}

  static void requireReplaceable(Path file, boolean overwrite, String what) {
    if (Files.isDirectory(file)) {
      throw configuration(
          what
              + " "
              + file
              + " is a directory: name a file"
              + (what.equals("output") ? ", or a directory with a slash at its end" : ""));
    }
    if (Files.exists(file) && !Files.isRegularFile(file)) {
      throw configuration(what + " " + file + " is not a regular file: name another");
    }
    if (Files.exists(file) && !overwrite) {
      throw configuration(
          what + " " + file + " exists: choose another name, or replace it with --overwrite");
    }
  }

  /** Checks where a manifest is to be kept. */
  static void requireWritable(Path manifest, boolean overwrite) {
    requireReplaceable(manifest, overwrite, "manifest");
    if (!Files.isDirectory(manifest.getParent())) {
      throw new PolyStreamException(
          ErrorKind.STORAGE,
          "manifest directory " + manifest.getParent() + " does not exist: create it");
    }
    if (!Files.isWritable(manifest.getParent())) {
      throw new PolyStreamException(
          ErrorKind.STORAGE,
          "cannot write the manifest in "
              + manifest.getParent()
              + ": permission denied, or a file system that cannot be written to");
    }
  }

  /** A name beside the manifest, for the time before it is whole. */
  static Path beside(Path manifest) {
    return manifest.resolveSibling("." + manifest.getFileName() + ".polystream-new");
  }

  static void write(Path file, Output.Document document) throws IOException {
    try (FileChannel channel =
            FileChannel.open(
                file,
                StandardOpenOption.CREATE,
                StandardOpenOption.TRUNCATE_EXISTING,
                StandardOpenOption.WRITE);
        OutputStream stream = new BufferedOutputStream(Channels.newOutputStream(channel))) {
      document.writeTo(stream);
      stream.flush();
      channel.force(true);
    }
  }

  /** Renames durably. */
  static void rename(Path from, Path to) throws IOException {
    move(from, to);
    syncDirectory(to.getParent());
  }

  static void move(Path from, Path to) throws IOException {
    Files.move(from, to, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  /** Makes what was renamed or deleted in a directory durable. */
  static void syncDirectory(Path directory) throws IOException {
    try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }

  static void deleteQuietly(Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException left) {
      // Beside the manifest, and overwritten by the next one.
    }
  }
}
