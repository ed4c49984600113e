package io.polystream.error;

import java.util.Objects;
import java.util.stream.Stream;

/** What there is to say when memory is out, whoever notices, and whether that is what happened. */
public final class OutOfMemory {
  /** One sentence, without a period. */
  public static final String MESSAGE =
      "out of memory: lower --parallelism, or give the process more with"
          + " POLYSTREAM_JAVA_OPTS=-Xmx256m";

  private OutOfMemory() {}

  /**
   * Whether a failure comes from that: whoever loads classes by reflection or a service loader
   * wraps the error; and of a class whose initialization it ended Java tells by the error's name
   * when the class is asked for again, or says nothing when there is no memory even for that.
   */
  public static boolean isCauseOf(Throwable thrown) {
    return Stream.iterate(thrown, Objects::nonNull, Throwable::getCause)
        .anyMatch(
            cause ->
                cause instanceof OutOfMemoryError
                    || (cause instanceof LinkageError failed && isOfInitialization(failed)));
  }

  private static boolean isOfInitialization(LinkageError failed) {
    String message = String.valueOf(failed.getMessage());
    return message.contains(OutOfMemoryError.class.getName())
        || (failed.getCause() == null && message.startsWith("Could not initialize class "));
  }
}
