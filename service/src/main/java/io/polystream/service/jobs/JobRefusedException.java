package io.polystream.service.jobs;

/** A job is not taken in now; later it may be. */
public final class JobRefusedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final Cause cause;

  /** Why not. */
  public enum Cause {
    QUEUE_FULL,
    DISK_LIMIT,
    DRAINING
  }

  JobRefusedException(Cause cause, String message) {
    super(message);
    this.cause = cause;
  }

  public Cause reason() {
    return cause;
  }
}
