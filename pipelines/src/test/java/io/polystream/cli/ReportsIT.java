package io.polystream.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.polystream.testing.PostgresExtension;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What an export says when it is done, what it keeps, and what it makes of a source without rows.
 */
class ReportsIT {
  @RegisterExtension static final PostgresExtension postgres = new PostgresExtension();

  private static final ObjectMapper JSON = new ObjectMapper();

  private Path directory;

  @BeforeAll
  static void createTables() throws SQLException {
    SlowTable.create(postgres);
    postgres.execute(
        "CREATE TABLE item (id int, name text)",
        "INSERT INTO item VALUES (1, 'one'), (2, 'two'), (3, 'three')",
        "CREATE TABLE nothing (id int, name text)",
        "CREATE TABLE \"Odd/Name\" (id int)",
        "CREATE SCHEMA shop",
        "CREATE TABLE shop.\"Order Lines\" AS SELECT 1 AS id");
  }

  @BeforeEach
  void remember() {
    directory = postgres.directory();
  }

  private Outcome exportTo(String name, String... more) {
    List<String> args = new ArrayList<>(List.of("-o", directory.resolve(name).toString()));
    args.addAll(List.of(more));
    return Cli.export(postgres, args.toArray(String[]::new));
  }

  private Path file(String name) {
    return directory.resolve(name);
  }

  // No rows.

  @ParameterizedTest
  @ValueSource(strings = {"out.csv", "out.json"})
  void aTableWithoutRowsMakesNoFile(String name) {
    exportTo(name, "--table", "nothing")
        .requireFailure(ExitCode.NO_ROWS, "public.nothing", "no rows", "--allow-empty");
    assertThat(directory).isEmptyDirectory();
  }

  @Test
  void aPredicateThatLetsNothingThroughIsNamed() {
    exportTo("out.csv", "--table", "item", "--where", "id > 100", "--manifest", file("m") + "")
        .requireFailure(ExitCode.NO_ROWS, "public.item", "--where", "--allow-empty");
    assertThat(directory).isEmptyDirectory();
  }

  @ParameterizedTest
  @CsvSource({"copy, nothing, true", "cursor, item, false", "copy, slow, id < 0"})
  void whenAskedForNoRowsAreAFileOfNoRows(String read, String table, String where)
      throws IOException {
    for (String name : List.of("out.csv", "out.json")) {
      Outcome outcome =
          exportTo(
              name,
              "--table",
              table,
              "--columns",
              "id",
              "--where",
              where,
              "--read",
              read,
              "--allow-empty",
              "--summary",
              "json");
      outcome.requireDone();
      assertThat(JSON.readTree(outcome.lastErrorLine()).get("rows").asLong()).isZero();
    }
    assertThat(file("out.csv")).hasBinaryContent("id\r\n".getBytes(UTF_8));
    assertThat(JSON.readTree(file("out.json").toFile())).isEqualTo(JSON.createArrayNode());
  }

  @Test
  void withoutAHeaderAFileOfNoRowsIsEmpty() {
    exportTo("out.csv", "--table", "nothing", "--allow-empty", "--no-header").requireDone();
    assertThat(file("out.csv")).isEmptyFile();
  }

  // What is said.

  @Test
  void theLastLineForPeopleSaysWhatWasDone() {
    Outcome outcome = exportTo("out.csv", "--table", "item").requireDone();
    assertThat(outcome.errorLines()).hasSize(1);
    assertThat(outcome.lastErrorLine())
        .contains(file("out.csv").toString(), "3 rows", "32 B", "rows/s", "peak memory")
        .contains("consistency: snapshot")
        .doesNotContain("limited", "replaced");
  }

  @Test
  void theLastLineForProgramsHasExactlyWhatIsDocumented() throws IOException {
    Outcome outcome =
        exportTo("out.csv", "--table", SlowTable.NAME, "--summary", "json").requireDone();

    JsonNode summary = JSON.readTree(outcome.lastErrorLine());
    Set<String> names = new HashSet<>();
    summary.fieldNames().forEachRemaining(names::add);
    assertThat(names)
        .containsExactlyInAnyOrder(
            "output",
            "files",
            "rows",
            "bytes",
            "seconds",
            "rowsPerSecond",
            "peakMemoryBytes",
            "partitions",
            "consistency",
            "limited",
            "replacedCharacters",
            "warnings");
    assertThat(summary.get("output").asText()).isEqualTo(file("out.csv").toString());
    assertThat(summary.get("rows").asLong()).isEqualTo(SlowTable.ROWS);
    assertThat(summary.get("bytes").asLong()).isEqualTo(Files.size(file("out.csv")));
    assertThat(summary.get("seconds").asDouble()).isBetween(0.001, 60.0);
    assertThat(summary.get("rowsPerSecond").asLong()).isPositive();
    assertThat(summary.get("peakMemoryBytes").asLong()).isBetween(20_000_000L, 4_000_000_000L);
    assertThat(summary.get("partitions").asInt()).isGreaterThan(2);
    assertThat(summary.get("consistency").asText()).isEqualTo("snapshot");
    assertThat(summary.get("limited").asBoolean()).isFalse();
    assertThat(summary.get("warnings")).isEqualTo(JSON.createArrayNode());
  }

