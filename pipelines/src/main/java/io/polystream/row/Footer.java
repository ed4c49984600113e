package io.polystream.row;

import java.io.IOException;

/**
 * What stands after the last row of a file. It may depend on the parts before it: an encoder leaves
 * an entry for each, which is kept on disk until the end, so that the number of parts costs no
 * memory. Stateless and thread-safe.
 */
public interface Footer {
  /**
   * What an encoder has to say of a part.
   *
   * @param partOffset where the part begins in the file
   * @param bytes the format's own
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared, and copying would serve nobody
  record Entry(long partOffset, byte[] bytes) {}

  /**
   * Writes the footer.
   *
   * @param fileOffset where it begins
   * @param entries of all parts, in order; may be gone through more than once, each time from disk
   */
  void write(long fileOffset, Iterable<Entry> entries, ByteSink sink) throws IOException;

  /** At most so many bytes does {@link #write} write. */
  long mostBytes(long entries, long bytesOfEntries);

  /** A footer that is the same in every file. The array is not copied and must not be changed. */
  static Footer of(byte[] bytes) {
    return new Footer() {
      @Override
      public void write(long fileOffset, Iterable<Entry> entries, ByteSink sink)
          throws IOException {
        sink.write(bytes);
      }

      @Override
      public long mostBytes(long entries, long bytesOfEntries) {
        return bytes.length;
      }
    };
  }
}
