package io.polystream.output;

import io.polystream.error.ErrorKind;
import io.polystream.error.PolyStreamException;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Standard output, written while the export runs. What was written cannot be taken back: whoever
 * reads it has to look at the exit code, or at the end of a compressed stream, which only a whole
 * one has.
 */
final class StreamOutput implements Output {
  private static final Path STDOUT = Path.of("/proc/self/fd/1");

  private final Destination.Stdout destination;

  /** Never closed: it is the process's. */
  @SuppressWarnings("resource")
  private final FileChannel stdout = new FileOutputStream(FileDescriptor.out).getChannel();

  private final ChannelWriter writer = new ChannelWriter();

  private FileAssembly assembly;
  private Path temporary;

  private StreamOutput(Destination.Stdout destination) {
    this.destination = destination;
  }

  static void check(Destination.Stdout destination) {
    destination
        .manifest()
        .ifPresent(manifest -> AtomicFiles.requireWritable(manifest, destination.overwrite()));
  }

  static StreamOutput open(Destination.Stdout destination) {
    check(destination);
    return new StreamOutput(destination);
  }

  @Override
  public PartLimits partLimits(long usualBytes) {
    return PartLimits.ofBytes(usualBytes);
  }

  @Override
  public PartFiles begin(Joints joints, Compression compression) {
    assembly =
        new FileAssembly(
            this::append,
            joints,
            compression.newContainer(),
            () -> temporaryDirectory().resolve("footer-entries"));
    return new OneFile(assembly, placed -> {});
  }

  private void append(byte[] bytes, int offset, int length) {
    try {
      writer.write(stdout, bytes, offset, length);
    } catch (IOException e) {
      if (hasNoReader(e)) {
        throw new PolyStreamException(
            ErrorKind.OUTPUT_CLOSED, "nobody reads standard output any more", e);
      }
      throw StorageFailures.of("cannot write standard output", e);
    }
  }

  /** A full disk is a failure; a pipe or a socket fails only when its other end has gone. */
  private static boolean hasNoReader(IOException failure) {
    if (String.valueOf(failure.getMessage()).contains("Broken pipe")) {
      return true;
    }
    try {
      String target = Files.readSymbolicLink(STDOUT).toString();
      return target.startsWith("pipe:") || target.startsWith("socket:");
    } catch (IOException unknown) {
      return false;
    }
  }

  @Override
  public void keep(String name, Document document) {
    // There is nothing that a later export would have to find.
  }

  /** Where temporary files go, for this user's eyes only. */
  @Override
  public Path partsDirectory() {
    return temporaryDirectory().resolve("parts");
  }

  private synchronized Path temporaryDirectory() {
    if (temporary == null) {
      try {
        temporary = Files.createTempDirectory("polystream-");
      } catch (IOException e) {
        throw StorageFailures.of("cannot write temporary files", e);
      }
    }
    return temporary;
  }

  @Override
  public List<ExportFile> complete() {
    assembly.end();
    return List.of(assembly.toExportFile(Path.of(destination.label())));
  }

  @Override
  public void publish(Document manifest) {
    Optional<Path> kept = destination.manifest();
    if (kept.isEmpty()) {
      return;
    }
    Path newManifest = AtomicFiles.beside(kept.get());
    try {
      AtomicFiles.write(newManifest, manifest);
      AtomicFiles.requireReplaceable(kept.get(), destination.overwrite(), "manifest");
      AtomicFiles.rename(newManifest, kept.get());
    } catch (IOException e) {
      throw StorageFailures.of("cannot write the manifest " + kept.get(), e);
    } finally {
      AtomicFiles.deleteQuietly(newManifest);
    }
  }

  /** What is written is written. */
  @Override
  public synchronized void close() {
    if (assembly != null) {
      assembly.close();
    }
    if (temporary != null) {
      WorkDirectory.deleteQuietly(temporary);
    }
  }
}