  @Test
  void aLimitThatCutsIsSaidAndOneThatDoesNotIsNot() throws IOException {
    for (int limit : new int[] {2, 3, 4}) {
      Outcome outcome =
          exportTo(
              "out.csv",
              "--table",
              "item",
              "--limit",
              limit + "",
              "--overwrite",
              "--summary",
              "json");
      JsonNode summary = JSON.readTree(outcome.requireDone().lastErrorLine());
      assertThat(summary.get("rows").asInt()).isEqualTo(Math.min(3, limit));
      assertThat(summary.get("limited").asBoolean()).as("limit %d", limit).isEqualTo(limit < 3);
    }
    exportTo("out2.csv", "--table", "item", "--limit", "1").requireDone();
    assertThat(file("out2.csv")).hasBinaryContent("id,name\r\n1,one\r\n".getBytes(UTF_8));
  }

  @Test
  void theCeilingOfTheInstallationIsAboveEveryLimit() throws Exception {
    Outcome outcome =
        CliProcess.withEnvironment(Map.of("EXPORT_ROW_LIMIT", "2"))
            .run(
                Cli.exportArgs(
                    postgres.urlText(),
                    "--table",
                    "item",
                    "--limit",
                    "3",
                    "--summary",
                    "json",
                    "-o",
                    file("out.csv").toString()));
    JsonNode summary = JSON.readTree(outcome.requireDone().lastErrorLine());
    assertThat(summary.get("rows").asInt()).isEqualTo(2);
    assertThat(summary.get("limited").asBoolean()).isTrue();
  }

  @Test
  void quietSaysNothing() {
    Outcome outcome =
        exportTo("out.csv", "--table", SlowTable.NAME, "--quiet", "--progress", "bar");
    assertThat(outcome.requireDone().err()).isEmpty();
  }

  @Test
  void quietKeepsErrorsAndTheSummaryThatIsAskedFor() throws IOException {
    exportTo("out.csv", "--table", "no_such", "--quiet")
        .requireFailure(ExitCode.CONFIGURATION, "no_such");
    Outcome outcome = exportTo("out.csv", "--table", "item", "--quiet", "--summary", "json");
    assertThat(outcome.requireDone().errorLines()).hasSize(1);
    assertThat(JSON.readTree(outcome.err()).get("rows").asInt()).isEqualTo(3);
  }

  @ParameterizedTest
  @ValueSource(strings = {"auto", "bar", "log", "none", "BAR"})
  void progressIsOnStandardErrorAndTheSummaryIsTheLastLine(String progress) throws IOException {
    Outcome outcome =
        exportTo("out.csv", "--table", SlowTable.NAME, "--progress", progress, "--summary", "json");
    outcome.requireDone();
    assertThat(JSON.readTree(outcome.lastErrorLine()).get("rows").asInt())
        .isEqualTo(SlowTable.ROWS);
    assertThat(outcome.err().contains("exporting")).isEqualTo(progress.equalsIgnoreCase("bar"));
  }

  @Test
  void aFailureBehindABarIsStillALineOfItsOwn() {
    Outcome outcome =
        exportTo(
            "out.csv",
            "--table",
            SlowTable.NAME,
            "--where",
            SlowTable.FAIL_LATE,
            "--progress",
            "bar");
    outcome.requireCode(ExitCode.QUERY);
    assertThat(outcome.lastErrorLine()).startsWith("polystream: ").contains("division by zero");
  }

  @Test
  void verboseAddsTheStackAndItsCause() {
    String[] failing = {"--table", "item", "--where", "no_such_column"};
    Outcome plain = exportTo("out.csv", failing).requireCode(ExitCode.QUERY);
    List<String> verbose = new ArrayList<>(List.of(failing));
    verbose.add("--verbose");
    Outcome withStack = exportTo("out.csv", verbose.toArray(String[]::new));

    assertThat(plain.errorLines()).hasSize(1);
    assertThat(withStack.requireCode(ExitCode.QUERY).err())
        .contains(plain.err().strip(), "\tat io.polystream.", "Caused by: ", "PSQLException");
  }

