package io.polystream.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.polystream.format.Formats;
import io.polystream.testing.PostgresExtension;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Exit code 2: what was asked for cannot be meant. One plain line, and nothing written. */
class WrongArgumentsIT {
  @RegisterExtension static final PostgresExtension postgres = new PostgresExtension();

  private Path file;

  @BeforeAll
  static void createTable() throws SQLException {
    postgres.execute(
        "CREATE TABLE item (id int, name text)",
        "INSERT INTO item VALUES (1, 'one'), (2, 'two')",
        "CREATE SCHEMA shop",
        "CREATE TABLE shop.hidden (id int)",
        "CREATE SEQUENCE counter",
        "CREATE TABLE bare ()");
  }

  @BeforeEach
  void nameFile() {
    file = postgres.directory().resolve("item.csv");
  }

  @AfterEach
  void nothingIsWritten() throws IOException {
    try (Stream<Path> files = Files.list(postgres.directory())) {
      assertThat(files).isEmpty();
    }
  }

  private Outcome export(String... args) {
    List<String> all = new ArrayList<>(List.of("-o", file.toString()));
    all.addAll(List.of(args));
    return Cli.export(postgres, all.toArray(String[]::new));
  }

  @Test
  void anUnknownTableIsNamedWithWhereToLook() {
    export("--table", "no_such_table")
        .requireFailure(ExitCode.CONFIGURATION, "no_such_table", "polystream tables");
  }

  @Test
  void aTableInAnotherSchemaIsPointedTo() {
    export("--table", "hidden")
        .requireFailure(ExitCode.CONFIGURATION, "hidden", "schema shop", "schema.table");
  }

  @Test
  void aSequenceIsNoTable() {
    export("--table", "counter")
        .requireFailure(ExitCode.CONFIGURATION, "counter", "polystream tables");
  }

