package io.polystream.cli;

import io.polystream.source.Database;
import io.polystream.source.DatabaseUrl;
import io.polystream.source.Databases;
import io.polystream.source.SourceTable;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code polystream tables}. */
@Command(name = "tables", description = "Lists what can be exported.", usageHelpAutoWidth = true)
final class TablesCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Mixin private ConnectionOptions connection;

  @Override
  public Integer call() {
    return connection.with(connection.databaseUrl(System.getenv()), this::print);
  }

  private int print(DatabaseUrl url) {
    try (Database database = Databases.at(url)) {
      TextTable table = new TextTable("schema", "name", "kind", ">rows (estimated)", ">size");
      for (SourceTable found : database.tables()) {
        table.add(
            List.of(
                found.schema(),
                found.name(),
                found.kind().toString(),
                estimate(found.estimatedRows()),
                found.bytes() < 0 ? "" : Sizes.text(found.bytes())));
      }
      table.printTo(spec.commandLine().getOut());
    }
    return ExitCode.DONE.code();
  }

  static String estimate(long rows) {
    return rows < 0 ? "" : String.format(Locale.ROOT, "%,d", rows);
  }
}
