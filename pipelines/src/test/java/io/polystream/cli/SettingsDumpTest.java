package io.polystream.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.polystream.export.RequestDocument;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code --dump-config}: what is printed says the same again, and no secret. */
class SettingsDumpTest {
  @TempDir private Path directory;

  /** Port 1: whoever connects fails. */
  private static final List<String> BASE =
      List.of(
          "--db-url", "postgresql://me:s3cr3t@127.0.0.1:1/d?sslpassword=s3cr3t", "--table", "t");

  private static Outcome dump(String command, List<String> args) {
    List<String> all = new ArrayList<>(List.of(command, "--dump-config"));
    all.addAll(args);
    Outcome outcome = Cli.run(all.toArray(String[]::new)).requireCode(ExitCode.DONE);
    assertThat(outcome.err()).isEmpty();
    assertThat(outcome.out()).doesNotContain("s3cr3t");
    return outcome;
  }

  @ParameterizedTest
  @ValueSource(strings = {"export", "explain"})
  void settingsAreSaidWithTheirOriginsAndNothingIsDone(String command) {
    assertThat(dump(command, BASE).out().lines().filter(line -> !line.startsWith("parallelism")))
        .containsExactly(
            "# Settings of polystream export, for --request. A comment says where one is from.",
            "schemaVersion: 1",
            "database: \"postgresql://me@127.0.0.1:1/d\" # flag --db-url",
            "table: \"t\" # flag --table",
            "format: \"csv\" # default",
            "compression: \"none\" # default",
            "output:",
            "  file: \"t.csv\" # default",
            "  overwrite: false # default",
            "allowEmpty: false # default",
            "read: \"auto\" # default",
            "# password: ****** (flag --db-url)",
            "# runner: direct");
  }

  /** Names and values that mean something in YAML, or in a comment. */
  @Test
  void whatIsDumpedSaysTheSameAgain() throws IOException {
    Path request = directory.resolve("r # \n\u2028.json");
    Files.writeString(
        request,
        """
        {"table": "s.\\"T # : '\\"", "columns": [{"source": "a\\u2028b", "target": "\\u0085\\u007f\\\\ \\" # x"},
           {"source": "Zoë 😀", "target": "- : {} [] , & * ! | > %% @ `"}],
         "filter": {"or": [{"column": "n", "op": "in", "value": [1.50, "yes", true, 1e400, "~"]},
                           [{"column": "a.b", "op": "isNull"}]]},
         "where": "a <> '\\n # no comment: '", "limit": 5, "format": "tsv", "header": false,
         "compression": "zstd", "compressionLevel": 19, "allowEmpty": true, "read": "cursor",
         "parallelism": 1, "database": "postgresql://h/d",
         "output": {"file": "out #/", "overwrite": true, "maxFileBytes": "1GiB", "maxFileRows": 7}}
        """
            .replace("%%", "%"));
    String dumped = dump("export", List.of("--request", request.toString())).out();
    RequestDocument again = parse(dumped);
    RequestDocument before = parse(Files.readString(request));
    assertThat(again.toTree().toString()).isEqualTo(before.toTree().toString());
    assertThat(again.columns()).isEqualTo(before.columns());
    assertThat(again.where()).isEqualTo(before.where());
    assertThat(dumped.lines().count()).isEqualTo(21);
  }

  @Test
  void whatAFlagMadeMeaninglessIsLeftOut() throws IOException {
    Path request = directory.resolve("r.json");
    Files.writeString(
        request,
        """
        {"format": "csv", "lineEnding": "lf", "header": false, "compression": "gzip",
         "compressionLevel": 9, "output": {"file": "out/", "maxFileRows": 7}}""");
    List<String> args = new ArrayList<>(BASE);
    args.addAll(
        List.of("--request", request.toString(), "--format", "tsv", "--compression", "zstd"));
    args.addAll(List.of("-o", "x.tsv.zst"));
    assertThat(dump("export", args).out())
        .contains("header: false", "compressionLevel: 3 # default", "file: \"x.tsv.zst\"")
        .doesNotContain("lineEnding", "maxFileRows");
  }

