package io.polystream.cli;

import static io.polystream.testing.Patience.await;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.polystream.testing.PostgresExtension;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Every way to give a password works, and none shows it. */
class PasswordIT {
  @RegisterExtension static final PostgresExtension postgres = new PostgresExtension();

  private static final String ROLE = "secretive";

  /** Its halves are looked for, so that half a password is not shown either. */
  private static final String FIRST_HALF = "Xq7W";

  private static final String SECOND_HALF = "Zk9V";
  private static final String PASSWORD = FIRST_HALF + "%/@:?#& +\"'\\ü€" + SECOND_HALF;
  private static final String ENCODED = URLEncoder.encode(PASSWORD, UTF_8).replace("+", "%20");

  private static Path accessRules;
  private static String accessRulesBefore;

  @BeforeAll
  static void guardARoleByPassword() throws SQLException, IOException {
    postgres.execute(
        "CREATE TABLE item (id int)",
        "INSERT INTO item VALUES (1)",
        "CREATE VIEW slow AS SELECT id, pg_sleep(0.1)::text AS slept"
            + " FROM generate_series(1, 500) AS id",
        "CREATE ROLE " + ROLE + " LOGIN PASSWORD '" + PASSWORD.replace("'", "''") + "'",
        "GRANT SELECT ON item, slow TO " + ROLE);
    accessRules = Path.of(postgres.queryText("SHOW hba_file"));
    accessRulesBefore = Files.readString(accessRules, UTF_8);
    Files.writeString(
        accessRules, "host all " + ROLE + " all scram-sha-256\n" + accessRulesBefore, UTF_8);
    postgres.execute("SELECT pg_reload_conf()");
  }

  @AfterAll
  static void trustAgain() throws SQLException, IOException {
    Files.writeString(accessRules, accessRulesBefore, UTF_8);
    postgres.execute("SELECT pg_reload_conf()", "DROP OWNED BY " + ROLE, "DROP ROLE " + ROLE);
  }

  private static String urlAs(String userInfo) {
    return postgres.urlText().replace("//" + PostgresExtension.USER + "@", "//" + userInfo + "@");
  }

  private static String jdbcUrl(String encodedPassword) {
    return "jdbc:"
        + urlAs("").replace("//@", "//")
        + "?user="
        + ROLE
        + "&password="
        + encodedPassword;
  }

  private static List<String> exportArgs(String... args) {
    List<String> all = new ArrayList<>(List.of("export", "--table", "item", "--verbose"));
    all.addAll(List.of("-o", postgres.directory().resolve("item.csv").toString()));
    all.addAll(List.of("--manifest", postgres.directory().resolve("manifest.json").toString()));
    all.addAll(List.of(args));
    return all;
  }

  private static void requireSecret(String text) {
    assertThat(text).doesNotContain(FIRST_HALF).doesNotContain(SECOND_HALF);
  }

  private static void requireDoneAndSecret(Outcome outcome) throws IOException {
    outcome.requireDone();
    requireSecret(outcome.err());
    requireSecret(Files.readString(postgres.directory().resolve("manifest.json"), UTF_8));
    assertThat(postgres.directory().resolve("item.csv")).hasContent("id\r\n1\r\n");
  }

  @Test
  void inTheUrlWithPercentEncoding() throws IOException {
    requireDoneAndSecret(
        Cli.run(exportArgs("--db-url", urlAs(ROLE + ":" + ENCODED)).toArray(String[]::new)));
  }

  @Test
  void inTheParametersOfAJdbcUrl() throws IOException {
    requireDoneAndSecret(Cli.run(exportArgs("--db-url", jdbcUrl(ENCODED)).toArray(String[]::new)));
  }

  @Test
  void inAFile() throws IOException {
    Path file = Files.writeString(postgres.directory().resolve("word.txt"), PASSWORD + "\n", UTF_8);
    requireDoneAndSecret(
        Cli.run(
            exportArgs("--db-url", urlAs(ROLE), "--password-file", file.toString())
                .toArray(String[]::new)));
  }

