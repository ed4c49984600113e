package io.polystream.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.polystream.testing.PostgresExtension;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The configuration file, where it is looked for and what it is good for. */
class ConfigurationIT {
  @RegisterExtension static final PostgresExtension postgres = new PostgresExtension();

  private static final Path PAGE = CliProcess.repository().resolve("docs/configuration.md");
  private static final String URL_OF_THE_PAGE = "postgresql://me@localhost:5432/shop";

  private Path config;

  @BeforeAll
  static void createTable() throws SQLException {
    postgres.execute(
        """
        CREATE TABLE orders AS
          SELECT n AS id, (n * 7.91 % 1000)::numeric(12,2) AS total,
                 jsonb_build_object('category', chr(65 + n % 4)) AS metadata
            FROM generate_series(1, 1200) n""");
  }

  @BeforeEach
  void nameFile() {
    config = postgres.directory().resolve("polystream.yaml");
  }

  private static CliProcess.Setup inDirectory(Map<String, String> environment) {
    return CliProcess.withEnvironment(environment).workingDirectory(postgres.directory());
  }

  private void writeNightly(Path file, String database) throws IOException {
    Files.createDirectories(file.getParent());
    Files.writeString(
        file,
        """
        databases:
          shop:
            url: %s
        exports:
          nightly:
            database: %s
            table: orders
            columns: [{source: id}]
            limit: 2
            lineEnding: lf
        """
            .formatted(postgres.urlText(), database));
  }

  private static String block(String start) throws IOException {
    Matcher block =
        Pattern.compile("```[a-z]*\n(" + start + ".*?)```", Pattern.DOTALL)
            .matcher(Files.readString(PAGE, UTF_8));
    assertThat(block.find()).as("a block that begins with " + start).isTrue();
    return block.group(1);
  }

  @Test
  void thePageIsRight() throws Exception {
    Files.writeString(config, block("database:").replace(URL_OF_THE_PAGE, postgres.urlText()));
    Files.writeString(postgres.directory().resolve("archive.password"), "unused\n");
    Map<String, String> environment = Map.of("SHOP_PASSWORD", "unused");

    inDirectory(environment).run("export", "--name", "nightly").requireDone();
    try (GZIPInputStream file =
        new GZIPInputStream(Files.newInputStream(postgres.directory().resolve("orders.csv.gz")))) {
      assertThat(new String(file.readAllBytes(), UTF_8))
          .startsWith("id,total,category\n")
          .contains("\n632,999.12,A\n");
    }

    String dump = block(Pattern.quote("$ ./polystream export --name nightly --compression-level"));
    Outcome dumped =
        inDirectory(environment)
            .run("export", "--name", "nightly", "--compression-level", "9", "--dump-config");
    assertThat(dumped.requireCode(ExitCode.DONE).out())
        .isEqualTo(dump.substring(dump.indexOf('\n') + 1));
  }

  @Test
  void anExportMayGoToAnotherDatabaseAndADirectory() throws IOException {
    Files.writeString(config, block("database:").replace(URL_OF_THE_PAGE, postgres.urlText()));
    Files.writeString(postgres.directory().resolve("archive.password"), "unused\n");
    String output = postgres.directory().resolve("archive") + "/";
    run("export", "--name", "archived", "-o", output).requireDone();
    assertThat(Path.of(output)).isDirectoryContaining("glob:**/orders-00002.csv");
    assertThat(run("tables", "--database", "archive").requireCode(ExitCode.DONE).out())
        .contains("orders");
    assertThat(run("columns", "--database", "archive", "orders").out()).contains("total");
    assertThat(run("explain", "--name", "archived").out()).contains("output       ");
    Files.delete(postgres.directory().resolve("archive.password"));
    run("tables", "--database", "archive")
        .requireFailure(ExitCode.STORAGE, "cannot read the password file", "archive.password");
    run("tables", "--database", "shop")
        .requireFailure(ExitCode.CONFIGURATION, "SHOP_PASSWORD", "set it");
  }

