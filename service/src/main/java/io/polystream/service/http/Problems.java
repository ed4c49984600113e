package io.polystream.service.http;

import io.polystream.error.PolyStreamException;
import io.polystream.service.jobs.JobRefusedException;

/**
 * The one table from failures to answers. Where the database is, and where files are, is nothing to
 * those who ask: the log has it.
 */
final class Problems {
  private static final long RETRY_SECONDS = 5;

  private Problems() {}

  static ProblemException of(Throwable failure) {
    if (failure instanceof ProblemException known) {
      return known;
    }
    if (failure instanceof JobRefusedException refused) {
      return of(refused);
    }
    if (failure instanceof PolyStreamException known) {
      return of(known);
    }
    return defect();
  }

  private static ProblemException defect() {
    return new ProblemException(
        500,
        "internal",
        "A defect of PolyStream",
        "the service has a defect; its log has more under the trace id");
  }

  private static ProblemException of(JobRefusedException refused) {
    return switch (refused.reason()) {
      case QUEUE_FULL ->
          new ProblemException(503, "queue-full", "Too many exports wait", refused.getMessage())
              .retryAfter(RETRY_SECONDS);
      case DRAINING ->
          new ProblemException(503, "draining", "The service is ending", refused.getMessage())
              .retryAfter(RETRY_SECONDS);
      case DISK_LIMIT ->
          new ProblemException(507, "disk-full", "The disk is full", refused.getMessage());
    };
  }

  private static ProblemException of(PolyStreamException failure) {
    String detail = failure.getMessage();
    return switch (failure.kind()) {
      case CONFIGURATION -> ProblemException.badRequest(detail, failure.problems());
      case CONNECTION, PASSWORD_MISSING ->
          new ProblemException(
                  503,
                  "database-unreachable",
                  "The database cannot be reached",
                  "the service cannot reach its database: ask again in a moment")
              .retryAfter(RETRY_SECONDS);
      // Before an export runs, the database refuses what was asked for.
      case QUERY, NO_ROWS -> ProblemException.badRequest(detail);
      case STORAGE ->
          new ProblemException(
              500,
              "storage",
              "A file cannot be used",
              "the service cannot use its files: its log has more under the trace id");
      case OUTPUT_CLOSED, VERIFICATION, CANCELLED, INTERNAL -> defect();
    };
  }
}
