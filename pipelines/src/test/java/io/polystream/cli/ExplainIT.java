package io.polystream.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.polystream.testing.ExportedFile;
import io.polystream.testing.PostgresExtension;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code explain}: what the export then does, said before, and nothing left on disk. */
class ExplainIT {
  @RegisterExtension static final PostgresExtension postgres = new PostgresExtension();

  private static final int ROWS = 100_000;

  private Path file;

  @BeforeAll
  static void createTables() throws SQLException {
    postgres.execute(
        "CREATE TABLE orders AS SELECT i AS id, (i % 1000)::numeric(12,2) AS total,"
            + " repeat('x', 100) AS note, jsonb_build_object('category', 'A') AS metadata"
            + " FROM generate_series(1, "
            + ROWS
            + ") i",
        "ANALYZE orders",
        "CREATE TABLE fresh AS SELECT i AS id FROM generate_series(1, 1000) i",
        "CREATE VIEW broken AS SELECT id, 1 / (id - id) AS never FROM orders",
        "CREATE TABLE hidden AS SELECT 1 AS id",
        "ALTER TABLE hidden ENABLE ROW LEVEL SECURITY",
        "ALTER TABLE hidden FORCE ROW LEVEL SECURITY",
        "CREATE ROLE explainer LOGIN",
        "GRANT SELECT ON hidden TO explainer");
  }

  @AfterAll
  static void dropRole() throws SQLException {
    postgres.execute("DROP OWNED BY explainer", "DROP ROLE explainer");
  }

  @BeforeEach
  void nameFile() {
    file = postgres.directory().resolve("orders.csv");
  }

  private static Outcome explain(String... args) {
    List<String> all = new ArrayList<>(List.of("explain", "--db-url", postgres.urlText()));
    all.addAll(List.of(args));
    return Cli.run(all.toArray(String[]::new));
  }

  private static JsonNode explained(String... args) throws IOException {
    List<String> all = new ArrayList<>(List.of("--json"));
    all.addAll(List.of(args));
    Outcome outcome = explain(all.toArray(String[]::new)).requireCode(ExitCode.DONE);
    assertThat(outcome.err()).isEmpty();
    return ExportedFile.json(outcome.out().getBytes(UTF_8));
  }

  @Test
  void isWhatTheExportThenDoes() throws IOException {
    Path manifest = postgres.directory().resolve("m.json");
    String[] args = {
      "--table",
      "orders",
      "--columns",
      "id:ID,total,note,metadata,metadata.category",
      "--where",
      "id > 0",
      "--parallelism",
      "2",
      "--line-ending",
      "lf",
      "--compression",
      "gzip",
      "-o",
      file + ".gz",
      "--manifest",
      manifest.toString(),
    };
    JsonNode explained = explained(args);
    assertThat(postgres.directory()).isEmptyDirectory();

    Cli.export(postgres, args).requireDone();
    JsonNode done = ExportedFile.json(Files.readAllBytes(manifest));
    for (String field :
        List.of(
            "schemaVersion",
            "database",
            "schema",
            "table",
            "tableKind",
            "columns",
            "where",
            "format",
            "formatOptions",
            "compression",
            "compressionLevel",
            "read",
            "readers",
            "warnings",
            "partitions")) {
      assertThat(explained.get(field)).as(field).isNotNull().isEqualTo(done.get(field));
    }
    assertThat(explained.at("/consistency/level")).isEqualTo(done.at("/consistency/level"));
    assertThat(explained.get("partitions").asInt()).isGreaterThan(2);
    assertThat(explained.get("output").asText()).isEqualTo(file + ".gz");
    assertThat(explained.get("sql").asText()).contains("ctid < ").contains("(id > 0\n)");
    assertThat(explained.get("estimatedRows").asLong()).isBetween(ROWS / 2L, ROWS * 2L);
    assertThat(explained.get("estimatedBytes").asLong()).isBetween(ROWS * 50L, ROWS * 500L);
    assertThat(explained.get("problems")).isEmpty();
  }

  @Test
  void expectsNoMoreRowsThanTheLimitAndTheFilterLetThrough() throws IOException {
    assertThat(explained("--table", "orders", "--limit", "10").get("estimatedRows").asInt())
        .isEqualTo(10);
    JsonNode filtered = explained("--table", "orders", "--where", "total < 10");
    assertThat(filtered.get("estimatedRows").asLong()).isBetween(ROWS / 200L, ROWS / 50L);
    assertThat(filtered.get("estimatedBytes").asLong()).isLessThan(1_000_000);
    JsonNode narrow = explained("--table", "orders", "--columns", "id");
    assertThat(narrow.get("estimatedBytes").asLong()).isBetween(ROWS * 2L, ROWS * 20L);
  }

  @Test
  void knowsTheFilterOfARequest() throws IOException {
    Path request = postgres.directory().resolve("r.json");
    Files.writeString(
        request,
        "{\"table\":\"orders\",\"filter\":[{\"column\":\"total\",\"op\":\"eq\",\"value\":1.50}]}");
    assertThat(explained("--request", request.toString()).get("filter").toString())
        .isEqualTo("{\"and\":[{\"column\":\"total\",\"op\":\"eq\",\"value\":1.50}]}");
  }