  @Test
  void inTheEnvironmentAsPgpasswordWithPguser() throws Exception {
    requireDoneAndSecret(
        CliProcess.withEnvironment(Map.of("PGPASSWORD", PASSWORD, "PGUSER", ROLE))
            .run(exportArgs("--db-url", urlAs("").replace("//@", "//")).toArray(String[]::new)));
  }

  @Test
  void inTheEnvironmentAsDatabaseUrl() throws Exception {
    requireDoneAndSecret(
        CliProcess.withEnvironment(Map.of("DATABASE_URL", urlAs(ROLE + ":" + ENCODED)))
            .run(exportArgs().toArray(String[]::new)));
  }

  @Test
  void aPasswordFileThatIsNotThereIsNamed() {
    Outcome outcome =
        Cli.run(
            "export",
            "--table",
            "item",
            "--db-url",
            urlAs(ROLE),
            "--password-file",
            "/no/such/file");
    outcome.requireFailure(ExitCode.STORAGE, "/no/such/file");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "localhost:1/postgres",
        "no-such-host.invalid/postgres",
        "localhost:port/postgres",
        "localhost:99999/postgres",
        "/postgres",
        "localhost/db?colour=red",
        "localhost/db%zz"
      })
  void isNotShownWhenTheDatabaseCannotBeReached(String rest) {
    requireSecret(
        Cli.run(
                exportArgs("--db-url", "postgresql://" + ROLE + ":" + ENCODED + "@" + rest)
                    .toArray(String[]::new))
            .err());
  }

  @Test
  void isNotShownWhenItIsWrong() {
    String wrong = FIRST_HALF + SECOND_HALF;
    for (String url : List.of(urlAs(ROLE + ":" + wrong), jdbcUrl(wrong))) {
      Outcome outcome = Cli.run(exportArgs("--db-url", url).toArray(String[]::new));
      outcome.requireCode(ExitCode.CONNECTION);
      requireSecret(outcome.err());
    }
  }

  /** Every character that means something in a URL, left as it is. */
  @ParameterizedTest
  @ValueSource(strings = {"?", "/", "#", "@", ":", "%", "%zz", "&", "=", " ", "?x=", "/?", ":1?"})
  void isNotShownWhenItShouldHaveBeenPercentEncoded(String between) {
    String word = FIRST_HALF + between + SECOND_HALF;
    for (String url :
        List.of(
            urlAs(ROLE + ":" + word),
            jdbcUrl(word),
            "mysql://" + ROLE + ":" + word + "@localhost/db",
            "postgresql:" + ROLE + ":" + word + "@localhost/db")) {
      Outcome outcome = Cli.run(exportArgs("--db-url", url).toArray(String[]::new));
      assertThat(outcome.exitCode())
          .isIn(ExitCode.CONNECTION.code(), ExitCode.CONFIGURATION.code());
      requireSecret(outcome.err());
    }
  }

  @Test
  void isNotInThePlanOfARunningExport() throws Exception {
    Path file = postgres.directory().resolve("slow.csv");
    Thread export =
        new Thread(
            () ->
                Cli.run(
                    Cli.exportArgs(
                        urlAs(ROLE + ":" + ENCODED), "--table", "slow", "-o", file.toString())));
    export.start();
    await("a plan").until(() -> planOf(file).contains("schemaVersion"));
    requireSecret(planOf(file));
    postgres.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            + " WHERE application_name = 'polystream'");
    export.join();
  }

  private static String planOf(Path file) throws IOException {
    try (Stream<Path> work = Files.list(file.getParent())) {
      List<Path> plans =
          work.map(directory -> directory.resolve("plan.json")).filter(Files::exists).toList();
      return plans.isEmpty() ? "" : Files.readString(plans.get(0), UTF_8);
    }
  }
}
