package io.polystream.export;

import java.io.IOException;
import java.nio.file.Path;
import org.apache.beam.sdk.options.PipelineOptions;

/**
 * What one of Beam's runners has to be told and its user need not. Found by {@link
 * java.util.ServiceLoader}; implementations have no state.
 */
public interface RunnerDefaults {
  /** The runner, as {@link RunnerChoice#name} has it. */
  String runner();

  /**
   * Sets what the user left open.
   *
   * @param options as the user gave them; changed in place
   * @param readers how many should read at once, 1 or more
   * @param scratch a directory for what the runner writes on this machine, not made yet; gone when
   *     the export has ended, with whatever is in it
   */
  void apply(PipelineOptions options, int readers, Path scratch) throws IOException;
}
