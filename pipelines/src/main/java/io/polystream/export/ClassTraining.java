package io.polystream.export;

import java.util.List;

/**
 * Loads the classes an export needs, by running its pipeline without lanes and so without a
 * database.
 */
public final class ClassTraining {
  private ClassTraining() {}

  /** Returns once they are loaded. */
  public static void run() {
    ExportPipeline.of("class-training", List.of()).run().waitUntilFinish();
  }

  /** Does so on a thread of its own: the database's first answers take about as long. */
  public static void begin() {
    Thread training =
        new Thread(
            () -> {
              try {
                run();
              } catch (RuntimeException | Error e) {
                // What is wrong, or too much for the memory, shows when an export runs.
              }
            },
            "class training");
    training.setDaemon(true);
    training.start();
  }
}
