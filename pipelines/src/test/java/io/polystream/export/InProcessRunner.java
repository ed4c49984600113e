package io.polystream.export;

import java.util.List;
import org.apache.beam.runners.direct.DirectOptions;
import org.apache.beam.runners.direct.DirectRunner;
import org.apache.beam.sdk.Pipeline;
import org.apache.beam.sdk.PipelineResult;
import org.apache.beam.sdk.PipelineRunner;
import org.apache.beam.sdk.options.PipelineOptions;
import org.apache.beam.sdk.runners.PipelineRunnerRegistrar;

/**
 * The direct runner under another name, so that exports take it for a distributed one: {@code
 * --runner inProcess}. It serializes what travels, as a distributed one does.
 */
public final class InProcessRunner extends PipelineRunner<PipelineResult> {
  private final DirectRunner runner;

  private InProcessRunner(DirectRunner runner) {
    this.runner = runner;
  }

  /** As Beam wants it. */
  public static InProcessRunner fromOptions(PipelineOptions options) {
    return new InProcessRunner(DirectRunner.fromOptions(options.as(DirectOptions.class)));
  }

  @Override
  public PipelineResult run(Pipeline pipeline) {
    return runner.run(pipeline);
  }

  /** Makes Beam find it. */
  public static final class Registrar implements PipelineRunnerRegistrar {
    @Override
    public Iterable<Class<? extends PipelineRunner<?>>> getPipelineRunners() {
      return List.of(InProcessRunner.class);
    }
  }
}
