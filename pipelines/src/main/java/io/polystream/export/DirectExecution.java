package io.polystream.export;

import java.io.IOException;
import org.apache.beam.sdk.PipelineResult;
import org.joda.time.Duration;

/** The pipeline in this process: readers write the output themselves. */
final class DirectExecution implements Execution {
  private static final long POLL_MILLIS = 200;

  /** Long enough for a cancel to reach the server and come back. */
  private static final long STOP_MILLIS = 10_000;

  /** How long a pipeline may do nothing before its lanes begin, or after they ended. */
  private static final double STALLED_SECONDS = 60;

  private final ExportRun run;
  private PipelineResult result;

  DirectExecution(ExportRun run) {
    this.run = run;
  }

  @Override
  public Throwable run() {
    result = ExportPipeline.of(run.id(), run.plan().lanes()).run();
    double idleSince = run.elapsedSeconds();
    while (true) {
      PipelineResult.State state = result.waitUntilFinish(Duration.millis(POLL_MILLIS));
      if (run.summary() != null || run.failure() != null) {
        return run.failure();
      }
      if (state != null && state.isTerminal()) {
        return new IllegalStateException("the pipeline ended as " + state + " without a file");
      }
      if (run.isWorking()) {
        idleSince = run.elapsedSeconds();
      } else if (run.elapsedSeconds() - idleSince > STALLED_SECONDS) {
        return new IllegalStateException("the pipeline does nothing any more");
      }
    }
  }

  @Override
  public void stop() {
    run.awaitIdle(STOP_MILLIS);
    if (result != null) {
      try {
        result.cancel();
      } catch (IOException | RuntimeException e) {
        // It has ended already: that is what was wanted.
      }
    }
  }
}
