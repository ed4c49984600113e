package io.polystream.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.polystream.format.Format;
import io.polystream.testing.PostgresExtension;
import io.polystream.toy.ToyFormat;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.jar.JarOutputStream;
import java.util.zip.ZipEntry;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * A jar with a format, put on the class path, and nothing else: every command knows the format, its
 * flag and its ending.
 */
class AddedFormatIT {
  @RegisterExtension static final PostgresExtension postgres = new PostgresExtension();

  private static final int ROWS = 20_000;

  private Path directory;
  private Path jar;

  @BeforeAll
  static void createTable() throws SQLException {
    postgres.execute(
        "CREATE TABLE parcels AS SELECT id, NULLIF('p' || id, 'p2') AS label,"
            + " jsonb_build_object('city', 'c' || id) AS address, repeat('x', 300) AS filler"
            + " FROM generate_series(1, "
            + ROWS
            + ") AS id",
        "ANALYZE parcels");
  }

  @BeforeEach
  void packTheFormat() throws IOException {
    directory = postgres.directory();
    jar = directory.resolve("toy.jar");
    String name = ToyFormat.class.getName();
    try (JarOutputStream entries = new JarOutputStream(Files.newOutputStream(jar))) {
      for (String suffix : List.of("", "$ToyEncoder")) {
        String path = (name + suffix).replace('.', '/') + ".class";
        entries.putNextEntry(new ZipEntry(path));
        try (InputStream classFile = ToyFormat.class.getResourceAsStream("/" + path)) {
          classFile.transferTo(entries);
        }
      }
      entries.putNextEntry(new ZipEntry("META-INF/services/" + Format.class.getName()));
      entries.write(name.getBytes(UTF_8));
    }
  }

  private Outcome run(String... args) throws Exception {
    return CliProcess.setup().workingDirectory(directory).alsoOnClassPath(jar).run(args);
  }

  private Outcome export(String... args) throws Exception {
    return run(Cli.exportArgs(postgres.urlText(), args));
  }

  @Test
  void theEndingIsEnough() throws Exception {
    export("--table", "parcels", "-o", "parcels.toy", "--columns", "id,label,address.city")
        .requireDone();
    StringBuilder expected = new StringBuilder("toy\n");
    for (int id = 1; id <= ROWS; id++) {
      expected
          .append(id > 1 ? "--\n" : "")
          .append("id=%d%nlabel=%s%naddress.city=c%d%n".formatted(id, id == 2 ? "" : "p" + id, id));
    }
    assertThat(Files.readString(directory.resolve("parcels.toy"))).isEqualTo(expected + "end\n");
  }

  @Test
  void itIsCompressedAndSplitAndDescribedAsOthersAre() throws Exception {
    export(
            "--table",
            "parcels",
            "-o",
            "parts/",
            "--format",
            "toy",
            "--toy-mark",
            "==",
            "--compression",
            "gzip",
            "--max-file-rows",
            "7000")
        .requireDone();
    Path parts = directory.resolve("parts");
    var manifest = new ObjectMapper().readTree(parts.resolve("manifest.json").toFile());
    assertThat(manifest.path("format").asText()).isEqualTo("toy");
    assertThat(manifest.at("/formatOptions/toyMark").asText()).isEqualTo("==");
    List<String> names = new ArrayList<>();
    manifest.path("files").forEach(file -> names.add(file.path("name").asText()));
    assertThat(names).hasSizeGreaterThan(2).first().isEqualTo("parcels-00000.toy.gz");
  }

  @Test
  void requestsHelpExplainAndErrorsKnowIt() throws Exception {
    Path request = directory.resolve("request.json");
    Files.writeString(
        request,
        "{\"table\": \"parcels\", \"format\": \"toy\", \"toyMark\": \"::\", \"limit\": 2}");
    export("--request", request.toString(), "--columns", "id", "-o", "two").requireDone();
    assertThat(directory.resolve("two")).content().isEqualTo("toy\nid=1\n::\nid=2\nend\n");

    assertThat(run("export", "--help").out())
        .contains("--toy-mark", "toy: stands between rows.", "csv, json, ndjson, parquet, toy,");
    assertThat(
            run("explain", "--db-url", postgres.urlText(), "--table", "parcels", "-o", "a.toy")
                .requireCode(ExitCode.DONE)
                .out())
        .contains("toy");
    export("--table", "parcels", "-o", "a", "--format", "toys")
        .requireFailure(ExitCode.CONFIGURATION, "toys", "parquet, toy, tsv, xml");
    export("--table", "parcels", "-o", "a.toy", "--no-header")
        .requireFailure(ExitCode.CONFIGURATION, "format toy does not take", "--toy-mark");
  }

  @Test
  void theDemoMakesAFileOfIt() throws Exception {
    run("demo", "--rows", "500", "--dir", "demo").requireCode(ExitCode.DONE);
    assertThat(directory.resolve("demo").resolve("records.toy"))
        .content()
        .startsWith("toy\nid=1\n")
        .endsWith("end\n");
  }
}
