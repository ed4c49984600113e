package io.polystream.export;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.polystream.error.ErrorKind;
import io.polystream.error.PolyStreamException;
import io.polystream.output.Destination;
import io.polystream.output.ExportFile;
import io.polystream.testing.PostgresExtension;
import io.polystream.testing.TestExport;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;
import java.util.OptionalLong;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * What a Parquet file cannot hold is refused by column and row, and what is large comes through.
 */
class ParquetIT {
  @RegisterExtension static final PostgresExtension postgres = new PostgresExtension();

  private static TestExport export(String table) {
    return TestExport.of(postgres, table).format("parquet");
  }

  /** One line of what DuckDB says of a file. */
  private static String ask(Path file, String selected) throws SQLException {
    try (Connection duckDb = DriverManager.getConnection("jdbc:duckdb:");
        Statement statement = duckDb.createStatement();
        ResultSet row = statement.executeQuery("SELECT " + selected.formatted("'" + file + "'"))) {
      row.next();
      return row.getString(1);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "date | 2026-01-01 | infinity | infinity is no point in time that Parquet has",
        "timestamp | 2026-01-01 00:00 | -infinity | -infinity is no point in time that Parquet has",
        "timestamptz | 2026-01-01 00:00 | infinity | infinity is no point in time that Parquet has",
        "timestamp | 2026-01-01 00:00 | 294276-12-31 | -12-31T00:00:00 is no point in time",
        "numeric(9,2) | 1.5 | NaN | NaN is no decimal(9,2)",
        "numeric(30,3)[] | {1} | {2,NaN} | NaN is no decimal(30,3)",
        "int[] | {1} | {{1,2},{3,4}} | [[1,2],[3,4]] has more than one dimension",
        "text[] | {a} | {{a},{b}} | more than one dimension",
      })
  void aValueWithoutAPlaceIsRefusedByColumnAndRow(
      String sqlType, String storable, String other, String why) throws SQLException {
    postgres.execute(
        "DROP TABLE IF EXISTS refused",
        "CREATE TABLE refused (id int, \"the value\" %s)".formatted(sqlType),
        "INSERT INTO refused VALUES (1, '%s'), (7, '%s'), (8, NULL)".formatted(storable, other));

    assertThat(export("refused").failsWith(ErrorKind.QUERY))
        .hasMessageContaining("column \"the value\", in the row that begins with id = 7")
        .hasMessageContaining(why)
        .hasMessageContaining("--columns")
        .hasMessageContaining("--where");
  }

  @Test
  void numbersOfAnySizeAreTextUnlessADecimalIsChosenThatHoldsThem()
      throws SQLException, IOException {
    postgres.execute(
        "CREATE TABLE numbers AS SELECT * FROM (VALUES (1, 12.5), (2, -0.0001), (3,"
            + " 123456789012.75)) AS v (id, number)");
    String type = "any_value(typeof(number)) || ' ' || sum(number::decimal(38,4)) FROM %s";

    assertThat(ask(export("numbers").run().path(), type)).isEqualTo("VARCHAR 123456789025.2499");
    assertThat(ask(numbersAs("20,4").run().path(), type))
        .isEqualTo("DECIMAL(20,4) 123456789025.2499");
    assertThat(numbersAs("15,4").failsWith(ErrorKind.QUERY))
        .hasMessageContaining("id = 3: 123456789012.75 is no decimal(15,4)")
        .hasMessageContaining("give another --parquet-decimal");
    assertThat(numbersAs("20,2").failsWith(ErrorKind.QUERY))
        .hasMessageContaining("id = 2: -0.0001 is no decimal(20,2)");
  }

  private static TestExport numbersAs(String decimal) {
    return export("numbers").formatOptions(Map.of("parquetDecimal", decimal));
  }

  /** A megabyte of digits is no message. */
  @Test
  void ofALongValueTheBeginningIsShown() throws SQLException {
    postgres.execute(
        "CREATE TABLE long_number AS SELECT 1 AS id, ('1' || repeat('0', 100000))::numeric AS n");

    assertThat(
            export("long_number")
                .formatOptions(Map.of("parquetDecimal", "38,0"))
                .failsWith(ErrorKind.QUERY))
        .hasMessageContaining(": 1" + "0".repeat(39) + "… is no decimal(38,0)");
  }

