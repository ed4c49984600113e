package io.polystream.output;

import static io.polystream.error.PolyStreamException.configuration;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Says that somebody alive writes an output: {@code .<name>.polystream.lock} beside it, locked. The
 * operating system frees the lock when the process ends in whatever way.
 */
final class OutputLock implements AutoCloseable {
  /** The system's locks are the process's: closing any channel of the file would free them. */
  private static final Set<Path> LOCKED_HERE = ConcurrentHashMap.newKeySet();

  /** Sizes enough that two are never the same; not more, since not every disk has sparse files. */
  private static final int MOST_BYTES = 1 << 20;

  private final Path file;
  private final FileChannel channel;

  private OutputLock(Path file, FileChannel channel) {
    this.file = file;
    this.channel = channel;
  }

  /**
   * @param label what people call the output
   * @throws io.polystream.error.PolyStreamException of kind {@code CONFIGURATION} when another
   *     export has the lock
   */
  static OutputLock acquire(Path output, String label) throws IOException {
    // The same directory under another path has the same lock.
    Path directory = output.getParent().toRealPath();
    Path file = directory.resolve("." + output.getFileName() + ".polystream.lock");
    if (!LOCKED_HERE.add(file)) {
      throw busy(label);
    }
    try {
      while (true) {
        FileChannel channel =
            FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        try {
          if (channel.tryLock() == null) {
            throw busy(label);
          }
          if (isOurs(file, channel)) {
            return new OutputLock(file, channel);
          }
          channel.close();
        } catch (IOException | RuntimeException e) {
          channel.close();
          throw e;
        }
      }
    } catch (IOException | RuntimeException e) {
      LOCKED_HERE.remove(file);
      throw e;
    }
  }

  /** Leaves no file behind when there is no room for its byte: anybody else's has one. */
  private static boolean isOurs(Path file, FileChannel locked) throws IOException {
    try {
      return isStillThere(file, locked);
    } catch (IOException e) {
      if (Files.exists(file) && Files.size(file) == 0) {
        Files.deleteIfExists(file);
      }
      throw e;
    }
  }

  private static RuntimeException busy(String label) {
    return configuration(
        "another export is writing " + label + ": wait for it, or choose another output");
  }

  /**
   * Whether the path still names the file that was locked: its last owner may have deleted it
   * between our opening and locking it. Opening it again would free the lock, so the file's size
   * tells, a random number.
   */
  private static boolean isStillThere(Path file, FileChannel locked) throws IOException {
    long size = ThreadLocalRandom.current().nextInt(MOST_BYTES) + 1L;
    locked.truncate(0);
    locked.write(ByteBuffer.wrap(new byte[1]), size - 1);
    try {
      return Files.size(file) == size;
    } catch (NoSuchFileException deleted) {
      return false;
    }
  }

  /** Deletes the file, then frees the lock. Closing again does nothing: it may be another's now. */
  @Override
  public synchronized void close() {
    if (!channel.isOpen()) {
      return;
    }
    try (channel) {
      Files.deleteIfExists(file);
    } catch (IOException left) {
      // A lock file that nobody has locked hinders nobody.
    } finally {
      LOCKED_HERE.remove(file);
    }
  }
}