  @Test
  void itIsFoundInTheWorkingDirectoryThenInTheUsersFolder() throws Exception {
    Path home = Files.createDirectory(postgres.directory().resolve("home"));
    Path folder = postgres.directory().resolve("xdg");
    Map<String, String> both =
        Map.of("HOME", home.toString(), "XDG_CONFIG_HOME", folder.toString());
    Path ofHome = home.resolve(".config/polystream/polystream.yaml");
    Path ofFolder = folder.resolve("polystream/polystream.yaml");
    writeNightly(ofHome, "shop");
    requireFound(Map.of("HOME", home.toString()), ofHome.toString());
    requireFound(Map.of("HOME", home.toString(), "XDG_CONFIG_HOME", "relative"), ofHome.toString());
    inDirectory(both)
        .run("export", "--name", "nightly", "--dump-config")
        .requireFailure(ExitCode.CONFIGURATION, "--name nightly", "there is none", "--config");
    writeNightly(ofFolder, "shop");
    requireFound(both, ofFolder.toString());
    writeNightly(config, "shop");
    requireFound(both, "polystream.yaml");

    inDirectory(both).run("export", "--name", "nightly", "-o", "out.csv").requireDone();
    assertThat(postgres.directory().resolve("out.csv")).hasContent("id\n1\n2\n");
  }

  private static void requireFound(Map<String, String> environment, String file) throws Exception {
    assertThat(
            inDirectory(environment)
                .run("export", "--name", "nightly", "--dump-config")
                .requireCode(ExitCode.DONE)
                .out())
        .contains("limit: 2 # configuration " + file + ", export nightly");
  }

  @Test
  void theEnvironmentGoesBeforeItsDatabaseAndSaysSo() throws Exception {
    writeNightly(config, "postgresql://nobody@localhost:1/nothing");
    Outcome outcome =
        inDirectory(Map.of("DATABASE_URL", postgres.urlText()))
            .run("export", "--name", "nightly", "-o", "out.csv");
    assertThat(outcome.requireDone().errorLines().get(0))
        .startsWith("polystream: note: the environment's DATABASE_URL goes before the database of")
        .contains("export nightly", "--database");
  }

  @Test
  void nobodyReadsItWhoDoesNotNeedIt() throws Exception {
    Files.writeString(config, "databasses: {}");
    inDirectory(Map.of("DATABASE_URL", postgres.urlText()))
        .run("export", "--table", "orders", "--limit", "1", "-o", "out.csv")
        .requireDone();
    inDirectory(Map.of())
        .run("export", "--table", "orders", "-o", "out.csv")
        .requireFailure(ExitCode.CONFIGURATION, "polystream.yaml", "line 1: /databasses");
  }

  @Test
  void whatItDoesNotHaveIsNamedWithWhatItHas() throws IOException {
    writeNightly(config, "shop");
    run("export", "--name", "weekly")
        .requireFailure(ExitCode.CONFIGURATION, "no export \"weekly\"", "it has nightly");
    run("tables", "--database", "store")
        .requireFailure(ExitCode.CONFIGURATION, "no database \"store\"", "it has shop");
    run("tables").requireFailure(ExitCode.CONFIGURATION, "no database", "--db-url", "DATABASE_URL");
    run("tables", "--database", "shop", "--db-url", postgres.urlText())
        .requireFailure(ExitCode.CONFIGURATION, "--db-url and --database");
    Files.writeString(config, "");
    run("tables", "--database", "shop").requireFailure(ExitCode.CONFIGURATION, "it has none");
    Files.delete(config);
    run("tables").requireFailure(ExitCode.STORAGE, "cannot read the configuration", "polystream");
  }

  @Test
  void itsMistakesAreTheOnesOfThePage() throws IOException {
    Files.writeString(
        config,
        """
        databases:
          shop:
            url: postgresql://me@localhost:5432/shop
            user: me
        exports:
          nightly:
            limit: ten
        """);
    String line =
        block(Pattern.quote("$ ./polystream export --config wrong.yaml")).lines().toList().get(1);
    assertThat(run("export", "--name", "nightly").lastErrorLine())
        .isEqualTo(line.replace("wrong.yaml", config.toString()));
  }

  /** With the file named. */
  private Outcome run(String... args) {
    return Cli.run(
        Stream.concat(Stream.of(args), Stream.of("--config", config.toString()))
            .toArray(String[]::new));
  }
}
