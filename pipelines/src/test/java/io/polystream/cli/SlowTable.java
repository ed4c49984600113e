package io.polystream.cli;

import static io.polystream.testing.Patience.await;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.polystream.testing.Gate;
import io.polystream.testing.PostgresExtension;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.stream.Stream;

/** A table of several partitions that can be read as slowly as a test needs. */
final class SlowTable {
  static final String NAME = "slow";
  static final int ROWS = 12_000;

  /** The first partition is there at once; the others take 20 s and more for four readers. */
  static final String CRAWL = "id < 4000 OR pg_sleep(0.01) IS NOT NULL";

  /** One of the rows, of the second partition, is there when the {@link Gate} is open. */
  static final String GATED = "id <> 6000 OR " + Gate.PASSED;

  /** The readers get somewhere before the database refuses a row. */
  static final String FAIL_LATE = "1 / (id - " + (ROWS - 500) + ") < 2";

  private SlowTable() {}

  /** 12 MB: a reader has sent something long before it is through. */
  static void create(PostgresExtension postgres) throws SQLException {
    postgres.execute(
        "CREATE TABLE slow AS SELECT id, repeat(md5(id::text), 32) AS filler"
            + " FROM generate_series(1, "
            + ROWS
            + ") AS id",
        "ANALYZE slow");
  }

  /** Waits until a reader of PolyStream's sends rows. */
  static void awaitReaders(PostgresExtension postgres) {
    await("readers")
        .until(
            () ->
                postgres.queryLong(
                        "SELECT count(*) FROM pg_stat_activity"
                            + " WHERE application_name = 'polystream' AND state = 'active'"
                            + " AND datname = current_database() AND query LIKE 'COPY%slow%'")
                    > 0);
  }

  /** Waits until some bytes of the export to this file are in its work directory. */
  static void awaitBytes(Path file) {
    await("bytes").until(() -> partialBytes(file) > 0);
  }

  private static long partialBytes(Path file) throws IOException {
    try (Stream<Path> siblings = Files.list(file.getParent())) {
      Path data =
          siblings
              .map(directory -> directory.resolve("journal.jsonl"))
              .filter(Files::exists)
              .findFirst()
              .orElse(null);
      // The line for the document, and one at least for a part.
      return data == null ? 0 : Math.max(0, Files.readString(data, UTF_8).lines().count() - 1);
    }
  }
}
