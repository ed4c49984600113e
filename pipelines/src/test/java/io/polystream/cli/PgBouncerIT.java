package io.polystream.cli;

import static io.polystream.testing.Patience.await;
import static io.polystream.testing.Patience.awaitPromised;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.polystream.error.ErrorKind;
import io.polystream.source.ReadMode;
import io.polystream.testing.ExportedFile;
import io.polystream.testing.Patience;
import io.polystream.testing.PgBouncer;
import io.polystream.testing.PostgresExtension;
import io.polystream.testing.TestExport;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Through a real PgBouncer, which gives a server connection for a transaction at a time. */
@Tag("soak")
class PgBouncerIT {
  @RegisterExtension static final PostgresExtension postgres = new PostgresExtension();

  private static final int ROWS = 40_000;

  private PgBouncer pooler;

  @BeforeAll
  static void createTables() throws SQLException {
    assumeTrue(PgBouncer.program().isPresent(), "no pgbouncer in PATH or /usr/sbin");
    SlowTable.create(postgres);
    postgres.execute(
        "CREATE TABLE item AS SELECT n AS id, repeat('x', 300) AS t FROM generate_series(1, "
            + ROWS
            + ") n",
        "CREATE VIEW item_view AS SELECT id, t FROM item ORDER BY id",
        "CREATE TABLE large (id int, t text)",
        "ALTER TABLE large ALTER t SET STORAGE EXTERNAL",
        "INSERT INTO large SELECT n, repeat('y', 20000000) FROM generate_series(1, 2) n");
  }

  /** Before the extension looks for connections: the pooler's are kept for the next client. */
  @AfterEach
  void stop() throws Exception {
    if (pooler != null) {
      pooler.close();
    }
  }

  private void start(String mode, int poolSize, Object... settings) throws IOException {
    Map<String, Object> all =
        new HashMap<>(Map.of("pool_mode", mode, "default_pool_size", poolSize));
    for (int i = 0; i < settings.length; i += 2) {
      all.put(settings[i].toString(), settings[i + 1]);
    }
    pooler = PgBouncer.start(postgres, all);
  }

  private TestExport export(String table) {
    return TestExport.of(postgres, table).at(pooler.url()).parallelism(3);
  }

  private static void requireEveryRow(ExportedFile file) throws IOException {
    assertThat(file.csvColumn("id").stream().map(Integer::parseInt))
        .containsExactlyElementsOf(IntStream.rangeClosed(1, ROWS).boxed().toList());
  }

  // ---------------------------------------------------------------- what works

  @ParameterizedTest
  @CsvSource({
    "transaction, COPY, 0",
    "transaction, CURSOR, 0",
    "session, COPY, 0",
    // Its server connections are new for each client.
    "transaction, COPY, 1"
  })
  void readersShareASnapshotEachOnAServerConnectionOfItsOwn(
      String mode, ReadMode read, int serverLifetime) throws IOException {
    start(mode, 20, "server_lifetime", serverLifetime == 0 ? 3600 : 0);

    ExportedFile table = export("item").read(read).run();
    ExportedFile view = export("item_view").read(read).run();

    requireEveryRow(table);
    requireEveryRow(view);
    for (ExportedFile file : List.of(table, view)) {
      assertThat(file.manifest().at("/consistency/level").asText()).isEqualTo("snapshot");
      assertThat(file.warnings()).isEmpty();
    }
    assertThat(table.manifest().path("readers").asInt()).isEqualTo(3);
    assertThat(table.partitions()).isGreaterThan(2);
  }

  @Test
  void exportsOneAfterTheOtherMeetServerConnectionsThatOthersUsed() throws IOException {
    start("transaction", 4);
    for (int i = 0; i < 10; i++) {
      requireEveryRow(export("item").read(i % 2 == 0 ? ReadMode.COPY : ReadMode.CURSOR).run());
    }
  }

  @Test
  void cellsTooLargeToHoldComeInChunks() throws IOException {
    start("transaction", 20);

    ExportedFile file = export("large").run();

    assertThat(file.csvColumn("t")).allMatch(cell -> cell.length() == 20_000_000).hasSize(2);
  }

  @ParameterizedTest
  @ValueSource(strings = {"transaction", "session"})
  void tablesAndColumnsAreListed(String mode) throws IOException {
    start(mode, 1);

    Outcome tables = Cli.run("tables", "--db-url", pooler.urlText());
    Outcome columns = Cli.run("columns", "--db-url", pooler.urlText(), "item");

    tables.requireCode(ExitCode.DONE);
    assertThat(tables.out()).contains("item_view");
    columns.requireCode(ExitCode.DONE);
    assertThat(columns.out()).contains("integer");
  }