  @Test
  void aTableWithoutColumnsIsRefused() {
    export("--table", "bare").requireFailure(ExitCode.CONFIGURATION, "bare", "no columns");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", ".", "a.b.c", "shop.", "\"item", "item\"\"", "\"item\"x"})
  void aTableNameThatCannotBeReadIsRefused(String table) {
    export("--table", table).requireFailure(ExitCode.CONFIGURATION, "table");
  }

  @Test
  void unknownColumnsAreNamedWithThoseThereAre() {
    export("--table", "item", "--columns", "id,nmae,x:y")
        .requireFailure(ExitCode.CONFIGURATION, "nmae, x", "it has id, name");
  }

  @Test
  void twoColumnsWithOneTargetNameAreRefused() {
    export("--table", "item", "--columns", "id:a,name:a")
        .requireFailure(ExitCode.CONFIGURATION, "\"a\"", "source:target");
  }

  @Test
  void aColumnAskedForTwiceNeedsASecondName() {
    export("--table", "item", "--columns", "id,id")
        .requireFailure(ExitCode.CONFIGURATION, "\"id\"", "source:target");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "id,", ":a", "id:", "id:a:b", "\"id"})
  void aColumnListThatCannotBeReadIsRefused(String columns) {
    export("--table", "item", "--columns", columns)
        .requireFailure(ExitCode.CONFIGURATION, "columns");
  }

  @Test
  void anUnknownFormatIsNamedWithThoseThereAre() {
    export("--table", "item", "--format", "yaml")
        .requireFailure(ExitCode.CONFIGURATION, "yaml", Formats.names());
  }

  @ParameterizedTest
  @CsvSource({
    "--limit, 0",
    "--limit, -1",
    "--limit, ten",
    "--limit, 1e3",
    "--limit, 99999999999999999999",
    "--parallelism, 0",
    "--parallelism, 5",
    "--parallelism, many",
    "--line-ending, cr",
    "--read, guess",
    "--progress, dots",
    "--summary, xml"
  })
  void aValueThatAFlagDoesNotTakeIsNamed(String flag, String value) {
    export("--table", "item", flag, value)
        .requireFailure(ExitCode.CONFIGURATION, value, flag.substring(2));
  }

  @ParameterizedTest
  @ValueSource(strings = {"json", "ndjson"})
  void aHeaderIsNothingThatJsonHas(String format) {
    export("--table", "item", "--format", format, "--no-header")
        .requireFailure(ExitCode.CONFIGURATION, "format " + format, "option --no-header:");
  }

  @ParameterizedTest
  @ValueSource(strings = {"json", "ndjson", "tsv"})
  void aLineEndingIsWhatOnlyCsvHas(String format) {
    export("--table", "item", "--format", format, "--line-ending", "lf")
        .requireFailure(ExitCode.CONFIGURATION, "format " + format, "option --line-ending:");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "   ", "\n"})
  void anEmptyPredicateIsRefused(String where) {
    export("--table", "item", "--where", where).requireFailure(ExitCode.CONFIGURATION, "where");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--config /no/such/file|STORAGE|cannot read the configuration /no/such/file",
        "--name nightly|CONFIGURATION|--name nightly is looked up in a configuration file, and there is none",
        "--database shop|CONFIGURATION|--db-url and --database say both which database",
        "--request /no/such/file|STORAGE|cannot read the request /no/such/file",
        "--compression lzma|CONFIGURATION|unknown compression",
        "--compression gzip --compression-level 99|CONFIGURATION|compression level of gzip",
        "--max-file-bytes many|CONFIGURATION|is not a size",
        "--manifest /no/such/manifest.json|STORAGE|manifest directory /no/such does not exist",
      })
  void whatCannotBeMeantIsNamedByExplainAsByExport(String args, ExitCode code, String problem) {
    List<String> all = new ArrayList<>(List.of("--table", "item"));
    all.addAll(List.of(args.split(" ")));
    Outcome exported = export(all.toArray(String[]::new)).requireFailure(code, problem);
    all.addAll(0, List.of("explain", "--db-url", postgres.urlText(), "-o", file.toString()));
    Outcome explained = Cli.run(all.toArray(String[]::new)).requireCode(code);
    assertThat(explained.err().replace("polystream explain", "polystream export"))
        .isEqualTo(exported.err());
  }

  @Test
  void anUnknownFlagIsNamed() {
    export("--table", "item", "--tabel", "x")
        .requireFailure(ExitCode.CONFIGURATION, "--tabel", "--help");
  }

  @Test
  void aMissingTableIsAskedFor() {
    export().requireFailure(ExitCode.CONFIGURATION, "--table", "--help");
  }

  @Test
  void aFlagWithoutItsValueIsNamed() {
    export("--table").requireFailure(ExitCode.CONFIGURATION, "--table", "--help");
  }

  @Test
  void anUnknownCommandIsNamed() {
    Cli.run("exprot").requireFailure(ExitCode.CONFIGURATION, "exprot", "--help");
  }

  @Test
  void noCommandAtAllIsAskedFor() {
    Cli.run().requireFailure(ExitCode.CONFIGURATION, "command", "--help");
  }

  @ParameterizedTest
  @ValueSource(strings = {"mysql://localhost/db", "localhost", "jdbc:postgresql:db", ""})
  void aUrlOfNoPostgresIsRefused(String url) {
    Cli.run("export", "--db-url", url, "--table", "item", "-o", file.toString())
        .requireFailure(ExitCode.CONFIGURATION, "database", "postgresql://");
  }

  @Test
  void anUnknownUrlParameterIsNamed() {
    Cli.run(
            "export",
            "--db-url",
            postgres.urlText() + "?colour=red",
            "--table",
            "item",
            "-o",
            file.toString())
        .requireFailure(ExitCode.CONFIGURATION, "colour");
  }

  @Test
  void aRowCeilingThatIsNoNumberIsNamed() throws Exception {
    CliProcess.withEnvironment(Map.of("EXPORT_ROW_LIMIT", "many"))
        .run(Cli.exportArgs(postgres.urlText(), "--table", "item", "-o", file.toString()))
        .requireFailure(ExitCode.CONFIGURATION, "EXPORT_ROW_LIMIT", "many");
  }
}
