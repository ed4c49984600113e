package io.polystream.service.jobs;

import static java.util.Objects.requireNonNull;

import io.polystream.error.PolyStreamException;
import java.io.IOException;
import java.util.Locale;

/**
 * Why a job has no file.
 *
 * @param detail one line that names the thing and the remedy
 */
public record JobFailure(Reason reason, String detail) {
  /** The kinds of reasons, which programs can tell apart. */
  public enum Reason {
    NO_ROWS("The source has no rows"),
    REQUEST("The request does not fit the database any more"),
    DATABASE_UNREACHABLE("The database cannot be reached"),
    QUERY("The database refused or broke off a statement"),
    STORAGE("A file cannot be written"),
    DISK_FULL("The disk, or what exports may use of it, is full"),
    TIMEOUT("The export took longer than exports may"),
    LOST("The file is gone"),
    CRASHED("The service ended each time it ran the export"),
    INTERNAL("A defect of PolyStream");

    private final String title;

    Reason(String title) {
      this.title = title;
    }

    public String title() {
      return title;
    }

    /** As it is written in the type of a problem: {@code disk-full}. */
    public String label() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
  }

  public JobFailure {
    requireNonNull(reason, "reason");
    requireNonNull(detail, "detail");
  }

  /**
   * What an export failed with, in words for those who asked for it: where the database is, and
   * where files are, is nothing to them. The log has the rest.
   */
  static JobFailure of(PolyStreamException failure) {
    return switch (failure.kind()) {
      case NO_ROWS -> new JobFailure(Reason.NO_ROWS, failure.getMessage());
      case CONFIGURATION -> new JobFailure(Reason.REQUEST, failure.getMessage());
      case QUERY -> new JobFailure(Reason.QUERY, failure.getMessage());
      case CONNECTION, PASSWORD_MISSING ->
          new JobFailure(
              Reason.DATABASE_UNREACHABLE,
              "the service cannot reach its database: run the export again when it can");
      case STORAGE ->
          isDiskFull(failure)
              ? new JobFailure(Reason.DISK_FULL, "the disk is full: delete exports, or wait")
              : new JobFailure(
                  Reason.STORAGE, "the service cannot write the file: ask its operator");
      case OUTPUT_CLOSED, VERIFICATION, CANCELLED, INTERNAL -> defect();
    };
  }

  static JobFailure defect() {
    return new JobFailure(
        Reason.INTERNAL, "the service has a defect: its log has more under the export's id");
  }

  /** Java has no type for it; the words are those of the C library (ENOSPC, EDQUOT). */
  private static boolean isDiskFull(Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      String message = String.valueOf(cause.getMessage());
      if (cause instanceof IOException
          && (message.contains("No space left on device") || message.contains("quota exceeded"))) {
        return true;
      }
    }
    return false;
  }
}