  // Names.

  @Test
  void theDefaultOutputIsTheTablesNameInTheWorkingDirectory() throws Exception {
    Outcome outcome =
        CliProcess.setup()
            .workingDirectory(directory)
            .run(
                Cli.exportArgs(
                    postgres.urlText(), "--table", "shop.\"Order Lines\"", "--format", "json"));
    outcome.requireDone();
    assertThat(JSON.readTree(file("Order Lines.json").toFile()))
        .isEqualTo(JSON.readTree("[{\"id\":1}]"));
  }

  @Test
  void aTablesNameThatIsNoFileNameIsRefusedWithoutAnOutput() {
    Cli.export(postgres, "--table", "\"Odd/Name\"")
        .requireFailure(ExitCode.CONFIGURATION, "Odd/Name", "-o");
  }

  @ParameterizedTest
  @CsvSource({"a.json, {", "a.JSON, {", "a.csv, i", "a.txt, i", "json, i", "a.json.csv, i"})
  void theOutputsExtensionChoosesTheFormat(String name, char second) throws IOException {
    exportTo(name, "--table", "item").requireDone();
    String content = Files.readString(file(name), UTF_8).replaceFirst("^\\[\\s*", "");
    assertThat(content.charAt(0)).isEqualTo(second);
  }

  @Test
  void theFlagIsAboveTheExtension() throws IOException {
    assertThat(exportTo("a.csv", "--table", "item", "--format", "json").requireDone().errorLines())
        .anyMatch(line -> line.endsWith("a.csv is json, though its name says csv"));
    assertThat(JSON.readTree(file("a.csv").toFile())).hasSize(3);
  }

  // What is kept.

  @Test
  void theManifestSaysWhatTheFileHolds() throws IOException {
    exportTo(
            "out.csv",
            "--table",
            SlowTable.NAME,
            "--manifest",
            file("m.json").toString(),
            "--where",
            "id <> 5",
            "--columns",
            "filler:Text,id")
        .requireDone();

    JsonNode manifest = JSON.readTree(file("m.json").toFile());
    byte[] content = Files.readAllBytes(file("out.csv"));
    assertThat(manifest.get("schemaVersion").asInt()).isEqualTo(1);
    assertThat(manifest.get("rows").asLong()).isEqualTo(SlowTable.ROWS - 1);
    assertThat(manifest.at("/files/0/name").asText()).isEqualTo("out.csv");
    assertThat(manifest.at("/files/0/bytes").asLong()).isEqualTo(content.length);
    assertThat(manifest.at("/files/0/crc32c").asText())
        .isEqualTo(crc32c(content, 0, content.length));
    assertThat(manifest.at("/columns/0/source").asText()).isEqualTo("filler");
    assertThat(manifest.at("/columns/0/target").asText()).isEqualTo("Text");
    assertThat(manifest.at("/columns/1/sqlType").asText()).isEqualTo("integer");
    assertThat(manifest.at("/consistency/level").asText()).isEqualTo("snapshot");
    assertThat(manifest.at("/where").asText()).isEqualTo("id <> 5");
    assertThat(manifest.get("limited").asBoolean()).isFalse();

    long rows = 0;
    for (JsonNode part : manifest.get("parts")) {
      rows += part.get("rows").asLong();
      assertThat(part.get("crc32c").asText())
          .isEqualTo(crc32c(content, part.get("offset").asInt(), part.get("bytes").asInt()));
    }
    assertThat(rows).isEqualTo(SlowTable.ROWS - 1);
  }

  private static String crc32c(byte[] bytes, int offset, int length) {
    CRC32C crc = new CRC32C();
    crc.update(bytes, offset, length);
    return String.format("%08x", crc.getValue());
  }

  // What is there without a database.

  @Test
  void helpAndVersionAreOnStandardOutput() {
    for (String flag : List.of("--help", "--version")) {
      Outcome outcome = Cli.run(flag).requireCode(ExitCode.DONE);
      assertThat(outcome.out()).contains("polystream");
      assertThat(outcome.err()).isEmpty();
    }
    for (String command : List.of("export", "tables", "columns", "demo")) {
      assertThat(Cli.run(command, "--help").requireCode(ExitCode.DONE).out()).contains(command);
    }
    assertThat(Cli.run("export", "--help").out()).contains("Examples", "--allow-empty");
  }
}
