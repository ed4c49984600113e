package io.polystream.export;

import static io.polystream.error.PolyStreamException.configuration;

import io.polystream.error.PolyStreamException;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Which of Beam's runners runs the pipeline.
 *
 * @param name {@code direct} or the name of one on the class path, such as {@code flink}
 * @param beamArguments options of Beam and the runner, as its documentation writes them: {@code
 *     --flinkMaster=[local]}
 * @param workDirectory where workers leave parts, on a file system of Beam's that they and this
 *     process reach
 */
public record RunnerChoice(
    String name, List<String> beamArguments, Optional<String> workDirectory) {
  private static final String DIRECT_NAME = "direct";
  private static final Pattern NAME = Pattern.compile("[a-z][A-Za-z0-9]*");

  /** The runner in this process. */
  public static final RunnerChoice DIRECT =
      new RunnerChoice(DIRECT_NAME, List.of(), Optional.empty());

  public RunnerChoice {
    beamArguments = List.copyOf(beamArguments);
    if (!NAME.matcher(name).matches()) {
      throw configuration("runner \"" + name + "\": write direct or flink");
    }
    for (String argument : beamArguments) {
      if (!argument.startsWith("--")) {
        throw configuration(
            "\""
                + argument
                + "\" is not understood: after a lone -- come Beam's options, such as"
                + " --flinkMaster=[local]");
      }
      if (argument.startsWith("--runner=")) {
        throw configuration("Beam option " + argument + ": write --runner before the lone --");
      }
    }
    if (name.equals(DIRECT_NAME) && (!beamArguments.isEmpty() || workDirectory.isPresent())) {
      throw configuration(
          "the direct runner takes no options of Beam and no work directory: choose another with"
              + " --runner, or leave them out");
    }
  }

  /** What is wrong when the database shares no snapshot. */
  PolyStreamException noSharedSnapshot() {
    return configuration(
        "runner "
            + name
            + " reads with many processes, and the database shares no snapshot with them: use"
            + " --runner direct");
  }

  boolean isDirect() {
    return name.equals(DIRECT_NAME);
  }
}
