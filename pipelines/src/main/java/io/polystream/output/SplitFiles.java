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

  /**
   * How many parts a file has room for, at least, if its rows are small. So a bound of so many
   * times what a part needs is enough for its rows, however they are cut into parts then.
   */
  static final int PARTS = 4;

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

  /** Those of the open part that there was no room for. */
  private long droppedBytes;

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
    // Of what fills a reader's buffer more may come: mostly no more than parts should have.
    long expected = bytes < PartBuffer.USUAL_BYTES ? bytes : Math.max(bytes, maxBytes / PARTS);
    if (assembly != null
        && rows > 0
        && (assembly.rows() + rows > maxRows
            || assembly.bytesWith(expected, footerEntryBytes) > maxBytes)) {
      endFile();
    }
    if (assembly == null) {
      beginFile();
    }
    droppedBytes = 0;
    assembly.beginPart(rows > 0);
  }

  /** What there is no room for is dropped, and counted: {@link #end} says how much it was. */
  @Override
  public void append(byte[] bytes, int offset, int length) {
    if (droppedBytes > 0 || assembly.bytes() + length + assembly.bytesOfEnd(0) > maxBytes) {
      droppedBytes += length;
    } else {
      assembly.append(bytes, offset, length);
    }
  }

  @Override
  public PlacedPart end(Part part, byte[] footerEntry) {
    long fileBytes = assembly.bytes() + droppedBytes + assembly.bytesOfEnd(footerEntry.length);
    if (part.rows() > 0 && fileBytes > maxBytes) {
      throw tooLarge(part, fileBytes, footerEntry.length);
    }
    PlacedPart placed = new PlacedPart(part, ended.size(), assembly.endPart(part, footerEntry));
    journal.add(placed);
    return placed;
  }

  private RuntimeException tooLarge(Part part, long fileBytes, int footerEntryBytes) {
    long alone = newAssembly().bytesWith(part.bytes(), footerEntryBytes);
    return configuration(
        (part.rows() == 1
                ? "a row with what stands around it makes"
                : part.rows() + " rows with what stands around them make")
            + " a file of "
            + fileBytes
            + " bytes, more than --max-file-bytes "
            + maxBytes
            + ": raise it to "
            + PARTS * alone
            + ", which has room for larger rows, too");
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
    assembly = newAssembly();
  }

  private FileAssembly newAssembly() {
    return new FileAssembly(
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
