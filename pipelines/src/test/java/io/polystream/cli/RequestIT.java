package io.polystream.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.polystream.testing.ExportedFile;
import io.polystream.testing.PostgresExtension;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** {@code --request}: the document says it, a flag overrides it. */
class RequestIT {
  @RegisterExtension static final PostgresExtension postgres = new PostgresExtension();

  private static final Path PAGE = Path.of("..", "docs", "request.md");

  private Path file;
  private Path document;

  @BeforeAll
  static void createTable() throws SQLException {
    postgres.execute(
        """
        CREATE TABLE orders AS
          SELECT n::bigint AS id, timestamptz '2026-01-01 00:00+00' + n * interval '1 hour' AS placed_at,
                 (n * 7.91 % 1000)::numeric(12,2) AS total, CASE WHEN n % 100 = 0 THEN 'ring twice' END AS note,
                 jsonb_build_object('category', chr(65 + n % 4), 'tags', ARRAY['t' || n], 'rush', n % 2 = 0,
                   'weight', CASE WHEN n > 3 THEN n END) AS metadata
            FROM generate_series(1, 1000) n""",
        "CREATE TABLE item (id int, name text)",
        "INSERT INTO item VALUES (1, 'one'), (2, 'two'), (3, NULL)");
  }

  @BeforeEach
  void nameFiles() {
    file = postgres.directory().resolve("out.csv");
    document = postgres.directory().resolve("request.json");
  }

  @Test
  void aDocumentSaysEverything() throws IOException {
    Path manifest = postgres.directory().resolve("m.json");
    write(
        """
        {"schemaVersion": 1, "database": "%s", "table": "item",
         "columns": [{"source": "NAME", "target": "Name"}, {"source": "id"}],
         "filter": [{"column": "id", "op": "le", "value": 2}], "where": "id > 0", "limit": 5,
         "format": "csv", "compression": "none", "header": false, "lineEnding": "lf",
         "output": {"file": "%s", "overwrite": true, "manifest": "%s"}}"""
            .formatted(postgres.urlText(), file, manifest));
    Files.writeString(file, "old");

    Cli.run("export", "--request", document.toString()).requireDone();

    assertThat(file).hasContent("one,1\ntwo,2");
    assertThat(ExportedFile.json(Files.readAllBytes(manifest)).at("/filter/and/0/value").asInt())
        .isEqualTo(2);
  }

  @Test
  void flagsOverrideItOneByOne() throws IOException, SQLException {
    Path other = postgres.directory().resolve("other.json");
    write(
        """
        {"database": "postgresql://nobody@localhost:1/nothing", "table": "orders",
         "columns": [{"source": "total"}], "filter": [{"column": "id", "op": "ge", "value": 2}],
         "where": "false", "limit": 1, "format": "csv", "output": {"file": "%s", "overwrite": true}}"""
            .formatted(file));

    export(
            "--table",
            "item",
            "--columns",
            "id",
            "--where",
            "true",
            "--limit",
            "9",
            "--format",
            "json",
            "-o",
            other.toString())
        .requireDone();

    assertThat(other).hasContent("[{\"id\":2},\n{\"id\":3}]");
    assertThat(file).doesNotExist();
    export(
            "--table",
            "item",
            "--columns",
            "id",
            "--where",
            "true",
            "--limit",
            "9",
            "--format",
            "json",
            "-o",
            other.toString(),
            "--overwrite=false")
        .requireFailure(ExitCode.CONFIGURATION, "exists");
  }

  @Test
  void anOptionIsOverriddenToo() throws IOException {
    write(
        "{\"table\":\"item\",\"columns\":[{\"source\":\"id\"}],\"header\":false,\"lineEnding\":\"lf\"}");
    export("-o", file.toString(), "--no-header=false", "--line-ending", "crlf").requireDone();
    assertThat(Files.readString(file)).isEqualTo("id\r\n1\r\n2\r\n3\r\n");
  }

  @Test
  void theFormatFollowsTheDocumentsFile() throws IOException {
    Path json = postgres.directory().resolve("out.json");
    write("{\"table\":\"item\",\"output\":{\"file\":\"%s\"}}".formatted(json));
    export().requireDone();
    assertThat(ExportedFile.json(Files.readAllBytes(json))).hasSize(3);
  }

