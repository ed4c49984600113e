package io.polystream.service;

import static io.polystream.testing.Patience.await;

import io.polystream.testing.Gate;
import io.polystream.testing.PostgresExtension;
import java.sql.SQLException;
import java.util.List;

/** A table of several partitions, and the same with a {@link Gate} in the midst of its rows. */
final class SlowTable {
  /** What the service exports when a request names no table. */
  static final String NAME = "records";

  /** A view: half of its rows come at once, the others when the gate is open. */
  static final String GATED = "gated";

  /** For {@link #READER}, the rows of a later partition come when the gate is open. */
  static final String PARTITIONED = "partitioned";

  static final int ROWS = 12_000;

  private static final String READER = "polystream_reader";

  /** Statements that the service runs in the server, but for those that look around. */
  private static final String STATEMENTS =
      "SELECT query FROM pg_stat_activity WHERE application_name LIKE 'polystream%'"
          + " AND datname = current_database() AND state <> 'idle'";

  private SlowTable() {}

  /** 12 MB: a reader has sent something long before it is through. */
  static void create(PostgresExtension postgres) throws SQLException {
    postgres.execute(
        "CREATE TABLE records AS SELECT id, repeat(md5(id::text), 32) AS filler"
            + " FROM generate_series(1, "
            + ROWS
            + ") AS id",
        "ANALYZE records",
        "CREATE VIEW gated AS SELECT * FROM records WHERE id <> 6000 OR " + Gate.PASSED,
        "CREATE TABLE partitioned AS SELECT * FROM records",
        "ANALYZE partitioned",
        "ALTER TABLE partitioned ENABLE ROW LEVEL SECURITY",
        "CREATE POLICY gate ON partitioned USING (id <> 11000 OR " + Gate.PASSED + ")",
        // Roles are the server's: another class may have made it.
        "DO $$ BEGIN CREATE ROLE polystream_reader LOGIN; EXCEPTION WHEN duplicate_object THEN END $$",
        "GRANT SELECT ON ALL TABLES IN SCHEMA public TO polystream_reader");
  }

  /** The class's database for whom policies hold. */
  static String readerUrl(PostgresExtension postgres) {
    return postgres.urlText().replace(PostgresExtension.USER + "@", READER + "@");
  }

  /** A request for all of it. */
  static String request(String table, String format) {
    return """
        {"table": "%s", "format": "%s", "columns": [{"source": "id"}, {"source": "filler"}]}"""
        .formatted(table, format);
  }

  /** A request for a few of its rows. */
  static String shortRequest() {
    return "{\"format\": \"csv\", \"columns\": [{\"source\": \"id\"}], \"limit\": 10}";
  }

  /** Waits until bytes of an export are in its file. */
  static void awaitBytes(Api api, String id) {
    await("bytes of the export").until(() -> api.status(id).get("bytes").asLong() > 0);
  }

  /** Ends what a killed service's statements in the server wait for: it would take a minute. */
  static void endSessions(PostgresExtension postgres) throws SQLException {
    postgres.queryColumn(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            + " WHERE application_name LIKE 'polystream%' AND datname = current_database()");
    postgres.requireNoConnections();
  }

  static List<String> statements(PostgresExtension postgres) throws SQLException {
    return postgres.queryColumn(STATEMENTS);
  }
}
