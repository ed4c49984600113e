package io.polystream.cli;

import io.polystream.export.ExportRequest;
import io.polystream.export.ExportSummary;
import io.polystream.export.Exporter;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code polystream export}. */
@Command(
    name = "export",
    description = "Exports a table or a view to one file, to many, or to standard output.",
    sortOptions = false,
    usageHelpAutoWidth = true,
    footerHeading = "%nExamples:%n",
    footer = {
      "  export DATABASE_URL=postgresql://me:secret@localhost:5432/shop",
      "  polystream export --table orders -o orders.csv",
      "  polystream export --table 'sales.\"Order Lines\"' --format json -o lines.json",
      "  polystream export --table orders --columns id:ID,total --where \"total > 100\"",
      "  polystream export --table orders --limit 1000 --no-header --line-ending lf",
      "  polystream export --name nightly --overwrite"
    })
final class ExportCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Mixin private ExportOptions options;

  @Override
  public Integer call() {
    ExportSettings settings = options.settings(System.getenv());
    if (options.dumpsSettings()) {
      new SettingsDump(settings).print(spec.commandLine().getOut());
      return ExitCode.DONE.code();
    }
    PrintWriter err = spec.commandLine().getErr();
    ExportRequest request = settings.toRequest();
    settings.connection().overruled().ifPresent(note -> note(note, err));
    ExportSummary result =
        options
            .connection()
            .with(request.database(), database -> run(request.withDatabase(database), err));
    settings.output().misnomers(request.format()).forEach(note -> note(note, err));
    result.warnings().forEach(note -> note(note, err));
    options.summary().map(style -> style.text(result)).ifPresent(err::println);
    return ExitCode.DONE.code();
  }

  private static void note(String note, PrintWriter err) {
    err.println("polystream: note: " + note);
  }

  private ExportSummary run(ExportRequest request, PrintWriter err) {
    Exporter exporter = new Exporter(request);
    return ProcessGuard.guard(
        exporter, () -> options.progress().show(exporter, err, exporter::run));
  }
}
