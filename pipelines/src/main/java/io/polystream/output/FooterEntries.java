package io.polystream.output;

import io.polystream.row.Footer;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.function.Supplier;

/**
 * What one file's footer has to know of its parts, on disk. Formats without such entries have no
 * file made. Used by one thread at a time.
 */
final class FooterEntries implements Iterable<Footer.Entry>, AutoCloseable {
  private final Supplier<Path> place;
  private Path file;
  private DataOutputStream stream;
  private long count;
  private long bytes;

  /**
   * @param place where a file may be made, which is deleted when this is closed
   */
  FooterEntries(Supplier<Path> place) {
    this.place = place;
  }

  void add(long partOffset, byte[] entry) {
    if (entry.length == 0) {
      return;
    }
    try {
      if (stream == null) {
        file = place.get();
        stream = new DataOutputStream(new BufferedOutputStream(Files.newOutputStream(file)));
      }
      stream.writeLong(partOffset);
      stream.writeInt(entry.length);
      stream.write(entry);
    } catch (IOException e) {
      throw StorageFailures.of("cannot write " + file, e);
    }
    count++;
    bytes += entry.length;
  }

  long count() {
    return count;
  }

  /** Of all entries together. */
  long bytes() {
    return bytes;
  }

  /** Reads them from the beginning; to be gone through to the end. */
  @Override
  public Iterator<Footer.Entry> iterator() {
    if (count == 0) {
      return new Entries(0, null);
    }
    try {
      stream.flush();
      return new Entries(
          count, new DataInputStream(new BufferedInputStream(Files.newInputStream(file))));
    } catch (IOException e) {
      throw StorageFailures.of("cannot read " + file, e);
    }
  }

  @Override
  public void close() {
    if (stream == null) {
      return;
    }
    try {
      stream.close();
    } catch (IOException e) {
      // Nobody wants what could not be written.
    }
    AtomicFiles.deleteQuietly(file);
    stream = null;
  }

  private final class Entries implements Iterator<Footer.Entry> {
    private long left;
    private final DataInputStream input;

    Entries(long left, DataInputStream input) {
      this.left = left;
      this.input = input;
    }

    @Override
    public boolean hasNext() {
      return left > 0;
    }

    @Override
    public Footer.Entry next() {
      if (left == 0) {
        throw new NoSuchElementException();
      }
      try {
        long offset = input.readLong();
        byte[] entry = new byte[input.readInt()];
        input.readFully(entry);
        if (--left == 0) {
          input.close();
        }
        return new Footer.Entry(offset, entry);
      } catch (IOException e) {
        throw StorageFailures.of("cannot read " + file, e);
      }
    }
  }
}