  @Test
  void aCompressionThatAFlagsFormatHasNoUseForIsLeftOut() throws IOException {
    Path request = directory.resolve("r.json");
    Files.writeString(
        request,
        """
        {"format": "xml", "xmlRoot": "r", "compression": "gzip", "compressionLevel": 9}""");
    for (List<String> flags : List.of(List.of("--format", "parquet"), List.of("-o", "x.parquet"))) {
      if (flags.contains("-o")) {
        Files.writeString(request, "{\"compression\": \"gzip\", \"compressionLevel\": 9}");
      }
      List<String> args = new ArrayList<>(BASE);
      args.addAll(List.of("--request", request.toString()));
      args.addAll(flags);
      assertThat(dump("export", args).out())
          .contains("format: \"parquet\"", "compression: \"none\"", ".parquet\"")
          .doesNotContain("xmlRoot", "compressionLevel");
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "-o t.csv.gz --compression none | t.csv.gz is not compressed, though its name says gzip",
        "-o t.csv.gz --compression zstd | t.csv.gz is compressed by zstd, though its name says gzip",
        "-o t.csv --compression gzip | t.csv is compressed by gzip, though its name says nothing of it",
        "-o t.csv --format json | t.csv is json, though its name says csv",
        "-o t.json.gz --format parquet --compression none | t.json.gz is parquet, though its name says json",
      })
  void aNameThatSaysOtherwiseIsNoted(String args, String note) {
    List<String> all = new ArrayList<>(BASE);
    all.addAll(List.of(args.split(" ")));
    assertThat(dump("export", all).out()).contains("# note: " + note);
  }

  @ParameterizedTest
  @ValueSource(strings = {"t.csv", "t.csv.gz", "t.json", "t", "t --compression gzip"})
  void aNameThatSaysNothingElseIsNot(String output) {
    List<String> all = new ArrayList<>(BASE);
    all.addAll(List.of(("-o " + output).split(" ")));
    assertThat(dump("export", all).out()).doesNotContain("note:");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--format x | unknown format \"x\"",
        "--compression-level 3 | --compression-level without a compression",
        "--limit 0 | limit must be 1 or more, not 0",
        "--parallelism 5 | parallelism must be 1 to 4, not 5",
        "--max-file-rows 3 | name a directory for them",
        "--line-ending cr | --line-ending must be crlf or lf, not \"cr\"",
        "--format json --no-header | format json does not take the option --no-header: it has none",
        "--format parquet --parquet-codec lzo | --parquet-codec must be one of snappy, zstd,",
        "--format parquet --parquet-decimal 5,6 | --parquet-decimal must be precision,scale",
        "-o t.xml --xml-root 1 | --xml-root must be a name as XML has it",
        "-o t.xml --xml-record 1 | --xml-record must be a name as XML has it",
        "-o t.xml --xml-invalid-chars drop | --xml-invalid-chars must be replace or fail, not \"drop\"",
        "-o t.parquet --compression gzip | not as a whole: leave --compression gzip out, and choose"
            + " how with --parquet-codec (snappy, zstd, gzip, none)",
        "-o t.parquet.gz | not as a whole: name the output without .gz, and choose how with"
            + " --parquet-codec (snappy, zstd, gzip, none)",
        "-o t.parquet.gz --compression zstd | leave --compression zstd out, name the output without .gz,",
        "--password-file /no/such/file | cannot read the password file /no/such/file",
      })
  void whatAnExportRefusesIsRefusedInTheSameWords(String args, String problem) {
    List<String> all = new ArrayList<>(List.of("export"));
    all.addAll(BASE);
    all.addAll(List.of(args.split(" ")));
    Outcome exported = Cli.run(all.toArray(String[]::new));
    assertThat(exported.lastErrorLine()).contains(problem);
    for (String command : List.of("export", "explain")) {
      all.set(0, command);
      List<String> dumping = new ArrayList<>(all);
      dumping.add("--dump-config");
      assertThat(Cli.run(dumping.toArray(String[]::new))).isEqualTo(exported);
    }
  }

  @Test
  void whatADocumentSaidIsNamedByItsPlace() throws IOException {
    refusedWith(
        "{\"xmlRoot\": \"r\", \"output\": {\"file\": \"t.csv\"}}",
        ": /xmlRoot: format csv does not take the option xmlRoot: it takes header, lineEnding");
    refusedWith(
        "{\"compression\": \"gzip\", \"output\": {\"file\": \"t.parquet\"}}",
        ": /compression: a parquet file is compressed inside, not as a whole: leave compression out,"
            + " and choose how with parquetCodec (snappy, zstd, gzip, none)");
    refusedWith(
        "{\"output\": {\"file\": \"t.parquet.zst\"}}",
        ": /output/file: a parquet file is compressed inside, not as a whole: name the output"
            + " without .zst, and choose how with parquetCodec (snappy, zstd, gzip, none)");
  }

  private void refusedWith(String document, String problem) throws IOException {
    Path request = Files.writeString(directory.resolve("r.json"), document);
    List<String> args = new ArrayList<>(List.of("export", "--request", request.toString()));
    args.addAll(BASE);
    Outcome outcome = Cli.run(args.toArray(String[]::new));
    outcome.requireFailure(ExitCode.CONFIGURATION);
    assertThat(outcome.lastErrorLine()).isEqualTo("polystream: request " + request + problem);
  }

  private static RequestDocument parse(String text) {
    return RequestDocument.parse(
        new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)),
        "dump",
        RequestDocument.Door.COMMAND_LINE);
  }
}
