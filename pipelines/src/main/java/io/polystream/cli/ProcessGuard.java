package io.polystream.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.polystream.error.ErrorKind;
import io.polystream.error.OutOfMemory;
import io.polystream.error.PolyStreamException;
import io.polystream.export.Exporter;
import io.polystream.process.Signals;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * Sees to it that nothing is left behind when the process is told to end (SIGINT, SIGTERM, SIGHUP)
 * or runs out of memory in whatever thread. The launcher has the JVM send itself SIGUSR1 when
 * memory is out: a runner's own thread may die of it without anybody noticing.
 */
final class ProcessGuard {
  /** How long statements may take to end in the server. */
  private static final long UNWIND_SECONDS = 8;

  /** Ending in order, and then the demo's server. */
  private static final long HALT_SECONDS = 2 * UNWIND_SECONDS + 4;

  /** What ending in order may need. */
  private static final int RESERVE_BYTES = 512 * 1024;

  /** What is said of a signal. */
  static final String STOPPED = "stopped by a signal; nothing was left behind";

  private static final byte[] STOPPED_LINE = line(STOPPED);
  private static final byte[] OUT_OF_MEMORY_LINE = line(OutOfMemory.MESSAGE);

  /** Held while it is decided whether an export begins before the end does. */
  private static final Object BEGINNING = new Object();

  private static final CountDownLatch MAIN_ENDED = new CountDownLatch(1);
  private static final CountDownLatch CLEANED_UP = new CountDownLatch(1);

  /** Made while there is memory. */
  private static final Thread HALT = new Thread(ProcessGuard::haltLater, "halt");

  private static volatile Exporter guarded;
  private static boolean said;

  /** The JVM says so once. */
  private static volatile boolean memoryIsOut;

  private static volatile boolean stopping;
  private static volatile boolean exiting;

  /** Only there to be given back. */
  private static volatile byte[] unusedReserve;

  private ProcessGuard() {}

  static void install() {
    unusedReserve = new byte[RESERVE_BYTES];
    HALT.setDaemon(true);
    Runtime.getRuntime().addShutdownHook(new Thread(ProcessGuard::stop, "stop"));
    // Where there are no such signals the readers' own failures end the export.
    Signals.handle("USR1", ProcessGuard::outOfMemory);
  }

  /**
   * Runs an export so that it is cancelled and cleaned up, however the process ends. None begins
   * once it is ending: nobody would wait for its cleaning up.
   */
  static <T> T guard(Exporter exporter, Supplier<T> work) {
    synchronized (BEGINNING) {
      if (stopping) {
        throw new PolyStreamException(ErrorKind.CANCELLED, STOPPED);
      }
      guarded = exporter;
    }
    try {
      return work.get();
    } finally {
      guarded = null;
    }
  }

  /**
   * Whether the process has to end, so that everything fails just now. If so, that has been said
   * when this returns.
   */
  static boolean saysWhy() {
    if (memoryIsOut) {
      say(OUT_OF_MEMORY_LINE);
      return true;
    }
    if (stopping) {
      say(STOPPED_LINE);
      return true;
    }
    return false;
  }

  /** The JVM ends, because of a signal or by {@link System#exit}. */
  private static void stop() {
    if (exiting || MAIN_ENDED.getCount() == 0) {
      return;
    }
    synchronized (BEGINNING) {
      stopping = true;
    }
    if (!end(new PolyStreamException(ErrorKind.CANCELLED, STOPPED))) {
      say(STOPPED_LINE);
    }
  }

  private static void outOfMemory() {
    // Before anything else: Java's own atomic classes want memory when they are first used.
    unusedReserve = null;
    if (memoryIsOut) {
      return;
    }
    memoryIsOut = true;
    HALT.start();
    Exporter exporter = guarded;
    boolean ended = end(new PolyStreamException(ErrorKind.INTERNAL, OutOfMemory.MESSAGE));
    if (exporter != null) {
      // Whoever ended without memory may not have had enough of it to clean up.
      exporter.abandon();
    }
    CLEANED_UP.countDown();
    if (!ended) {
      say(OUT_OF_MEMORY_LINE);
      exiting = true;
      System.exit(ExitCode.INTERNAL.code());
    }
  }

  /**
   * Ends the process when the command has ended and has said how. Out of memory is what it is,
   * whatever a library that had too little of it made of it.
   *
   * @param exitCode the command's
   */
  static void exit(int exitCode) {
    MAIN_ENDED.countDown();
    boolean done = exitCode == ExitCode.DONE.code();
    if (done || (exitCode != ExitCode.INTERNAL.code() && !memoryIsOut)) {
      System.exit(exitCode);
    }
    try {
      if (memoryIsOut) {
        CLEANED_UP.await(UNWIND_SECONDS, TimeUnit.SECONDS);
      }
    } catch (InterruptedException e) {
      // Then at once.
    }
    // Java's own end, from version 21 on, logs itself, and when memory is out says that it cannot.
    Runtime.getRuntime().halt(ExitCode.INTERNAL.code());
  }

  /** Returns whether the command ended by itself, and so has said why and knows the exit code. */
  private static boolean end(PolyStreamException reason) {
    Exporter exporter = guarded;
    boolean ended = false;
    try {
      if (exporter == null) {
        return MAIN_ENDED.await(1, TimeUnit.SECONDS);
      }
      exporter.cancel(reason);
      long deadline = System.nanoTime() + UNWIND_SECONDS * 1_000_000_000;
      do {
        ended = MAIN_ENDED.await(1, TimeUnit.SECONDS);
      } while (!ended && exporter.isAtTheDatabase() && System.nanoTime() < deadline);
    } catch (InterruptedException | OutOfMemoryError e) {
      // Then it has not ended.
    }
    if (!ended && exporter != null) {
      exporter.abandon();
    }
    return ended;
  }

  /** Whatever does not end without memory: the export, the demo's server, this class's threads. */
  private static void haltLater() {
    try {
      Thread.sleep(1000 * HALT_SECONDS);
    } catch (InterruptedException e) {
      // Then at once.
    }
    Runtime.getRuntime().halt(ExitCode.INTERNAL.code());
  }

  private static byte[] line(String message) {
    return ("polystream: " + message + "\n").getBytes(UTF_8);
  }

  /** Once; past whoever holds System.err, and without memory. */
  private static synchronized void say(byte[] line) {
    if (said) {
      return;
    }
    said = true;
    try {
      new FileOutputStream(FileDescriptor.err).write(line);
    } catch (IOException e) {
      // The exit code has to say it.
    }
  }
}
