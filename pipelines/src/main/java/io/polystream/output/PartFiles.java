package io.polystream.output;

/**
 * Takes parts in order and puts them into files: {@code (begin append* end)*}. Used by one thread
 * at a time. Failures are {@link io.polystream.error.PolyStreamException} of kind {@code STORAGE}.
 */
public interface PartFiles {
  /**
   * Begins a part.
   *
   * @param bytes how many it has; more may come when it is larger than a reader's buffer
   * @param rows how many it has
   * @param footerEntryBytes how many more the file's footer has to know of it
   */
  void begin(long bytes, long rows, int footerEntryBytes);

  /** Appends {@code bytes[offset, offset + length)} to the part. */
  void append(byte[] bytes, int offset, int length);

  /**
   * Ends the part, whose bytes are all appended, and says where it is.
   *
   * @param footerEntry what the file's footer has to know of it
   */
  PlacedPart end(Part part, byte[] footerEntry);
}
