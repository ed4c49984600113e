package io.polystream.output;

import static io.polystream.error.PolyStreamException.configuration;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Puts parts into one file as long as they fit, and then into the next. Which part is in which file
 * depends on the parts alone. Used by one thread at a time.
 */
final class SplitFiles implements PartFiles, AutoCloseable {
  /** So many that nobody meant it: each file is a line in the manifest, and an entry in memory. */
  private static final int MOST_FILES = 100_000;

  private final Destination.Directory destination;
  private final WorkDirectory work;
  private final Journal journal;
  private final Joints joints;
  private final Compression compression;
  private final ChannelWriter writer = new ChannelWriter();
  private final long maxBytes;
  private final long maxRows;
  private final List<ExportFile> ended = new ArrayList<>();
  private LocalFile file;
  private FileAssembly assembly;
  private long partRows;
  private int partFooterBytes;

  SplitFiles(
      Destination.Directory destination,
      WorkDirectory work,
      Journal journal,
      Joints joints,
      Compression compression) {
    this.destination = destination;
    this.work = work;
    this.journal = journal;
    this.joints = joints;
    this.compression = compression;
    maxBytes = destination.maxFileBytes().orElse(Long.MAX_VALUE);
    maxRows = destination.maxFileRows().orElse(Long.MAX_VALUE);
  }

  @Override
  public void begin(long bytes, long rows, int footerEntryBytes) {
    partRows = rows;
    partFooterBytes = footerEntryBytes;
    if (assembly != null && rows > 0 && !fits(bytes, rows)) {
      endFile();
    }
    if (assembly == null) {
      beginFile();
    }
    if (rows > 0 && !fits(bytes, rows)) {
      throw tooSmall(assembly.bytesWith(bytes, partFooterBytes));
    }
    assembly.beginPart(rows > 0);
  }

  private boolean fits(long bytes, long rows) {
    return assembly.rows() + rows <= maxRows
        && assembly.bytesWith(bytes, partFooterBytes) <= maxBytes;
  }

  private RuntimeException tooSmall(long neededBytes) {
    return configuration(
        "maxFileBytes is "
            + maxBytes
            + ", and "
            + (partRows == 1 ? "a row" : partRows + " rows")
            + " with what stands around rows needs "
            + neededBytes
            + " bytes or more: raise --max-file-bytes");
  }

  @Override
  public void append(byte[] bytes, int offset, int length) {
    long atLeast = assembly.bytes() + length + assembly.bytesOfEnd(partFooterBytes);
    if (atLeast > maxBytes) {
      throw tooSmall(atLeast);
    }
    assembly.append(bytes, offset, length);
  }

  @Override
  public PlacedPart end(Part part, byte[] footerEntry) {
    PlacedPart placed = new PlacedPart(part, ended.size(), assembly.endPart(part, footerEntry));
    journal.add(placed);
    return placed;
  }

  private void beginFile() {
    if (ended.size() == MOST_FILES) {
      throw configuration(
          "more than "
              + MOST_FILES
              + " files: raise --max-file-bytes or --max-file-rows, or export fewer rows");
    }
    Path path = path(ended.size());
    try {
      file = new LocalFile(work.resolve(path.getFileName().toString()), path.toString(), writer);
    } catch (IOException e) {
      throw StorageFailures.of("cannot write " + path, e);
    }
    assembly =
        new FileAssembly(
            file, joints, compression.newContainer(), () -> work.resolve("footer-entries"));
  }

  private Path path(int number) {
    return destination
        .directory()
        .resolve(
            String.format(
                Locale.ROOT, "%s-%05d%s", destination.baseName(), number, destination.extension()));
  }

  private void endFile() {
    assembly.end();
    file.complete(assembly.bytes());
    ended.add(assembly.toExportFile(path(ended.size())));
    assembly.close();
    assembly = null;
  }

  /** Ends the last file; one without rows when there are none. Calling it again changes nothing. */
  List<ExportFile> complete() {
    if (ended.isEmpty() && assembly == null) {
      beginFile();
    }
    if (assembly != null) {
      endFile();
    }
    return List.copyOf(ended);
  }

  @Override
  public void close() {
    if (assembly != null) {
      assembly.close();
    }
    if (file != null) {
      file.close();
    }
  }
}
