package io.polystream.output;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * A local file that appears under its name only when it is whole: parts go to a file in the work
 * directory, {@link #complete} makes it durable, {@link #publish} renames it.
 */
final class FileOutput implements Output {
  private final Destination.File destination;

  /** What the user's names stand for, when they are symbolic links. */
  private final Destination.File target;

  private final WorkDirectory work;
  private final LocalFile partial;
  private final Journal journal;
  private final GrowingFile growing;
  private FileAssembly assembly;

  private FileOutput(
      Destination.File destination, Destination.File target, WorkDirectory work, String exportId)
      throws IOException {
    this.destination = destination;
    this.target = target;
    this.work = work;
    partial = new LocalFile(work.resolve("data"), destination.label(), new ChannelWriter());
    try {
      journal = Journal.create(work.resolve("journal.jsonl"), exportId);
    } catch (RuntimeException e) {
      partial.close();
      throw e;
    }
    growing = new GrowingFile(partial.path(), target.file());
  }

  static void check(Destination.File destination) {
    WorkDirectory.check(target(destination).file());
  }

  /** Checks what may be replaced, and follows the links. */
  private static Destination.File target(Destination.File destination) {
    AtomicFiles.requireReplaceable(destination.file(), destination.overwrite(), "output");
    Destination.File target = destination.behindLinks();
    target
        .manifest()
        .ifPresent(manifest -> AtomicFiles.requireWritable(manifest, target.overwrite()));
    return target;
  }

  static FileOutput open(Destination.File destination, String exportId) {
    Destination.File target = target(destination);
    WorkDirectory work = WorkDirectory.create(target.file(), exportId);
    try {
      return new FileOutput(destination, target, work, exportId);
    } catch (IOException e) {
      work.close();
      throw StorageFailures.of("cannot write beside " + destination.file(), e);
    } catch (RuntimeException e) {
      work.close();
      throw e;
    }
  }

  @Override
  public PartLimits partLimits(long usualBytes) {
    return PartLimits.ofBytes(usualBytes);
  }

  @Override
  public PartFiles begin(Joints joints, Compression compression) {
    assembly =
        new FileAssembly(
            partial, joints, compression.newContainer(), () -> work.resolve("footer-entries"));
    return new OneFile(assembly, this::noteSafe);
  }

  private void noteSafe(PlacedPart placed) {
    journal.add(placed);
    growing.grow(placed.offset() + placed.part().bytes());
  }

  @Override
  public Optional<GrowingFile> growing() {
    return Optional.of(growing);
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
    assembly.end();
    journal.close();
    partial.complete(assembly.bytes());
    return List.of(assembly.toExportFile(destination.file()));
  }

  @Override
  public void publish(Document manifest) {
    Path keptManifest = target.manifest().orElse(null);
    Path newManifest =
        keptManifest == null ? work.resolve("manifest.json") : AtomicFiles.beside(keptManifest);
    try {
      AtomicFiles.write(newManifest, manifest);
    } catch (IOException e) {
      AtomicFiles.deleteQuietly(newManifest);
      throw StorageFailures.of(
          keptManifest == null
              ? "cannot publish " + destination.file()
              : "cannot write the manifest " + keptManifest,
          e);
    }
    try {
      // Somebody may have made them while the export ran.
      AtomicFiles.requireReplaceable(target.file(), target.overwrite(), "output");
      if (keptManifest != null) {
        AtomicFiles.requireReplaceable(keptManifest, target.overwrite(), "manifest");
      }
      AtomicFiles.rename(partial.path(), target.file());
      if (keptManifest != null) {
        AtomicFiles.rename(newManifest, keptManifest);
      }
      growing.finish(assembly.bytes());
    } catch (IOException e) {
      throw StorageFailures.of("cannot publish " + destination.file(), e);
    } finally {
      if (keptManifest != null) {
        AtomicFiles.deleteQuietly(newManifest);
      }
    }
  }

  @Override
  public void close() {
    growing.abandon();
    if (assembly != null) {
      assembly.close();
    }
    partial.close();
    journal.closeQuietly();
    work.close();
  }
}