  @Test
  void readsNoRows() throws IOException {
    JsonNode view = explained("--table", "broken");
    assertThat(view.get("partitions").asInt()).isEqualTo(1);
    assertThat(view.get("readers").asInt()).isEqualTo(1);
    assertThat(view.get("estimatedRows").asLong()).isPositive();
    assertThat(explained("--table", "fresh").get("estimatedRows").asLong()).isPositive();
  }

  @Test
  void saysItInWords() {
    Outcome outcome =
        explain("--table", "orders", "--columns", "id:ID,metadata.category", "-o", file.toString());
    outcome.requireCode(ExitCode.DONE);
    assertThat(outcome.err()).isEmpty();
    assertThat(outcome.out().lines())
        .contains(
            "column             type     exported as  name in the file",
            "id                 integer  number       ID",
            "metadata.category  jsonb    json_path    metadata.category",
            "format       csv",
            "compression  none",
            "output       " + file,
            "consistency  snapshot: every reader sees the table at one moment")
        .anyMatch(line -> line.matches("table +public\\.orders, table, .* MB, PostgreSQL .*"))
        .anyMatch(line -> line.matches("rows +about [0-9,]+, by the database's statistics"))
        .anyMatch(line -> line.matches("bytes +about .* before compression, an estimate .*"))
        .anyMatch(line -> line.matches("partitions +[0-9]+, by pages of the table: .*"))
        .anyMatch(line -> line.matches("readers +[1-4], by copy"))
        .anyMatch(line -> line.startsWith("statement    SELECT \"id\""));
    assertThat(postgres.directory()).isEmptyDirectory();
  }

  @Test
  void anotherRunnerIsNotNeededToSayWhatItWouldDo() throws IOException {
    Outcome outcome = explain("--table", "orders", "--runner", "flink");
    assertThat(outcome.requireCode(ExitCode.DONE).out())
        .contains("readers      as many as the runner flink has workers, by copy");
    assertThat(explained("--table", "orders", "--runner", "flink").get("runner").asText())
        .isEqualTo("flink");
  }

  @Test
  void warnsAsTheExportWould() {
    Outcome outcome =
        Cli.run(
            "explain",
            "--db-url",
            postgres.urlText().replace("//" + PostgresExtension.USER, "//explainer"),
            "--table",
            "hidden");
    outcome.requireCode(ExitCode.DONE);
    assertThat(outcome.out()).contains("note         row security of public.hidden hides rows");
  }

  @Test
  void anOutputThatIsNotToBeHadIsAProblemBesideThePlan() throws IOException {
    Files.writeString(file, "old");
    Outcome outcome = explain("--table", "orders", "-o", file.toString());
    outcome.requireCode(ExitCode.CONFIGURATION);
    assertThat(outcome.out()).contains("partitions ", "problem      output " + file + " exists");
    assertThat(outcome.errorLines())
        .containsExactly(
            "polystream: output "
                + file
                + " exists: choose another name, or replace it with"
                + " --overwrite");
    assertThat(explain("--table", "orders", "-o", file.toString(), "--json").out())
        .contains("\"problems\" : [ \"output " + file + " exists");
    explain("--table", "orders", "-o", file.toString(), "--overwrite").requireCode(ExitCode.DONE);
    assertThat(file).hasContent("old");
  }

  @Test
  void everyKindOfOutputIsLookedAt() throws IOException {
    Path directory = postgres.directory();
    Path full = Files.createDirectory(directory.resolve("full"));
    Files.writeString(full.resolve("manifest.json"), "{}");
    Path foreign = Files.createDirectory(directory.resolve("foreign"));
    Files.writeString(foreign.resolve("orders-00000.csv"), "");
    requireProblem(ExitCode.STORAGE, "does not exist", "-o", directory + "/no/a.csv");
    requireProblem(ExitCode.STORAGE, "does not exist", "-o", directory + "/no/dir/");
    requireProblem(ExitCode.CONFIGURATION, "holds an export", "-o", full + "/");
    requireProblem(ExitCode.CONFIGURATION, "orders-00000.csv exists", "-o", foreign + "/");
    requireProblem(ExitCode.CONFIGURATION, "is a directory", "-o", full.toString());
    requireProblem(
        ExitCode.STORAGE, "manifest directory", "-o", "-", "--manifest", directory + "/no/m.json");
    explain("--table", "orders", "-o", directory + "/new/").requireCode(ExitCode.DONE);
    try (Stream<Path> left = Files.list(directory)) {
      assertThat(left).containsExactlyInAnyOrder(full, foreign);
    }
  }

  private static void requireProblem(ExitCode code, String problem, String... args) {
    List<String> all = new ArrayList<>(List.of("--table", "orders"));
    all.addAll(List.of(args));
    Outcome outcome = explain(all.toArray(String[]::new)).requireCode(code);
    assertThat(outcome.out()).contains("problem ").contains(problem);
    assertThat(outcome.lastErrorLine()).contains(problem);
  }

  @ParameterizedTest
  @ValueSource(strings = {"no_such", "orders --columns nope", "orders --where nope"})
  void whatCannotBePlannedFailsAsTheExportWould(String args) {
    String[] all = ("--table " + args).split(" ");
    Outcome explained = explain(all);
    List<String> withOutput = new ArrayList<>(List.of(all));
    withOutput.addAll(List.of("-o", file.toString()));
    Outcome exported = Cli.export(postgres, withOutput.toArray(String[]::new));
    assertThat(explained).isEqualTo(exported);
    assertThat(explained.exitCode()).isNotZero();
  }
}
