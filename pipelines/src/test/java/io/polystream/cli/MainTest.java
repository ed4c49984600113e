package io.polystream.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.polystream.format.Format;
import io.polystream.format.Formats;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the command line says before it has a database. */
class MainTest {
  @Test
  void theVersionIsOneLine() {
    Outcome outcome = Cli.run("--version");
    outcome.requireCode(ExitCode.DONE);
    assertThat(outcome.out()).matches("polystream \\S+\\R");
    assertThat(outcome.err()).isEmpty();
  }

  @Test
  void theHelpNamesEveryCommand() {
    Outcome outcome = Cli.run("--help");
    outcome.requireCode(ExitCode.DONE);
    assertThat(outcome.out()).contains("polystream", "export", "tables", "columns", "demo");
    assertThat(outcome.err()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"export", "explain", "tables", "columns", "demo"})
  void everyCommandHasHelp(String command) {
    Outcome outcome = Cli.run(command, "--help");
    outcome.requireCode(ExitCode.DONE);
    assertThat(outcome.out()).contains("polystream " + command);
    assertThat(outcome.err()).isEmpty();
  }

  @Test
  void theExportsHelpShowsItsFlagsAndExamples() {
    String help = Cli.run("export", "--help").out();
    assertThat(help)
        .contains(
            "--db-url",
            "--password-file",
            "--table",
            "--columns",
            "--where",
            "--limit",
            "--format",
            "-o, --output",
            "--overwrite",
            "--manifest",
            "--no-header",
            "--line-ending",
            "--read",
            "--parallelism",
            "--progress",
            "--quiet",
            "--verbose",
            "--summary",
            "--allow-empty")
        .contains("Examples:", "polystream export --table orders -o orders.csv");
    assertThat(help).contains(Formats.all().stream().map(Format::name).toList());
  }

  @Test
  void theReadmeHasTheHelpOfExport() throws IOException {
    String readme = Files.readString(CliProcess.repository().resolve("README.md"), UTF_8);
    String block = readme.substring(readme.indexOf("$ ./polystream export --help\n"));
    block = block.substring(block.indexOf('\n'), block.indexOf("```"));
    // Lines break where the terminal ends.
    assertThat(block.replaceAll("\\s+", " ").strip())
        .isEqualTo(Cli.run("export", "--help").out().replaceAll("\\s+", " ").strip());
  }

  @Test
  void theReadmesConfigurationFileIsOne(@TempDir Path directory) throws IOException {
    String readme = Files.readString(CliProcess.repository().resolve("README.md"), UTF_8);
    String yaml = readme.substring(readme.indexOf("$ cat polystream.yaml\n"));
    yaml = yaml.substring(yaml.indexOf('\n') + 1, yaml.indexOf("\n$ ") + 1);
    Path file = Files.writeString(directory.resolve("polystream.yaml"), yaml);
    Files.writeString(directory.resolve("shop.password"), "secret\n");
    Outcome outcome =
        Cli.run("export", "--config", file.toString(), "--name", "nightly", "--dump-config");
    outcome.requireCode(ExitCode.DONE);
    assertThat(outcome.out()).contains("orders", "/data/orders.csv.gz").doesNotContain("secret\n");
  }

  @Test
  void explainTakesWhatExportTakes() {
    assertThat(flagsOf("explain")).containsAll(flagsOf("export")).contains("--json");
  }

  private static List<String> flagsOf(String command) {
    return Pattern.compile("(?m)^ +(?:-\\w, +)?(--[a-z-]+)")
        .matcher(Cli.run(command, "--help").out())
        .results()
        .map(found -> found.group(1))
        .toList();
  }

  @ParameterizedTest
  @CsvSource({
    "exprot, 'polystream: unknown command \"exprot\"; see polystream --help'",
    "--colour, 'polystream: Unknown option: ''--colour''; see polystream --help'",
    "'', 'polystream: unknown command \"\"; see polystream --help'"
  })
  void whatIsNotKnownIsNamedWithTheRemedy(String argument, String line) {
    Outcome outcome = Cli.run(argument);
    outcome.requireFailure(ExitCode.CONFIGURATION, "--help");
    assertThat(outcome.errorLines()).containsExactly(line);
  }

  @Test
  void aCommandIsNeeded() {
    Outcome outcome = Cli.run();
    outcome.requireFailure(ExitCode.CONFIGURATION, "--help");
    assertThat(outcome.errorLines())
        .containsExactly("polystream: name a command; see polystream --help");
  }

  @Test
  void theTableIsNeeded() {
    Outcome outcome = Cli.run("export");
    outcome.requireFailure(ExitCode.CONFIGURATION, "--table");
    assertThat(outcome.lastErrorLine()).endsWith("; see polystream export --help");
  }

  @ParameterizedTest
  @ValueSource(strings = {"export --table t", "tables", "columns t"})
  void theDatabaseIsNeeded(String command) {
    assumeThat(System.getenv("DATABASE_URL")).isNull();
    Cli.run(command.split(" "))
        .requireFailure(ExitCode.CONFIGURATION, "--db-url postgresql://", "DATABASE_URL");
  }