  // ---------------------------------------------------------------- a pool that is too small

  @ParameterizedTest
  @CsvSource({"3, 2", "2, 1"})
  void aPoolTooSmallForTheReadersMeansFewerReaders(int poolSize, int readers) throws IOException {
    start("transaction", poolSize);

    ExportedFile file = export("item").run();

    requireEveryRow(file);
    assertThat(file.manifest().at("/consistency/level").asText()).isEqualTo("snapshot");
    assertThat(file.manifest().path("readers").asInt()).isEqualTo(readers);
    assertThat(file.warnings())
        .containsExactly(
            "readers: " + readers + " instead of 3: no server connection became free within 10 s");
  }

  @ParameterizedTest
  @EnumSource(names = {"COPY", "CURSOR"})
  void aPoolOfOneMeansOneReaderInOneTransaction(ReadMode mode) throws IOException {
    start("transaction", 1);

    ExportedFile file = export("item").read(mode).run();

    requireEveryRow(file);
    assertThat(file.manifest().at("/consistency/level").asText()).isEqualTo("transaction");
    assertThat(file.warnings()).singleElement().asString().contains("within 10 s; one reader");
  }

  @Test
  void thePoolersOwnPatienceMayEndFirst() throws IOException {
    start("transaction", 1, "query_wait_timeout", 1);

    ExportedFile file = export("item").run();

    requireEveryRow(file);
    assertThat(file.warnings())
        .singleElement()
        .asString()
        .contains("query_wait_timeout; one reader");
  }

  @Test
  void twoExportsInAPoolForOneBothEnd() throws Exception {
    start("transaction", 3);
    Path one = postgres.directory().resolve("one.csv");
    Path two = postgres.directory().resolve("two.csv");
    try (CliProcess first = startExport("item", one);
        CliProcess second = startExport("item", two)) {
      first.awaitEnd(Patience.LONGEST).requireCode(ExitCode.DONE);
      second.awaitEnd(Patience.LONGEST).requireCode(ExitCode.DONE);
    }
    assertThat(Files.mismatch(one, two)).isEqualTo(-1);
  }

  @Test
  void aPoolWithoutAFreeConnectionIsSaidToBeOne() throws Exception {
    start("transaction", 1, "query_wait_timeout", 1);
    try (Connection other = client();
        Statement statement = other.createStatement()) {
      other.setAutoCommit(false);
      statement.execute("SELECT 1");

      assertThat(export("item").failsWith(ErrorKind.QUERY))
          .hasMessageContaining("query_wait_timeout")
          .hasMessageContaining("default_pool_size");
    }
  }

  private Connection client() throws SQLException {
    return DriverManager.getConnection(
        "jdbc:postgresql://"
            + pooler.url().hosts()
            + "/"
            + pooler.url().database()
            + "?prepareThreshold=0&assumeMinServerVersion=12&ApplicationName=other",
        PostgresExtension.USER,
        "");
  }

  // ---------------------------------------------------------------- what is left for others

  @Test
  void theNextClientOfAServerConnectionFindsItsOwnSettings() throws Exception {
    start("transaction", 1, "query_wait_timeout", 1);
    List<String> before = sessionSettings();

    export("item").run();
    export(SlowTable.NAME).where(SlowTable.FAIL_LATE).failsWith(ErrorKind.QUERY);
    Cli.run("tables", "--db-url", pooler.urlText()).requireCode(ExitCode.DONE);

    assertThat(sessionSettings()).isEqualTo(before);
  }

  private List<String> sessionSettings() throws SQLException {
    try (Connection other = client();
        Statement statement = other.createStatement();
        ResultSet settings =
            statement.executeQuery(
                "SELECT string_agg(name || '=' || setting, ' ' ORDER BY name) FROM pg_settings"
                    + " WHERE source = 'session'")) {
      settings.next();
      return List.of(String.valueOf(settings.getString(1)).split(" "));
    }
  }

  // ---------------------------------------------------------------- interruption

  private CliProcess startExport(String table, Path file, String... more) throws IOException {
    return CliProcess.setup()
        .start(
            Stream.concat(
                    Stream.of(
                        Cli.exportArgs(
                            pooler.urlText(),
                            "--table",
                            table,
                            "--progress",
                            "none",
                            "-o",
                            file.toString())),
                    Stream.of(more))
                .toArray(String[]::new));
  }

  private static long activeStatements() throws SQLException {
    return postgres.queryLong(
        "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'polystream'"
            + " AND datname = current_database() AND state = 'active'");
  }

