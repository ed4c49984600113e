package io.polystream.cli;

import io.polystream.demo.DemoDatabase;
import io.polystream.error.PolyStreamException;
import io.polystream.export.ClassTraining;
import io.polystream.export.ExportRequest;
import io.polystream.export.ExportSummary;
import io.polystream.export.Exporter;
import io.polystream.export.RunnerChoice;
import io.polystream.format.Format;
import io.polystream.format.Formats;
import io.polystream.output.Compression;
import io.polystream.output.Destination;
import io.polystream.process.ProcessMemory;
import io.polystream.source.DatabaseUrl;
import io.polystream.source.ReadMode;
import io.polystream.source.TableName;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code polystream demo}. */
@Command(
    name = "demo",
    description =
        "Starts a PostgreSQL of its own, fills a table and exports it in every format there is.",
    sortOptions = false,
    usageHelpAutoWidth = true)
final class DemoCommand implements Callable<Integer> {
  private static final String TABLE = "records";
  private static final long SEEDING_INTERVAL_MILLIS = 2000;

  @Spec private CommandSpec spec;

  @Mixin private ProgressOptions progress;

  @Option(
      names = "--rows",
      paramLabel = "N",
      defaultValue = "1000000",
      description = "Rows in the table. Default: ${DEFAULT-VALUE}.")
  private long rows;

  @Option(
      names = "--dir",
      paramLabel = "DIR",
      defaultValue = "demo",
      description = "Where the files go; files of an earlier demo are replaced. Default: demo.")
  private Path directory;

  @Override
  public Integer call() {
    if (rows < 1) {
      throw new ParameterException(spec.commandLine(), "--rows must be 1 or more, not " + rows);
    }
    createDirectory();
    PrintWriter err = spec.commandLine().getErr();
    TextTable results =
        new TextTable("format", ">rows", "file", ">size", ">seconds", ">rows/s", ">peak memory");
    say(err, "starting PostgreSQL");
    try (DemoDatabase database = DemoDatabase.start()) {
      seed(database, err);
      // The first export would else take the time that classes need, and look slower than it is.
      ClassTraining.run();
      for (Format format : Formats.all()) {
        say(err, "exporting " + format.name());
        results.add(export(database.url(), format, err));
      }
    }
    PrintWriter out = spec.commandLine().getOut();
    results.printTo(out);
    printNextSteps(out);
    return ExitCode.DONE.code();
  }

  private void createDirectory() {
    try {
      Files.createDirectories(directory);
    } catch (IOException e) {
      throw PolyStreamException.storage(
          "cannot make the directory " + directory + ": choose another with --dir", e);
    }
  }

  private void seed(DemoDatabase database, PrintWriter err) {
    say(err, String.format(Locale.ROOT, "filling the table %s with %,d rows", TABLE, rows));
    Runnable tell =
        () ->
            database
                .seededRows()
                .ifPresent(
                    seeded ->
                        say(err, String.format(Locale.ROOT, "  %,d of %,d rows", seeded, rows)));
    try (Ticker unused = new Ticker(SEEDING_INTERVAL_MILLIS, tell)) {
      database.seed(rows);
    }
  }

  private List<String> export(DatabaseUrl url, Format format, PrintWriter err) {
    Path file = directory.resolve(TABLE + "." + format.extension());
    Exporter exporter =
        new Exporter(
            new ExportRequest(
                url,
                new ExportRequest.Selection(
                    TableName.parse(TABLE),
                    List.of(),
                    Optional.empty(),
                    Optional.empty(),
                    OptionalLong.empty()),
                format,
                Map.of(),
                Compression.NONE,
                new Destination.File(file, true, Optional.empty()),
                true,
                new ExportRequest.Reading(
                    ReadMode.AUTO,
                    ExportRequest.Reading.defaultParallelism(),
                    OptionalLong.empty()),
                RunnerChoice.DIRECT));
    ProcessMemory.resetPeak();
    ExportSummary summary =
        ProcessGuard.guard(exporter, () -> progress.show(exporter, err, exporter::run));
    return List.of(
        format.name(),
        String.format(Locale.ROOT, "%,d", summary.rows()),
        file.toString(),
        Sizes.text(summary.bytes()),
        String.format(Locale.ROOT, "%.1f", summary.seconds()),
        String.format(Locale.ROOT, "%,d", summary.rowsPerSecond()),
        Sizes.text(ProcessMemory.peakBytes()));
  }

  private void say(PrintWriter err, String what) {
    if (!progress.isQuiet()) {
      err.println("polystream: " + what);
    }
  }

  private void printNextSteps(PrintWriter out) {
    out.println();
    out.println("Next, a table of yours:");
    out.println("  export DATABASE_URL=postgresql://user:password@host:5432/database");
    out.println("  ./polystream tables");
    out.println("  ./polystream export --table NAME -o NAME.csv");
    out.flush();
  }
}