  @Test
  void theFormatComesFromTheFlagOrFromTheExtension(@TempDir Path directory) {
    // JSON takes no --no-header: so the refusal tells which format was chosen.
    String json = directory.resolve("a.json").toString();
    String other = directory.resolve("a.txt").toString();
    assertThat(refusal("-o", json)).contains("format json does not take the option --no-header");
    assertThat(refusal("-o", other, "--format", "json")).contains("format json does not take");
    assertThat(refusal("-o", other)).contains("cannot connect");
    assertThat(refusal("-o", json, "--format", "csv")).contains("cannot connect");
    assertThat(directory).isEmptyDirectory();
  }

  @Test
  void theHelpNamesEveryFormatAndWhichOfThemAFlagIsFor() {
    String help = Cli.run("export", "--help").out().replaceAll("\\s+", " ");
    assertThat(help).contains("--format=NAME One of " + Formats.names() + ". Without it");
    assertThat(help).contains("--no-header " + takersOf("header") + ": no line");
    assertThat(help).contains("--line-ending=crlf|lf " + takersOf("lineEnding") + ": default");
  }

  private static String takersOf(String option) {
    return Formats.all().stream()
        .filter(format -> format.takes(option))
        .map(Format::name)
        .collect(Collectors.joining(", "));
  }

  @Test
  void theCompressionComesFromTheFlagOrFromTheExtension(@TempDir Path directory) {
    // JSON takes no --no-header: so the refusal tells that the format was found before the .gz.
    assertThat(refusal("-o", directory.resolve("a.json.gz").toString()))
        .contains("format json does not take the option --no-header");
    assertThat(refusal("-o", "a.csv", "--compression-level", "3"))
        .isEqualTo("polystream: --compression-level without a compression: add --compression gzip");
    assertThat(refusal("-o", "a.csv.gz", "--compression-level", "10"))
        .isEqualTo("polystream: compression level of gzip must be 1 to 9, not 10");
    assertThat(refusal("--compression", "zstd", "--compression-level", "0"))
        .isEqualTo("polystream: compression level of zstd must be 1 to 19, not 0");
    assertThat(refusal("--compression", "bzip2"))
        .isEqualTo("polystream: unknown compression \"bzip2\": use one of none, gzip, zstd");
  }

  @Test
  void manyFilesNeedADirectory() {
    assertThat(refusal("-o", "a.csv", "--max-file-rows", "3"))
        .isEqualTo(
            "polystream: --max-file-bytes and --max-file-rows make many files: name a directory for"
                + " them, such as -o t/");
    assertThat(refusal("-o", "a/", "--max-file-bytes", "7 parsecs"))
        .startsWith(
            "polystream: Invalid value for option '--max-file-bytes': \"7 parsecs\" is not a size:"
                + " write bytes, or a number with kB, MB, GB, KiB, MiB, GiB");
    assertThat(refusal("-o", "a/", "--max-file-rows", "0"))
        .isEqualTo("polystream: --max-file-rows must be 1 or more, not 0");
    assertThat(refusal("-o", "a/", "--manifest", "m.json"))
        .isEqualTo(
            "polystream: --manifest: a directory of files has its manifest.json, leave --manifest"
                + " out");
  }

  @ParameterizedTest
  @ValueSource(strings = {"a/b", ".hidden", "."})
  void aTablesNameThatIsNoGoodFileNameNeedsAnother(String name) {
    Cli.run("export", "--db-url", "postgresql://h/d", "--table", "\"" + name + "\"")
        .requireFailure(ExitCode.CONFIGURATION, "\"" + name + "\"", "-o");
  }

  @Test
  void verboseAddsTheStackToTheLine() {
    Outcome outcome =
        Cli.run("export", "--db-url", "mysql://me:s3cr3t@h/d", "--table", "t", "--verbose");
    outcome.requireCode(ExitCode.CONFIGURATION);
    assertThat(outcome.err())
        .startsWith("polystream: the database URL must begin with ")
        .contains("\tat io.polystream.")
        .doesNotContain("s3cr3t");
  }

  @Test
  void anSslmodeThatIsNoneIsRefusedBeforeAnybodyIsAsked() {
    Cli.run("export", "--db-url", "postgresql://127.0.0.1:1/d?sslmode=bogus", "--table", "t")
        .requireFailure(ExitCode.CONFIGURATION, "sslmode \"bogus\"", "verify-full");
  }

  /** No server listens on the port: whoever gets as far as to connect fails there. */
  private static String refusal(String... args) {
    List<String> all =
        new ArrayList<>(
            List.of("export", "--db-url", "postgresql://127.0.0.1:1/d", "--table", "t"));
    all.add("--no-header");
    all.addAll(List.of(args));
    Outcome outcome = Cli.run(all.toArray(String[]::new));
    assertThat(outcome.exitCode()).isNotZero();
    return outcome.lastErrorLine();
  }
}
