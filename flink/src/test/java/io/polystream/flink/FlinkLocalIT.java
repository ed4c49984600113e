package io.polystream.flink;

import io.polystream.testing.RunnerContract;
import java.util.List;

/** Flink in this process: what travels is serialized, and the readers are Flink's tasks. */
class FlinkLocalIT extends RunnerContract {
  FlinkLocalIT() {
    super("flink", List.of("--flinkMaster=[local]", "--parallelism=2"));
  }
}
