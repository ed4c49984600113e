package io.polystream.interop;

import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.TRUNCATE_EXISTING;
import static java.nio.file.StandardOpenOption.WRITE;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.temporal.ChronoUnit;
import java.util.stream.IntStream;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;
import org.apache.beam.runners.direct.DirectOptions;
import org.apache.beam.runners.direct.DirectRunner;
import org.apache.beam.sdk.Pipeline;
import org.apache.beam.sdk.io.jdbc.JdbcIO;
import org.apache.beam.sdk.io.parquet.ParquetIO;
import org.apache.beam.sdk.options.PipelineOptionsFactory;
import org.apache.beam.sdk.transforms.Create;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;

/**
 * What a pipeline of Beam's own parts takes for the table of init-db.sql: JdbcIO and the sink of
 * ParquetIO, an Avro record for each row, two readers with a file each. To measure against, in
 * bench/; not a test.
 */
public final class ParquetSinkComparison {
  private static final int READERS = 2;

  private static final Schema SCHEMA =
      SchemaBuilder.record("record")
          .fields()
          .requiredLong("id")
          .requiredLong("created_at")
          .requiredString("name")
          .requiredLong("value")
          .requiredString("metadata")
          .endRecord();

  private static final String QUERY =
      """
      SELECT id, created_at, name, value, metadata::text, reader
        FROM {table}, (SELECT ?::int AS reader, max(id) AS greatest FROM {table}) ids
       WHERE id > greatest * reader / %1$d AND id <= greatest * (reader + 1) / %1$d"""
          .formatted(READERS);

  private ParquetSinkComparison() {}

  /** Takes a JDBC URL, a table and a directory; prints seconds and bytes. */
  public static void main(String[] args) throws IOException {
    String table = args[1];
    String target = Files.createDirectories(Path.of(args[2])).toString();
    long begin = System.nanoTime();
    DirectOptions options = PipelineOptionsFactory.create().as(DirectOptions.class);
    options.setRunner(DirectRunner.class);
    options.setTargetParallelism(READERS);
    options.setEnforceEncodability(false);
    options.setEnforceImmutability(false);
    Pipeline pipeline = Pipeline.create(options);
    pipeline
        .apply(Create.of(IntStream.range(0, READERS).boxed().toList()))
        .apply(
            JdbcIO.<Integer, Long>readAll()
                .withDataSourceConfiguration(
                    JdbcIO.DataSourceConfiguration.create("org.postgresql.Driver", args[0]))
                .withQuery(QUERY.replace("{table}", table))
                .withParameterSetter((reader, query) -> query.setInt(1, reader))
                .withRowMapper(new AllRows(target))
                .withOutputParallelization(false));
    pipeline.run().waitUntilFinish();
    double seconds = (System.nanoTime() - begin) / 1e9;
    long bytes = Files.size(file(target, 0)) + Files.size(file(target, 1));
    System.out.printf("%.2f seconds, %d bytes%n", seconds, bytes);
  }

  private static Path file(String directory, int reader) {
    return Path.of(directory, "part-" + reader + ".parquet");
  }

  /** Writes all rows in one call: the direct runner keeps what comes out of it until the end. */
  private record AllRows(String directory) implements JdbcIO.RowMapper<Long> {
    @Override
    public Long mapRow(ResultSet rows) throws SQLException, IOException {
      Path file = file(directory, rows.getInt(6));
      ParquetIO.Sink sink =
          ParquetIO.sink(SCHEMA).withCompressionCodec(CompressionCodecName.SNAPPY);
      long count = 0;
      try (FileChannel channel = FileChannel.open(file, CREATE, TRUNCATE_EXISTING, WRITE)) {
        sink.open(channel);
        do {
          sink.write(row(rows));
          count++;
        } while (rows.next());
        sink.flush();
      }
      return count;
    }
  }

  private static GenericRecord row(ResultSet row) throws SQLException {
    GenericRecord cells = new GenericData.Record(SCHEMA);
    Instant createdAt = row.getObject(2, OffsetDateTime.class).toInstant();
    cells.put(0, row.getLong(1));
    cells.put(1, ChronoUnit.MICROS.between(Instant.EPOCH, createdAt));
    cells.put(2, row.getString(3));
    cells.put(3, row.getBigDecimal(4).unscaledValue().longValueExact());
    cells.put(4, row.getString(5));
    return cells;
  }
}
