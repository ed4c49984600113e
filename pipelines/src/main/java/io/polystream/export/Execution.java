package io.polystream.export;

/** One run of an export's pipeline on some runner: {@code run stop?}. */
interface Execution {
  /**
   * Runs the pipeline and returns when it has ended.
   *
   * @return why there is no file; null when there is one
   */
  Throwable run() throws Exception;

  /** Ends what may still be running after a failure. Never throws. */
  void stop();
}