  @Test
  void aDocumentMayComeFromStandardInput() throws IOException {
    InputStream stdin = System.in;
    System.setIn(new ByteArrayInputStream("{\"table\":\"item\"}".getBytes(UTF_8)));
    try {
      Cli.export(postgres, "--request", "-", "-o", file.toString()).requireDone();
      System.setIn(new ByteArrayInputStream("{\"limit\":0}".getBytes(UTF_8)));
      Cli.export(postgres, "--request", "-", "-o", file.toString())
          .requireFailure(ExitCode.CONFIGURATION, "request on standard input: /limit: must be");
    } finally {
      System.setIn(stdin);
    }
    assertThat(Files.readAllLines(file)).hasSize(4);
  }

  @Test
  void whatIsWrongIsSaidAtOnceAndNothingIsWritten() throws IOException {
    write("{\"table\":\"item\",\"columns\":[{\"target\":\"x\"}],\"limit\":\"ten\",\"fliter\":[]}");
    export("-o", file.toString())
        .requireFailure(
            ExitCode.CONFIGURATION, "/columns/0/source: is missing", "/limit: ", "/fliter: ");
    write("{\"table\":\"item\",\"filter\":[{\"column\":\"id\",\"op\":\"eq\",\"value\":\"abc\"}]}");
    export("-o", file.toString())
        .requireFailure(
            ExitCode.CONFIGURATION, "polystream: /filter/0/value: \"abc\" is not an integer");
    write(
        "{\"table\":\"item\",\"columns\":[{\"source\":\"id\"},{\"source\":\"x\"},{\"source\":\"y\"}]}");
    export("-o", file.toString())
        .requireFailure(
            ExitCode.CONFIGURATION,
            "polystream: /columns/1/source: table public.item has no column x; /columns/2/source:"
                + " table public.item has no column y: it has id, name");
    write(
        "{\"table\":\"item\",\"columns\":[{\"source\":\"x\"}],"
            + "\"filter\":[{\"column\":\"id\",\"op\":\"eq\",\"value\":\"abc\"}]}");
    export("-o", file.toString())
        .requireFailure(
            ExitCode.CONFIGURATION,
            "polystream: /columns/0/source: table public.item has no column x: it has id, name;"
                + " /filter/0/value: \"abc\" is not an integer");
    write("{\"table\":\"item\",\"compression\":\"br\"}");
    export("-o", file.toString())
        .requireFailure(ExitCode.CONFIGURATION, "/compression: unknown compression \"br\"");
    write("{}");
    export("-o", file.toString()).requireFailure(ExitCode.CONFIGURATION, "no table", "--table");
    Files.delete(document);
    export("-o", file.toString()).requireFailure(ExitCode.STORAGE, "cannot read the request");
    assertThat(postgres.directory()).isEmptyDirectory();
  }

  @Test
  void aPasswordInADocumentIsNeverShown() throws IOException {
    write("{\"database\":\"postgresql://me:s3cr3t@localhost:1/d\",\"table\":\"item\"}");
    Outcome outcome = Cli.run("export", "--request", document.toString(), "-o", file.toString());
    outcome.requireCode(ExitCode.CONNECTION);
    assertThat(outcome.err()).doesNotContain("s3cr3t");
    write("{\"database\":\"s3cr3t://me:s3cr3t@h/d\",\"table\":\"item\",\"s\":1}");
    outcome = Cli.run("export", "--request", document.toString(), "-o", file.toString());
    outcome.requireFailure(ExitCode.CONFIGURATION, "/database: the database URL must begin with");
    assertThat(outcome.err()).doesNotContain("s3cr3t");
  }

  @Test
  void theDocumentsOfThePageWork() throws IOException {
    List<String> documents =
        Pattern.compile("```json\n(.*?)```", Pattern.DOTALL)
            .matcher(Files.readString(PAGE))
            .results()
            .map(block -> block.group(1))
            .toList();
    List<String> texts = new ArrayList<>();
    for (String block : documents) {
      write(block);
      export("-o", file.toString(), "--overwrite").requireDone();
      texts.add(Files.readString(file));
    }
    assertThat(texts).hasSize(2);
    assertThat(texts.get(0))
        .isEqualTo(
            """
            ID,total,category,metadata.tags.0
            744,885.04,A,t744
            745,892.95,B,t745
            748,916.68,A,t748
            """);
    assertThat(texts.get(1)).startsWith("[{\"id\":1},\n{\"id\":2},\n{\"id\":3},\n");
  }

  private void write(String json) throws IOException {
    Files.writeString(document, json);
  }

  private Outcome export(String... args) {
    List<String> all = new ArrayList<>(List.of("--request", document.toString()));
    all.addAll(List.of(args));
    return Cli.export(postgres, all.toArray(String[]::new));
  }
}