  @ParameterizedTest
  @ValueSource(strings = {"copy", "cursor"})
  void cancelRequestsReachTheServer(String read) throws Exception {
    start("transaction", 20);
    Path file = postgres.directory().resolve("out.csv");
    try (CliProcess export =
        startExport(SlowTable.NAME, file, "--where", SlowTable.CRAWL, "--read", read)) {
      SlowTable.awaitBytes(file);
      assertThat(activeStatements()).isPositive();

      export.signal("INT");

      awaitPromised("the statements' end", Duration.ofSeconds(2), () -> activeStatements() == 0);
      export
          .awaitEnd(Duration.ofSeconds(10))
          .requireFailure(ExitCode.INTERRUPTED, "stopped by a signal");
    }
    assertThat(file).doesNotExist();
  }

  @Test
  void waitingForAServerConnectionEndsAtOnceWhenToldTo() throws Exception {
    start("transaction", 1);
    Path file = postgres.directory().resolve("out.csv");
    try (Connection other = client();
        Statement statement = other.createStatement()) {
      other.setAutoCommit(false);
      statement.execute("SELECT 1");
      try (CliProcess export = startExport("item", file)) {
        await("the export to wait in the pool").until(() -> clients() > 1);

        export.signal("TERM");

        export
            .awaitEnd(Duration.ofSeconds(5))
            .requireFailure(ExitCode.TERMINATED, "stopped by a signal");
      }
    }
  }

  /** How many logins it has taken. */
  private long clients() {
    return pooler.log().lines().filter(line -> line.contains("login attempt")).count();
  }

  // ---------------------------------------------------------------- what is refused

  @Test
  void statementPoolingIsNamed() throws IOException {
    start("statement", 20);

    assertThat(export("item").failsWith(ErrorKind.CONNECTION))
        .hasMessageContaining("statement pooling mode")
        .hasMessageContaining("pool_mode = transaction");
    Cli.run("tables", "--db-url", pooler.urlText())
        .requireFailure(ExitCode.CONNECTION, "pool_mode = transaction");
  }

  @ParameterizedTest
  @CsvSource({"options=-cwork_mem=1MB, options", "currentSchema=public, search_path"})
  void aStartupParameterItDoesNotPassOnIsNamed(String parameter, String name) throws IOException {
    start("transaction", 20);

    Cli.run("columns", "--db-url", pooler.urlText() + "?" + parameter, "item")
        .requireFailure(
            ExitCode.CONNECTION,
            "unsupported startup parameter: " + name,
            "leave options and currentSchema out");
  }

  @Test
  void tooFewClientsMeansFewerReaders() throws IOException {
    start("transaction", 20, "max_client_conn", 2);

    ExportedFile file = export("item").run();

    requireEveryRow(file);
    assertThat(file.warnings())
        .containsExactly("readers: 1 instead of 3: no more connections allowed (max_client_conn)");
  }

  /** The driver drops what the pooler says in the middle of rows; its log has it. */
  @ParameterizedTest
  @EnumSource(names = {"COPY", "CURSOR"})
  void aTimeLimitForStatementsEndsTheExport(ReadMode mode) throws IOException {
    start("transaction", 20, "query_timeout", 5);

    assertThat(
            export("item")
                .read(mode)
                .where("id % 10 <> 0 OR pg_sleep(0.05) IS NOT NULL")
                .failsWith(ErrorKind.QUERY))
        .hasMessageContaining("public.item")
        .hasMessageContaining("pooler");
    assertThat(pooler.log()).contains("query timeout");
  }

  /** Only the coordinator is idle while rows flow, and its readers do without it by then. */
  @Test
  void aTimeLimitForIdleTransactionsDoesNotEndReaders() throws IOException {
    start("transaction", 20, "idle_transaction_timeout", 4);

    requireEveryRow(export("item").where("id % 200 <> 0 OR pg_sleep(0.1) IS NOT NULL").run());

    assertThat(pooler.log()).contains("idle transaction timeout");
  }

  @Test
  void anUnknownDatabaseOrUserIsNamed() throws IOException {
    start("transaction", 20);

    String database = postgres.url().database();
    Cli.run("tables", "--db-url", pooler.urlText().replace("/" + database, "/no_such_db"))
        .requireFailure(ExitCode.CONNECTION, "no_such_db", "check the database's name");
    Cli.run("tables", "--db-url", pooler.urlText().replace("//postgres@", "//nobody_here@"))
        .requireFailure(ExitCode.CONNECTION, "nobody_here", "check the user and the password");
  }
}
