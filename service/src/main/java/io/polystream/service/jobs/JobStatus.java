package io.polystream.service.jobs;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** What has become of a job. */
public enum JobStatus {
  /** Waits for its turn. */
  PENDING,
  RUNNING,
  /** There is a file. */
  COMPLETED,
  /** There is none, for a reason that the job names. */
  FAILED,
  CANCELLED,
  /** There was a file, for as long as files are kept. */
  EXPIRED,
  /** Somebody deleted it; remembered so that asking for it has an answer. */
  DELETED;

  /** Whether it may still become something else by itself. */
  public boolean isUnfinished() {
    return this == PENDING || this == RUNNING;
  }

  /** As it is written in answers. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** The status with this label, among those that people are told. */
  public static Optional<JobStatus> byLabel(String label) {
    return Arrays.stream(values())
        .filter(status -> status != DELETED && status.label().equals(label))
        .findFirst();
  }
}
