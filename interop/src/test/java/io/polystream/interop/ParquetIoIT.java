package io.polystream.interop;

import static org.assertj.core.api.Assertions.assertThat;

import io.polystream.testing.ExportedFile;
import io.polystream.testing.PostgresExtension;
import io.polystream.testing.TestExport;
import java.io.IOException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.avro.generic.GenericRecord;
import org.apache.beam.sdk.coders.StringUtf8Coder;
import org.apache.beam.sdk.io.parquet.ParquetIO;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Beam's own ParquetIO reads what is in the database, in pieces of a file. */
class ParquetIoIT {
  @RegisterExtension static final PostgresExtension postgres = new PostgresExtension();

  private static final int ROWS = 60_000;

  /** As {@link #line} has it. */
  private static final String LINES =
      """
      SELECT concat_ws('|', id, coalesce(name, 'null'),
             (extract(epoch FROM moment) * 1000000)::bigint,
             (amount * 10000)::bigint, coalesce(visits::text, 'null'),
             coalesce('[' || array_to_string(tags, ', ', 'null') || ']', 'null'),
             coalesce(flag::text, 'null'), ratio::text, key, day - date '1970-01-01')
        FROM measured""";

  @BeforeAll
  static void fillTable() throws SQLException {
    postgres.execute(
        """
        CREATE TABLE measured AS
        SELECT n::bigint AS id,
               CASE n %% 7 WHEN 0 THEN NULL WHEN 1 THEN '' ELSE '🐘é ' || md5(n::text) END AS name,
               timestamptz '1969-12-31 18:00:00+00' + n * interval '1.000001 seconds' AS moment,
               ((n * 7919 %% 100003 - 50000) * 0.0001)::numeric(18,4) AS amount,
               NULLIF(n %% 11, 0) AS visits,
               CASE n %% 5 WHEN 0 THEN NULL WHEN 1 THEN '{}' WHEN 2 THEN ARRAY[n, NULL]
                 ELSE ARRAY[n %% 100, -n] END AS tags,
               NULLIF(n %% 3 = 0, n %% 9 = 0) AS flag, n + 0.5::float8 AS ratio,
               md5('k' || n)::uuid AS key, date '1969-06-01' + n / 100 AS day
          FROM generate_series(1, %d) n"""
            .formatted(ROWS));
  }

  @Test
  void everyRowIsWhatPostgresHas() throws IOException, SQLException {
    ExportedFile file = TestExport.of(postgres, "measured").format("parquet").run();

    assertThat(file.manifest().path("parts").size()).as("row groups").isGreaterThan(1);

    RowDigest found =
        RowDigest.ofPipeline(
            pipeline ->
                pipeline.apply(
                    ParquetIO.parseGenericRecords(ParquetIoIT::line)
                        .from(file.path().toString())
                        .withCoder(StringUtf8Coder.of())
                        // Or parquet-avro takes the list's middle level for its elements.
                        .withConfiguration(
                            Map.of("parquet.avro.add-list-element-records", "false"))));

    assertThat(found.rows()).isEqualTo(ROWS);
    assertThat(found).isEqualTo(RowDigest.ofQuery(postgres, LINES));
  }

  private static String line(GenericRecord row) {
    List<String> cells = new ArrayList<>();
    row.getSchema().getFields().forEach(field -> cells.add(String.valueOf(row.get(field.pos()))));
    return String.join("|", cells);
  }
}