  @ParameterizedTest
  @CsvSource({"PLAIN, COPY", "EXTERNAL, CURSOR"})
  void aCellOf8MebibytesIsTheLargest(String storage, io.polystream.source.ReadMode mode)
      throws SQLException, IOException {
    postgres.execute(
        "DROP TABLE IF EXISTS large",
        "CREATE TABLE large (id int, small text, cell text)",
        storage.equals("PLAIN") ? "SELECT 1" : "ALTER TABLE large ALTER cell SET STORAGE EXTERNAL",
        "INSERT INTO large SELECT n, 's' || n, repeat(md5(n::text), 8 * 1024 * 1024 / 32)"
            + " FROM generate_series(1, 3) n");

    assertThat(
            ask(
                export("large").read(mode).run().path(),
                "string_agg(md5(cell), '' ORDER BY id) FROM %s"))
        .isEqualTo(postgres.queryText("SELECT string_agg(md5(cell), '' ORDER BY id) FROM large"));

    postgres.execute("UPDATE large SET cell = cell || 'x' WHERE id = 2");
    assertThat(export("large").read(mode).failsWith(ErrorKind.QUERY))
        .hasMessageContaining("column \"cell\", in the row that begins with id = 2")
        .hasMessageContaining("more than 8 MiB")
        .hasMessageContaining("--columns");
  }

  /** Ten types, one of them with more bytes in the file than digits in its text, after NULLs. */
  @Test
  void inADirectoryTheBoundThatARefusalNamesIsEnough() throws SQLException, IOException {
    postgres.execute(
        "CREATE TABLE types AS SELECT n AS id, n::bigint * 1000000007 AS big, n / 7.0::float8 AS f,"
            + " (n * 1.37)::numeric(38,2) AS d, date '2026-01-01' + n AS day,"
            + " timestamptz '2026-01-01' + n * interval '1 minute' AS at, md5(n::text) AS note,"
            + " gen_random_uuid() AS u, ARRAY[n * 37, n * 41]::numeric(38,0)[] AS list,"
            + " jsonb_build_object('k', n) AS j FROM generate_series(1, 500) n",
        "UPDATE types SET note = NULL, f = NULL, list = NULL WHERE id = 1");
    for (String codec : new String[] {"snappy", "none"}) {
      TestExport types = export("types").formatOptions(Map.of("parquetCodec", codec));
      for (long tooFew : new long[] {1, 1000, 2000}) {
        PolyStreamException refusal =
            catchThrowableOfType(
                PolyStreamException.class, () -> types.exporter(split(tooFew)).run());
        assertThat(refusal).as(codec + " " + tooFew).isNotNull();
        long enough =
            Long.parseLong(refusal.getMessage().replaceAll(".* raise it to (\\d+),.*", "$1"));
        for (ExportFile file : types.exporter(split(enough)).run().files()) {
          assertThat(file.bytes()).isLessThanOrEqualTo(enough);
        }
      }
    }
  }

  private static Destination split(long bytes) {
    return new Destination.Directory(
        postgres.directory().resolve("split"),
        true,
        "types",
        ".parquet",
        OptionalLong.of(bytes),
        OptionalLong.empty());
  }

  @Test
  void aFileHasAsManyColumnsAsATable() throws SQLException, IOException {
    postgres.execute(
        "CREATE TABLE wide ("
            + IntStream.range(0, 1600)
                .mapToObj(i -> "c" + i + " int")
                .collect(Collectors.joining(", "))
            + ")",
        "INSERT INTO wide (c0, c1, c1598, c1599) SELECT n, n, -n, n * 2 FROM generate_series(1,"
            + " 5000) n");

    Path file = export("wide").run().path();

    assertThat(ask(file, "concat_ws(' ', sum(c0), count(c2), sum(c1598), sum(c1599)) FROM %s"))
        .isEqualTo("12502500 0 -12502500 25005000");
    assertThat(ask(file, "count(DISTINCT column_id) FROM parquet_metadata(%s)")).isEqualTo("1600");
  }
}
