package io.polystream.export;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.polystream.row.Column;
import io.polystream.row.Kind;
import io.polystream.source.ReadMode;
import io.polystream.testing.ExportedFile;
import io.polystream.testing.PostgresExtension;
import io.polystream.testing.RandomColumns;
import io.polystream.testing.RandomColumns.RandomColumn;
import io.polystream.testing.TestExport;
import io.polystream.testing.TsvReader;
import io.polystream.testing.XmlReader;
import java.io.BufferedInputStream;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.postgresql.PGConnection;

/**
 * Rows of random values in columns of every kind: in each format's file, a reader that shares no
 * code with PolyStream finds every cell as JDBC gives it.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class RandomRowsContract {
  @RegisterExtension static final PostgresExtension postgres = new PostgresExtension();

  /** Printed when a comparison fails; the rows are a function of it. */
  private static final long SEED = 20261115;

  private static final int NULL_PERCENT = 8;
  private static final int MOST_DIFFERENCES = 20;
  private static final int COPIED_ROWS = 1000;

  private final int rows;

  protected RandomRowsContract(int rows) {
    this.rows = rows;
  }

  // ---------------------------------------------------------------- what the database has

  @BeforeAll
  void fillTables() throws SQLException, IOException {
    postgres.execute(
        RandomColumns.TYPES,
        "CREATE TABLE random (id int, "
            + RandomColumns.ALL.stream()
                .map(column -> column.name() + " " + column.sqlType())
                .collect(Collectors.joining(", "))
            + ")");
    Random random = new Random(SEED);
    try (Connection connection = postgres.connect()) {
      for (int id = 0; id < rows; id += COPIED_ROWS) {
        connection
            .unwrap(PGConnection.class)
            .getCopyAPI()
            .copyIn(
                "COPY random FROM STDIN (FORMAT csv, ENCODING 'UTF8')",
                // Not from a Reader: the driver cuts characters in two between its buffers.
                new ByteArrayInputStream(randomCsv(id, random).getBytes(UTF_8)));
      }
    }
    postgres.execute(
        "CREATE TABLE storable AS SELECT id, "
            + RandomColumns.ALL.stream()
                .map(RandomRowsContract::storable)
                .collect(Collectors.joining(", "))
            + " FROM random ORDER BY ctid");
  }

  private static String randomCsv(int firstId, Random random) {
    StringBuilder csv = new StringBuilder();
    for (int id = firstId; id < firstId + COPIED_ROWS; id++) {
      csv.append(id);
      for (RandomColumn column : RandomColumns.ALL) {
        csv.append(',');
        if (random.nextInt(100) >= NULL_PERCENT) {
          csv.append('"').append(column.literal(random).replace("\"", "\"\"")).append('"');
        }
      }
      csv.append('\n');
    }
    return csv.toString();
  }

  /** NULL for what Parquet has no place for. */
  private static String storable(RandomColumn column) {
    String name = column.name();
    if (column.isArray()) {
      return "CASE WHEN coalesce(array_ndims(%1$s), 1) = 1 THEN %1$s END AS %1$s".formatted(name);
    }
    return List.of("date", "timestamp", "timestamptz").contains(column.sqlType())
        ? "CASE WHEN isfinite(%1$s) THEN %1$s END AS %1$s".formatted(name)
        : name;
  }

  /** What a cell must be, by what JDBC gives for it. */
  @FunctionalInterface
  private interface Expectation {
    Object of(RandomColumn column, ResultSet row, int index) throws SQLException, IOException;
  }

  private static Object asInDatabase(RandomColumn column, ResultSet row, int index)
      throws SQLException {
    return column.fromDatabase(row, index);
  }

  /** The table's rows one after another, beside those of a file. */
  private static final class Comparison implements AutoCloseable {
    private final Connection connection;
    private final ResultSet expected;
    private final Expectation expectation;
    private final List<String> differences = new ArrayList<>();
    private int compared;

    /** In the order of the pages: the file's, not the inserts'. */
    Comparison(String table, Expectation expectation) throws SQLException {
      this.expectation = expectation;
      connection = postgres.connect();
      connection.setAutoCommit(false);
      Statement statement = connection.createStatement();
      statement.execute("SET TimeZone = 'UTC'");
      statement.setFetchSize(1000);
      expected = statement.executeQuery("SELECT * FROM " + table + " ORDER BY ctid");
    }

    /**
     * @param cells of the next row: its id, then what was made of each cell
     */
    void next(List<Object> cells) {
      try {
        assertThat(expected.next()).as("row %d in the database", compared).isTrue();
        assertThat(cells).hasSize(RandomColumns.ALL.size() + 1);
        assertThat(String.valueOf(cells.get(0))).isEqualTo(expected.getString(1));
        for (int i = 0; i < RandomColumns.ALL.size(); i++) {
          RandomColumn column = RandomColumns.ALL.get(i);
          Object wanted =
              expected.getString(i + 2) == null ? null : expectation.of(column, expected, i + 2);
          if (!Objects.equals(cells.get(i + 1), wanted) && differences.size() < MOST_DIFFERENCES) {
            differences.add(
                "id %s, column %s: the file has <%s>, the database <%s>"
                    .formatted(cells.get(0), column.name(), cells.get(i + 1), wanted));
          }
        }
        compared++;
      } catch (SQLException e) {
        throw new AssertionError(e);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    void requireSame(int rows) throws SQLException {
      assertThat(expected.next()).as("a row that the file has not").isFalse();
      assertThat(compared).isEqualTo(rows);
      assertThat(differences).as("seed %d", SEED).isEmpty();
    }

    @Override
    public void close() throws SQLException {
      connection.close();
    }
  }

  /** Makes a cell comparable. */
  @FunctionalInterface
  private interface CellReader<T> {
    Object read(RandomColumn column, T cell) throws IOException;
  }

  /** Of a row whose first cell is its id. */
  private static <T> List<Object> read(Object id, Iterator<T> cells, CellReader<T> reader) {
    List<Object> row = new ArrayList<>();
    row.add(id);
    try {
      for (RandomColumn column : RandomColumns.ALL) {
        T cell = cells.next();
        row.add(cell == null ? null : reader.read(column, cell));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return row;
  }

  private static <T> List<Object> read(List<T> row, CellReader<T> reader) {
    return read(row.get(0), row.subList(1, row.size()).iterator(), reader);
  }

  // ---------------------------------------------------------------- what files have

  /** By COPY; a cursor gives the same. */
  private static ExportedFile export(String table, String format) throws IOException {
    ExportedFile byCopy = TestExport.of(postgres, table).read(ReadMode.COPY).format(format).run();
    ExportedFile byCursor =
        TestExport.of(postgres, table).read(ReadMode.CURSOR).format(format).run();
    assertThat(Files.mismatch(byCopy.path(), byCursor.path())).isNegative();
    return byCopy;
  }

  @Test
  void commonsCsvReadsEveryCellOfCsv() throws Exception {
    try (Comparison comparison = new Comparison("random", RandomRowsContract::asInDatabase)) {
      export("random", "csv")
          .forEachCsvRecord(
              record -> {
                if (!record.get(0).equals("id")) {
                  comparison.next(read(record, RandomColumn::fromText));
                }
              });
      comparison.requireSame(rows);
    }
  }

  @Test
  void commonsCsvReadsEveryCellOfTsv() throws Exception {
    try (Comparison comparison = new Comparison("random", RandomRowsContract::asInDatabase);
        Reader file = Files.newBufferedReader(export("random", "tsv").path(), UTF_8)) {
      TsvReader.lines(file)
          .skip(1)
          .forEach(line -> comparison.next(read(line, RandomColumn::fromText)));
      comparison.requireSame(rows);
    }
  }

  @Test
  void jacksonReadsEveryCellOfJson() throws Exception {
    requireObjects("json");
  }

  @Test
  void jacksonReadsEveryCellOfNdjson() throws Exception {
    requireObjects("ndjson");
  }

  private void requireObjects(String format) throws Exception {
    try (Comparison comparison =
        new Comparison(
            "random",
            (column, row, index) ->
                // SQL's NULL and JSON's are the same there.
                column.isDocument() && row.getString(index).equals("null")
                    ? null
                    : column.fromDatabase(row, index))) {
      export("random", format)
          .forEachJsonRow(
              object -> {
                Iterator<JsonNode> cells = object.elements();
                Object id = cells.next().numberValue();
                comparison.next(
                    read(
                        id, cells, (column, cell) -> cell.isNull() ? null : column.fromJson(cell)));
              });
      comparison.requireSame(rows);
    }
  }

  @Test
  void staxReadsEveryCellOfXml() throws Exception {
    List<Column> columns = new ArrayList<>(List.of(new Column("id", Kind.NUMBER)));
    for (RandomColumn column : RandomColumns.ALL) {
      Kind kind = column.isDocument() ? Kind.JSON : column.isArray() ? Kind.ARRAY : Kind.TEXT;
      columns.add(new Column(column.name(), kind));
    }
    try (Comparison comparison = new Comparison("random", RandomRowsContract::inXml);
        InputStream file =
            new BufferedInputStream(Files.newInputStream(export("random", "xml").path()))) {
      XmlReader.forEachRow(
          columns,
          "records",
          "record",
          file,
          row -> comparison.next(read(row, RandomRowsContract::fromXml)));
      comparison.requireSame(rows);
    }
  }

  private static Object inXml(RandomColumn column, ResultSet row, int index)
      throws SQLException, IOException {
    if (column.isDocument()) {
      return XmlReader.afterwards(Kind.JSON, row.getString(index));
    }
    Object value = column.fromDatabase(row, index);
    return value instanceof String text ? XmlReader.afterwards(Kind.TEXT, text) : value;
  }

  private static Object fromXml(RandomColumn column, String cell) throws IOException {
    if (column.isDocument()) {
      return cell;
    }
    return column.isArray()
        ? arrayFromXml(column, ExportedFile.json(cell.getBytes(UTF_8)), true)
        : column.fromText(cell);
  }

  /** As JDBC's array is written for the comparison; the types of elements are the column's. */
  private static String arrayFromXml(RandomColumn column, JsonNode value, boolean outermost) {
    if (value.isObject()) {
      return IntStream.range(0, value.size())
          .mapToObj(i -> arrayFromXml(column, value.get("item_" + i), false))
          .collect(Collectors.joining(",", "[", "]"));
    }
    if (value.isNull()) {
      return "null";
    }
    if (outermost) {
      assertThat(value.textValue()).as("an array without elements").isEmpty();
      return "[]";
    }
    boolean quoted = List.of("text[]", "uuid[]", "bytea[]").contains(column.sqlType());
    return quoted ? '"' + value.textValue() + '"' : value.textValue();
  }

  @Test
  void duckDbReadsEveryCellOfParquet() throws Exception {
    String cells =
        RandomColumns.ALL.stream()
            .map(RandomRowsContract::textInDuckDb)
            .collect(Collectors.joining(", "));
    try (Comparison comparison = new Comparison("storable", RandomRowsContract::asInDatabase);
        Connection duckDb = DriverManager.getConnection("jdbc:duckdb:");
        Statement statement = duckDb.createStatement();
        ResultSet row =
            statement.executeQuery(
                "SELECT id, " + cells + " FROM '" + export("storable", "parquet").path() + "'")) {
      while (row.next()) {
        List<String> texts = new ArrayList<>();
        for (int i = 0; i <= RandomColumns.ALL.size(); i++) {
          texts.add(row.getString(i + 1));
        }
        comparison.next(read(texts, RandomRowsContract::fromParquet));
      }
      comparison.requireSame(rows);
    }
  }

  private static String textInDuckDb(RandomColumn column) {
    String name = '"' + column.name() + '"';
    return switch (column.sqlType()) {
      case "date" -> "datediff('day', DATE '1970-01-01', " + name + ")";
      case "timestamp", "timestamptz" -> "epoch_us(" + name + ")";
      case "bytea" -> "to_base64(" + name + ")";
      case "bytea[]" -> "to_json(list_transform(" + name + ", x -> to_base64(x)))";
      default -> column.isArray() ? "to_json(" + name + ")" : "CAST(" + name + " AS text)";
    };
  }

  private static Object fromParquet(RandomColumn column, String cell) throws IOException {
    return switch (column.sqlType()) {
      case "date" ->
          DateTimeFormatter.ISO_LOCAL_DATE.format(LocalDate.ofEpochDay(Long.parseLong(cell)));
      case "timestamp" -> dateTime(cell);
      case "timestamptz" -> dateTime(cell) + "Z";
      case "float8", "float4" ->
          column.fromText(cell.replace("nan", "NaN").replace("inf", "Infinity"));
      // Lists of numbers without a declared precision are of their texts.
      case "numeric[]" -> column.fromText(cell.replace("\"", ""));
      default -> column.fromText(cell);
    };
  }

  private static String dateTime(String epochMicros) {
    long micros = Long.parseLong(epochMicros);
    return DateTimeFormatter.ISO_LOCAL_DATE_TIME.format(
        LocalDateTime.ofEpochSecond(
            Math.floorDiv(micros, 1_000_000L),
            (int) Math.floorMod(micros, 1_000_000L) * 1000,
            ZoneOffset.UTC));
  }
}
