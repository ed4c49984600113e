package io.polystream.export;

import io.polystream.testing.RunnerContract;
import java.util.List;

/** The contract on the direct runner under another name. */
class DistributedIT extends RunnerContract {
  DistributedIT() {
    super("inProcess", List.of("--targetParallelism=3"));
  }
}
