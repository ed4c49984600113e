package io.polystream.output;

import java.util.function.Consumer;

/** Every part goes into one file. */
final class OneFile implements PartFiles {
  private final FileAssembly assembly;
  private final Consumer<PlacedPart> journal;

  /**
   * @param journal told of every part that is in the file
   */
  OneFile(FileAssembly assembly, Consumer<PlacedPart> journal) {
    this.assembly = assembly;
    this.journal = journal;
  }

  @Override
  public void begin(long bytes, long rows, int footerEntryBytes) {
    assembly.beginPart(rows > 0);
  }

  @Override
  public void append(byte[] bytes, int offset, int length) {
    assembly.append(bytes, offset, length);
  }

  @Override
  public PlacedPart end(Part part, byte[] footerEntry) {
    PlacedPart placed = new PlacedPart(part, 0, assembly.endPart(part, footerEntry));
    journal.accept(placed);
    return placed;
  }
}
