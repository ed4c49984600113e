package io.polystream.output;

import io.polystream.row.Footer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.function.Supplier;
import java.util.zip.CRC32C;

/**
 * One file being put together of parts and what joins them. Nothing is written before the first row
 * or the end, so that a failure before the first row leaves a stream untouched. Used by one thread
 * at a time.
 */
final class FileAssembly implements AutoCloseable {
  private final ByteTarget target;
  private final Joints joints;
  private final Container container;
  private final FooterEntries footerEntries;
  private boolean begun;
  private long bytes;
  private long rows;
  private int crc32c;
  private long partOffset;

  /**
   * @param footerPlace where a file may be made for what the footer has to know, until this is
   *     closed
   */
  FileAssembly(ByteTarget target, Joints joints, Container container, Supplier<Path> footerPlace) {
    this.target = target;
    this.joints = joints;
    this.container = container;
    footerEntries = new FooterEntries(footerPlace);
  }

  /** Begins a part; what separates it from the rows before it is written. */
  void beginPart(boolean hasRows) {
    if (hasRows) {
      beginFile();
      if (rows > 0) {
        appendWhole(joints.separator());
      }
    }
    partOffset = bytes;
  }

  void append(byte[] partBytes, int offset, int length) {
    target.append(partBytes, offset, length);
    bytes += length;
  }

  /** Returns where the part begins. */
  long endPart(Part part, byte[] footerEntry) {
    footerEntries.add(partOffset, footerEntry);
    crc32c = CrcCombination.CRC32C.combine(crc32c, part.crc32c(), part.bytes());
    rows += part.rows();
    container.part(part);
    return partOffset;
  }

  /** Writes what stands after the last row. */
  void end() {
    beginFile();
    FooterSink sink = new FooterSink(this::appendWhole);
    try {
      joints.footer().write(bytes, footerEntries, sink);
    } catch (IOException e) {
      throw StorageFailures.of("cannot write the end of the file", e);
    }
    sink.flush();
    appendEncoded(container.end());
  }

  private void beginFile() {
    if (!begun) {
      begun = true;
      appendEncoded(container.begin());
      appendWhole(joints.preamble());
    }
  }

  private void appendWhole(byte[] plain) {
    if (plain.length > 0) {
      appendEncoded(container.whole(plain));
    }
  }

  private void appendEncoded(byte[] encoded) {
    target.append(encoded, 0, encoded.length);
    bytes += encoded.length;
    CRC32C crc = new CRC32C();
    crc.update(encoded);
    crc32c = CrcCombination.CRC32C.combine(crc32c, (int) crc.getValue(), encoded.length);
  }

  /** The most bytes the file would have with one more part of this size, and ended. */
  long bytesWith(long partBytes, int footerEntryBytes) {
    int extra = container.mostExtraBytes();
    long joining =
        rows > 0 ? joints.separator().length + extra : joints.preamble().length + 2L * extra;
    return bytes + joining + partBytes + bytesOfEnd(footerEntryBytes);
  }

  /** The most bytes that ending the file adds, with an entry of this size for the footer. */
  long bytesOfEnd(int footerEntryBytes) {
    Footer footer = joints.footer();
    return footer.mostBytes(footerEntries.count() + 1, footerEntries.bytes() + footerEntryBytes)
        + container.mostExtraBytes();
  }

  /** What the file is, once it has ended. */
  ExportFile toExportFile(Path path) {
    return new ExportFile(path, bytes, rows, crc32c);
  }

  long bytes() {
    return bytes;
  }

  long rows() {
    return rows;
  }

  @Override
  public void close() {
    footerEntries.close();
  }
}
