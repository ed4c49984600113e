package io.polystream.output;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Where an export goes: {@code open begin parts complete publish close}. Closing without publishing
 * leaves nothing behind. Owned by one export; only {@link #close} may be called from another
 * thread. Failures are {@link io.polystream.error.PolyStreamException}.
 */
public sealed interface Output extends AutoCloseable
    permits FileOutput, DirectoryOutput, StreamOutput {
  /** Writes a document into a stream it does not close. */
  @FunctionalInterface
  interface Document {
    void writeTo(OutputStream stream) throws IOException;
  }

  /**
   * Checks that the files may be made, locks the output against other exports, sweeps what killed
   * ones left, and makes the work directory.
   *
   * @param exportId part of the work directory's name
   * @throws io.polystream.error.PolyStreamException of kind {@code CONFIGURATION} when a file
   *     exists and may not be replaced, or another export writes it; {@code STORAGE} when it cannot
   *     be written
   */
  static Output open(Destination destination, String exportId) {
    if (destination instanceof Destination.Directory directory) {
      return DirectoryOutput.open(directory, exportId);
    }
    if (destination instanceof Destination.Stdout stdout) {
      return StreamOutput.open(stdout);
    }
    return FileOutput.open((Destination.File) destination, exportId);
  }

  /**
   * Looks whether {@link #open} would fail, without making or locking anything.
   *
   * @throws io.polystream.error.PolyStreamException as {@link #open} would
   */
  static void check(Destination destination) {
    if (destination instanceof Destination.Directory directory) {
      DirectoryOutput.check(directory);
    } else if (destination instanceof Destination.Stdout stdout) {
      StreamOutput.check(stdout);
    } else {
      FileOutput.check((Destination.File) destination);
    }
  }

  /**
   * Where parts should end so that they fit.
   *
   * @param usualBytes before compression, when nothing asks for less
   */
  PartLimits partLimits(long usualBytes);

  /** Says what joins the parts, which come next. */
  PartFiles begin(Joints joints, Compression compression);

  /** Keeps a document in the work directory while the export runs, where there is one. */
  void keep(String name, Document document);

  /** A directory for parts that others write, if they reach this machine's disk; not made yet. */
  Path partsDirectory();

  /** The file while it grows, for those who read along; empty when there is not just one. */
  default Optional<GrowingFile> growing() {
    return Optional.empty();
  }

  /**
   * Writes what stands after the last row and makes the bytes durable.
   *
   * @return the files in order, at least one
   */
  List<ExportFile> complete();

  /** Lets the files appear under their names, and then the manifest, if it is kept. */
  void publish(Document manifest);

  /** Deletes whatever was not published. Never throws. */
  @Override
  void close();
}
