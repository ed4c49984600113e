package io.polystream.service.jobs;

/** Told of what happens to jobs. Called from any thread; must not throw. */
public interface JobEvents {
  /** A job has its turn. */
  void started(Job job);

  /**
   * A job has ended, one way or another.
   *
   * @param job as it is now
   */
  void ended(Job job);
}
