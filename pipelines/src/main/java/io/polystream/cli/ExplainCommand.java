package io.polystream.cli;

import io.polystream.export.ExportExplanation;
import io.polystream.export.ExportRequest;
import io.polystream.export.Exporter;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code polystream explain}. */
@Command(
    name = "explain",
    description = {
      "Prints what export would do with the same arguments, and reads no rows.",
      "Ends as export would when it is sure to fail, as where the output exists."
    },
    sortOptions = false,
    usageHelpAutoWidth = true,
    footerHeading = "%nExamples:%n",
    footer = {
      "  polystream explain --table orders -o orders.csv",
      "  polystream explain --request nightly.json --json"
    })
final class ExplainCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Mixin private ExportOptions options;

  @Option(names = "--json", description = "As JSON, for programs.")
  private boolean json;

  @Override
  public Integer call() {
    ExportSettings settings = options.settings(System.getenv());
    PrintWriter out = spec.commandLine().getOut();
    if (options.dumpsSettings()) {
      new SettingsDump(settings).print(out);
      return ExitCode.DONE.code();
    }
    PrintWriter err = spec.commandLine().getErr();
    ExportRequest request = settings.toRequest();
    settings.notes().forEach(note -> err.println("polystream: note: " + note));
    ExportExplanation explanation =
        options
            .connection()
            .with(
                request.database(),
                database -> {
                  Exporter exporter = new Exporter(request.withDatabase(database));
                  return ProcessGuard.guard(exporter, exporter::explain);
                });
    if (json) {
      out.println(Explanations.json(explanation));
    } else {
      Explanations.print(explanation, out);
    }
    if (!explanation.problems().isEmpty()) {
      throw explanation.problems().get(0);
    }
    return ExitCode.DONE.code();
  }
}
