package io.polystream.output;

import io.polystream.error.ErrorKind;
import io.polystream.error.PolyStreamException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/**
 * A new file in a work directory. Used by one thread at a time. What is written goes to the disk
 * while more is being written: a system with memory to spare would begin when all is there, and let
 * the end wait for it (docs/decisions/0024).
 */
final class LocalFile implements ByteTarget, AutoCloseable {
  private static final long WRITE_BEHIND_BYTES = 64L << 20;

  private final Path path;
  private final String label;
  private final FileChannel channel;
  private final ChannelWriter writer;
  private CompletableFuture<Void> writingBehind = CompletableFuture.completedFuture(null);
  private long appendedSince;

  /**
   * @param label what messages call it
   * @param writer may serve other files after this one
   */
  LocalFile(Path path, String label, ChannelWriter writer) throws IOException {
    this(
        FileChannel.open(path, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
        path,
        label,
        writer);
  }

  /** Of a channel that this closes. */
  LocalFile(FileChannel channel, Path path, String label, ChannelWriter writer) {
    this.channel = channel;
    this.path = path;
    this.label = label;
    this.writer = writer;
  }

  Path path() {
    return path;
  }

  @Override
  public void append(byte[] bytes, int offset, int length) {
    try {
      writer.write(channel, bytes, offset, length);
      appendedSince += length;
      if (appendedSince >= WRITE_BEHIND_BYTES && writingBehind.isDone()) {
        awaitWritingBehind();
        writingBehind = CompletableFuture.runAsync(this::force, LocalFile::inBackground);
        appendedSince = 0;
      }
    } catch (IOException e) {
      throw StorageFailures.of("cannot write " + label, e);
    }
  }

  private void force() {
    try {
      channel.force(false);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void inBackground(Runnable task) {
    Thread thread = new Thread(task, "write behind");
    thread.setDaemon(true);
    thread.start();
  }

  /**
   * The system tells of bytes that it could not write once: whoever asks again hears of success.
   */
  private void awaitWritingBehind() throws IOException {
    try {
      writingBehind.join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof UncheckedIOException failure) {
        throw failure.getCause();
      }
      throw e;
    }
  }

  /** Makes the bytes durable and closes the file. */
  void complete(long expectedBytes) {
    try {
      awaitWritingBehind();
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
