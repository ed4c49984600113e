package io.polystream.cli;

import io.polystream.source.Database;
import io.polystream.source.DatabaseUrl;
import io.polystream.source.Databases;
import io.polystream.source.SourceColumn;
import io.polystream.source.SourceTable;
import io.polystream.source.TableName;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code polystream columns TABLE}. */
@Command(
    name = "columns",
    description = "Lists the columns of a table, with their types.",
    usageHelpAutoWidth = true)
final class ColumnsCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Mixin private ConnectionOptions connection;

  @Parameters(
      paramLabel = "TABLE",
      description = "table or schema.table; SQL double quotes for odd names.")
  private String table;

  @Override
  public Integer call() {
    return connection.with(connection.databaseUrl(System.getenv()), this::print);
  }

  private int print(DatabaseUrl url) {
    TableName name = TableName.parse(table);
    try (Database database = Databases.at(url)) {
      SourceTable found = database.describe(name);
      TextTable columns = new TextTable("column", "type", "null", "exported as");
      for (SourceColumn column : found.columns()) {
        columns.add(
            List.of(
                column.name(),
                column.sqlType(),
                column.nullable() ? "yes" : "no",
                column.kind().name().toLowerCase(Locale.ROOT)));
      }
      PrintWriter out = spec.commandLine().getOut();
      columns.printTo(out);
      String rows = TablesCommand.estimate(found.estimatedRows());
      out.println(
          found.qualifiedName()
              + ": "
              + found.kind()
              + (rows.isEmpty() ? "" : ", about " + rows + " rows")
              + (found.bytes() < 0 ? "" : ", " + Sizes.text(found.bytes())));
    }
    return ExitCode.DONE.code();
  }
}
