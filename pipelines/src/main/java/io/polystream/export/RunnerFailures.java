package io.polystream.export;

import io.polystream.error.ErrorKind;
import io.polystream.error.OutOfMemory;
import io.polystream.error.PolyStreamException;
import java.net.ConnectException;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/** Turns what a runner throws into failures that name the runner. */
final class RunnerFailures {
  private static final String SEE = "; see its own log, and docs/runners.md";

  private RunnerFailures() {}

  /** What the runner says itself, unless there is something of ours or of the database in it. */
  static Throwable of(String runner, Throwable thrown) {
    List<Throwable> causes = Stream.iterate(thrown, Objects::nonNull, Throwable::getCause).toList();
    for (Throwable cause : causes) {
      if (cause instanceof PolyStreamException || ExportPipeline.isOfTheDatabase(cause)) {
        return cause;
      }
    }
    if (OutOfMemory.isCauseOf(thrown)) {
      return thrown;
    }
    for (Throwable cause : causes) {
      if (cause instanceof ConnectException || cause instanceof UnknownHostException) {
        return new PolyStreamException(
            ErrorKind.CONFIGURATION,
            "runner " + runner + " cannot be reached: " + line(cause.getMessage()) + SEE,
            thrown);
      }
    }
    String root = line(causes.get(causes.size() - 1).toString());
    return new PolyStreamException(
        ErrorKind.INTERNAL, "runner " + runner + " failed: " + root + SEE, thrown);
  }

  private static String line(String message) {
    return message.strip().replaceAll("\\s*\\R\\s*", " ");
  }
}
