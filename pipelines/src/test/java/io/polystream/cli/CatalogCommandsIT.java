package io.polystream.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.polystream.testing.Patience;
import io.polystream.testing.PostgresExtension;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** {@code polystream tables} and {@code polystream columns}. */
class CatalogCommandsIT {
  @RegisterExtension static final PostgresExtension postgres = new PostgresExtension();

  @BeforeAll
  static void createTables() throws SQLException {
    postgres.execute(
        "CREATE TABLE item (id int PRIMARY KEY, price numeric(10,2), tags text[], doc jsonb,"
            + " at timestamptz NOT NULL, raw bytea, \"Odd \"\"Name\" boolean)",
        "INSERT INTO item SELECT i, i, '{a}', '{}', now(), '', true"
            + " FROM generate_series(1, 12345) AS i",
        "ANALYZE item",
        "CREATE VIEW cheap AS SELECT id FROM item WHERE price < 10",
        "CREATE MATERIALIZED VIEW dear AS SELECT id FROM item WHERE price > 10",
        "CREATE SCHEMA shop",
        "CREATE TABLE shop.sale (day date) PARTITION BY RANGE (day)",
        "CREATE TABLE shop.\"Two Words\" (x int)",
        "CREATE SCHEMA hidden",
        "CREATE TABLE hidden.secret (x int)",
        "CREATE ROLE looker LOGIN",
        "GRANT SELECT ON item TO looker",
        "GRANT SELECT (x) ON hidden.secret TO looker");
  }

  @AfterAll
  static void dropRole() throws SQLException {
    postgres.execute("DROP OWNED BY looker", "DROP ROLE looker");
  }

  @Test
  void tablesAreListedWithoutSizesForARoleThatMayNotLookAtLocks() throws SQLException {
    postgres.execute("REVOKE SELECT ON pg_locks FROM PUBLIC");
    try {
      assertThat(
              lines(
                  Cli.run(
                      "tables",
                      "--db-url",
                      postgres.urlText().replace(PostgresExtension.USER + "@", "looker@"))))
          .contains("public|item|table|12,345");
    } finally {
      postgres.execute("GRANT SELECT ON pg_locks TO PUBLIC");
    }
  }

  private static Outcome tables() {
    return Cli.run("tables", "--db-url", postgres.urlText());
  }

  private static Outcome columns(String table) {
    return Cli.run("columns", "--db-url", postgres.urlText(), table);
  }

  private static List<String> lines(Outcome outcome) {
    outcome.requireCode(ExitCode.DONE);
    assertThat(outcome.err()).isEmpty();
    return outcome.out().lines().map(line -> line.replaceAll("  +", "|").strip()).toList();
  }

  @Test
  void tablesListsEverythingWithRowsAndNothingOfTheSystem() {
    List<String> lines = lines(tables());
    assertThat(lines.get(0)).isEqualTo("schema|name|kind|rows (estimated)|size");
    assertThat(lines)
        .anyMatch(line -> line.matches("public\\|item\\|table\\|12,345\\|.* [kM]B"))
        .anyMatch(line -> line.matches("public\\|cheap\\|view"))
        .anyMatch(line -> line.matches("public\\|dear\\|materialized view\\|.*"))
        .anyMatch(line -> line.matches("shop\\|sale\\|partitioned table.*"))
        .anyMatch(line -> line.startsWith("shop|Two Words|table"))
        .anyMatch(line -> line.startsWith("hidden|secret|table"))
        .noneMatch(line -> line.contains("pg_") || line.contains("information_schema"));
  }

  @Test
  void tablesListsOnlyWhatTheRoleMayRead() {
    String url = postgres.urlText().replace(PostgresExtension.USER + "@", "looker@");
    assertThat(lines(Cli.run("tables", "--db-url", url)))
        .hasSize(2)
        .last()
        .matches(line -> line.startsWith("public|item|table"));
  }

  @Test
  void columnsListsTypesAndWhatTheyBecome() {
    assertThat(lines(columns("item")))
        .containsExactly(
            "column|type|null|exported as",
            "id|integer|no|number",
            "price|numeric(10,2)|yes|number",
            "tags|text[]|yes|array",
            "doc|jsonb|yes|json",
            "at|timestamp with time zone|no|temporal",
            "raw|bytea|yes|binary",
            "Odd \"Name|boolean|yes|boolean",
            lines(columns("item")).get(8));
    assertThat(lines(columns("item")).get(8))
        .matches("public.item: table, about 12,345 rows, .* [kM]B");
  }

  @Test
  void columnsFindsNamesAsExportDoes() {
    for (String name :
        List.of("ITEM", "public.item", "\"item\"", "shop.\"Two Words\"", "shop.Two Words")) {
      columns(name).requireCode(ExitCode.DONE);
    }
    assertThat(lines(columns("cheap")).get(2)).isEqualTo("public.cheap: view");
  }

  @Test
  void columnsOfNoTableAreRefused() {
    columns("no_such").requireFailure(ExitCode.CONFIGURATION, "no_such", "polystream tables");
    columns("\"ITEM\"").requireFailure(ExitCode.CONFIGURATION, "ITEM");
    Cli.run("columns", "--db-url", postgres.urlText())
        .requireFailure(ExitCode.CONFIGURATION, "TABLE", "--help");
    Cli.run("columns", "--db-url", postgres.urlText(), "item", "cheap")
        .requireFailure(ExitCode.CONFIGURATION, "cheap", "--help");
  }

  @Test
  void bothNeedADatabase() throws Exception {
    for (String command : List.of("tables", "columns item")) {
      CliProcess.setup()
          .run(command.split(" "))
          .requireFailure(ExitCode.CONFIGURATION, "--db-url", "DATABASE_URL");
    }
  }

  @Test
  void aTableThatIsBeingRewrittenDoesNotHoldUpTheList() throws Exception {
    try (Connection other = postgres.connect();
        Statement statement = other.createStatement()) {
      other.setAutoCommit(false);
      statement.execute("LOCK TABLE item IN ACCESS EXCLUSIVE MODE");
      CompletableFuture<Outcome> list = CompletableFuture.supplyAsync(() -> tables());
      try {
        assertThat(lines(list.get(Patience.LONGEST.toMillis(), TimeUnit.MILLISECONDS)))
            .contains("public|item|table|12,345")
            .anyMatch(line -> line.matches("shop\\|Two Words\\|table.* B"));
      } finally {
        other.rollback();
        list.join();
      }
    }
  }
}
