package io.polystream.service.http;

import io.github.bucket4j.Bucket;
import io.polystream.service.metrics.ServiceMetrics;
import java.io.EOFException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.time.Duration;
import java.util.OptionalLong;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.server.HttpOutput;

/**
 * Downloads under way: at most so many, so that threads are left for the rest of the service, each
 * with a buffer of a fixed size. Thread-safe.
 */
final class Transfers {
  /**
   * Measured over loopback: larger ones gain nothing, and all of them together stay well below what
   * the JVM may have outside its heap.
   */
  private static final int BUFFER_BYTES = 128 * 1024;

  /** A throttled client gets its bytes so many times a second. */
  private static final int CHUNKS_PER_SECOND = 8;

  private static final long RETRY_SECONDS = 2;

  private final int most;
  private final Semaphore slots;
  private final Queue<ByteBuffer> buffers = new ConcurrentLinkedQueue<>();
  private final OptionalLong mostBytesPerSecond;
  private final ServiceMetrics metrics;

  Transfers(int most, OptionalLong mostBytesPerSecond, ServiceMetrics metrics) {
    this.most = most;
    slots = new Semaphore(most);
    this.mostBytesPerSecond = mostBytesPerSecond;
    this.metrics = metrics;
    metrics.gaugeTransfers(this::active);
  }

  int active() {
    return most - slots.availablePermits();
  }

  /**
   * Begins one; the caller closes it.
   *
   * @param wantedBytesPerSecond what the client wants at most
   * @throws ProblemException with 503 when there are too many
   */
  Transfer begin(OptionalLong wantedBytesPerSecond) {
    if (!slots.tryAcquire()) {
      throw new ProblemException(
              503,
              "too-many-downloads",
              "Too many downloads",
              "as many downloads run as may, " + most + ": ask again in a moment")
          .retryAfter(RETRY_SECONDS);
    }
    ByteBuffer buffer = buffers.poll();
    return new Transfer(
        buffer != null ? buffer : ByteBuffer.allocateDirect(BUFFER_BYTES),
        lower(wantedBytesPerSecond));
  }

  private OptionalLong lower(OptionalLong wanted) {
    if (wanted.isPresent() && mostBytesPerSecond.isPresent()) {
      return OptionalLong.of(Math.min(wanted.getAsLong(), mostBytesPerSecond.getAsLong()));
    }
    return wanted.isPresent() ? wanted : mostBytesPerSecond;
  }

  /** Waits until there are none, for so long at most. */
  boolean awaitNone(Duration timeout) throws InterruptedException {
    if (!slots.tryAcquire(most, timeout.toMillis(), TimeUnit.MILLISECONDS)) {
      return false;
    }
    slots.release(most);
    return true;
  }

  /** One download. Used by one thread. */
  final class Transfer implements AutoCloseable {
    private final ByteBuffer buffer;
    private final int chunkBytes;
    private final Bucket throttle;

    private Transfer(ByteBuffer buffer, OptionalLong bytesPerSecond) {
      this.buffer = buffer;
      if (bytesPerSecond.isEmpty()) {
        chunkBytes = BUFFER_BYTES;
        throttle = null;
        return;
      }
      long rate = bytesPerSecond.getAsLong();
      // However slow it is: who waits for long does not see the client go.
      chunkBytes = (int) Math.max(1, Math.min(BUFFER_BYTES, rate / CHUNKS_PER_SECOND));
      // What may come at once is a chunk: the first second has no more bytes than the others.
      throttle =
          Bucket.builder()
              .addLimit(
                  limit ->
                      limit
                          .capacity(chunkBytes)
                          .refillGreedy(rate, Duration.ofSeconds(1))
                          .initialTokens(0))
              .build();
    }

    /** Sends a run of a file's bytes. */
    void send(FileChannel file, long from, long count, HttpOutput output) throws IOException {
      long position = from;
      long end = from + count;
      while (position < end) {
        int length = (int) Math.min(chunkBytes, end - position);
        await(length);
        buffer.clear().limit(length);
        while (buffer.hasRemaining()) {
          int read = file.read(buffer, position + buffer.position());
          if (read < 0) {
            throw new EOFException("the file has fewer bytes than it should");
          }
        }
        output.write(buffer.flip());
        position += length;
        metrics.sent(length);
      }
    }

    private void await(int bytes) throws IOException {
      if (throttle != null) {
        try {
          throttle.asBlocking().consume(bytes);
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
          throw new InterruptedIOException("the service is ending");
        }
      }
    }

    @Override
    public void close() {
      buffers.add(buffer);
      slots.release();
    }
  }
}
