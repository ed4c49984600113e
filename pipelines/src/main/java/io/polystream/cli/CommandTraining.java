package io.polystream.cli;

import io.polystream.demo.DemoDatabase;
import io.polystream.export.ClassTraining;
import io.polystream.format.Format;
import io.polystream.format.Formats;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * Does what people do, so that its classes are loaded when the launcher has them archived: exports
 * a small table from a real database. Where none can be started it does what there is to do
 * without.
 */
final class CommandTraining {
  private static final int ROWS = 1000;

  private CommandTraining() {}

  /**
   * Never throws an exception.
   *
   * @param directory for the files, which stay there
   */
  static void run(Path directory) {
    try (DemoDatabase database = DemoDatabase.start()) {
      database.seed(ROWS);
      String url = database.url().withoutSecrets();
      Main.run("tables", "--db-url", url);
      for (Format format : Formats.all()) {
        export(url, directory, "--format", format.name());
      }
      for (String compression : List.of("gzip", "zstd")) {
        export(url, directory, "--compression", compression);
      }
      export(url, directory, "--read", "cursor");
    } catch (RuntimeException e) {
      // Then fewer classes are archived.
      ClassTraining.run();
    }
  }

  private static void export(String url, Path directory, String... flags) {
    Main.run(
        Stream.concat(
                Stream.of(
                    "export",
                    "--db-url=" + url,
                    "--table=records",
                    "--output=" + directory.resolve("records"),
                    "--overwrite",
                    "--quiet"),
                Stream.of(flags))
            .toArray(String[]::new));
  }
}
