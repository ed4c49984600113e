package io.polystream.output;

import io.polystream.error.ErrorKind;
import io.polystream.error.PolyStreamException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** A new file in a work directory. Used by one thread at a time. */
final class LocalFile implements ByteTarget, AutoCloseable {
  private final Path path;
  private final String label;
  private final FileChannel channel;
  private final ChannelWriter writer;

  /**
   * @param label what messages call it
   * @param writer may serve other files after this one
   */
  LocalFile(Path path, String label, ChannelWriter writer) throws IOException {
    this.path = path;
    this.label = label;
    this.writer = writer;
    channel = FileChannel.open(path, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
  }

  Path path() {
    return path;
  }

  @Override
  public void append(byte[] bytes, int offset, int length) {
    try {
      writer.write(channel, bytes, offset, length);
    } catch (IOException e) {
      throw StorageFailures.of("cannot write " + label, e);
    }
  }

  /** Makes the bytes durable and closes the file. */
  void complete(long expectedBytes) {
    try {
      channel.force(true);
      long bytes = channel.size();
      channel.close();
      if (bytes != expectedBytes) {
        throw new PolyStreamException(
            ErrorKind.STORAGE,
            "output "
                + label
                + " has "
                + bytes
                + " bytes where "
                + expectedBytes
                + " were written: check the disk");
      }
    } catch (IOException e) {
      throw StorageFailures.of("cannot write " + label, e);
    }
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      // Its bytes are either durable already or not wanted.
    }
  }
}
