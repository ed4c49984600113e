package io.polystream.format;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.polystream.row.Column;
import io.polystream.row.ColumnType;
import io.polystream.row.ColumnType.Simple;
import io.polystream.row.Kind;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Reads Parquet files by DuckDB, which shares no code with parquet-java either. */
final class ParquetReader {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** One for all: starting it takes longer than all it is asked. */
  private static final Connection DUCK_DB = connect();

  /** Which it prints as a character of that code. */
  private static final Pattern BIT_WIDTH = Pattern.compile("bitWidth=(.)", Pattern.DOTALL);

  private ParquetReader() {}

  private static String number(MatchResult found) {
    return "bitWidth=" + (int) found.group(1).charAt(0);
  }

  private static Connection connect() {
    try {
      return DriverManager.getConnection("jdbc:duckdb:");
    } catch (SQLException e) {
      throw new AssertionError(e);
    }
  }

  @FunctionalInterface
  private interface Question<T> {
    T ask(Statement duckDb, String file) throws SQLException;
  }

  private static <T> T ask(byte[] bytes, Question<T> question) {
    try {
      Path file = Files.createTempFile("case", ".parquet");
      try (Statement statement = DUCK_DB.createStatement()) {
        Files.write(file, bytes);
        return question.ask(statement, "'" + file + "'");
      } catch (SQLException e) {
        throw new AssertionError(e);
      } finally {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The columns of the schema, then the rows, a line each. */
  static String described(byte[] bytes) {
    return ask(
        bytes,
        (duckDb, file) -> {
          List<String> lines =
              lines(
                  duckDb,
                  "SELECT concat_ws(' ', name, type, type_length, repetition_type,"
                      + " converted_type, logical_type) FROM parquet_schema("
                      + file
                      + ") OFFSET 1");
          lines.addAll(lines(duckDb, "SELECT to_json(r) FROM read_parquet(" + file + ") AS r"));
          return lines.stream()
              .map(line -> BIT_WIDTH.matcher(line).replaceAll(ParquetReader::number) + "\n")
              .collect(Collectors.joining());
        });
  }

  private static List<String> lines(Statement duckDb, String sql) throws SQLException {
    List<String> lines = new ArrayList<>();
    try (ResultSet found = duckDb.executeQuery(sql)) {
      while (found.next()) {
        lines.add(found.getString(1));
      }
    }
    return lines;
  }

  /** The cells, as {@link #expected} has them. */
  static List<List<String>> rows(List<Column> columns, byte[] bytes) {
    String cells =
        IntStream.range(0, columns.size())
            .mapToObj(i -> cell(columns.get(i), i))
            .collect(Collectors.joining(", "));
    String names =
        IntStream.range(0, columns.size())
            .mapToObj(i -> "c" + i)
            .collect(Collectors.joining(", ", "(", ")"));
    return ask(
        bytes,
        (duckDb, file) -> {
          List<List<String>> rows = new ArrayList<>();
          try (ResultSet found =
              duckDb.executeQuery(
                  "SELECT " + cells + " FROM read_parquet(" + file + ") AS r" + names)) {
            while (found.next()) {
              List<String> row = new ArrayList<>();
              for (int i = 1; i <= columns.size(); i++) {
                row.add(normal(columns.get(i - 1), found.getString(i)));
              }
              rows.add(row);
            }
          }
          return rows;
        });
  }

  private static String cell(Column column, int index) {
    String name = "c" + index;
    if (column.type() instanceof ColumnType.Array array
        && !(array.element() instanceof ColumnType.Array)) {
      return array.element() == Simple.BINARY
          ? "to_json(list_transform(" + name + ", x -> to_base64(x)))::varchar"
          : "to_json(" + name + ")::varchar";
    }
    if (column.type() == Simple.LOCAL_TIMESTAMP || column.type() == Simple.INSTANT) {
      return "epoch_us(" + name + ")::varchar";
    }
    if (column.type() == Simple.DATE) {
      return "datediff('day', DATE '1970-01-01', " + name + ")::varchar";
    }
    return column.kind() == Kind.BINARY ? "to_base64(" + name + ")" : name + "::varchar";
  }

  /** A canonical text, as {@link #rows} gives a value that is the same. */
  static String expected(Column column, String text) {
    if (text == null) {
      return null;
    }
    if (column.type() == Simple.DATE) {
      return String.valueOf(LocalDate.parse(text).toEpochDay());
    }
    if (column.type() == Simple.LOCAL_TIMESTAMP) {
      return micros(LocalDateTime.parse(text).toInstant(ZoneOffset.UTC));
    }
    if (column.type() == Simple.INSTANT) {
      return micros(Instant.parse(text));
    }
    return normal(column, text);
  }

  private static String micros(Instant moment) {
    return String.valueOf(moment.getEpochSecond() * 1_000_000 + moment.getNano() / 1000);
  }

  /** Texts that say the same are the same. */
  private static String normal(Column column, String text) {
    if (text == null) {
      return null;
    }
    if (column.type() == Simple.FLOAT32 || column.type() == Simple.FLOAT64) {
      return String.valueOf(
          Double.parseDouble(text.replace("nan", "NaN").replaceAll("inf$", "Infinity")));
    }
    if (column.type() instanceof ColumnType.Array array
        && !(array.element() instanceof ColumnType.Array)) {
      try {
        return JSON.readTree(text).toString().replaceAll("\"(-?[0-9.]+)\"", "$1");
      } catch (JsonProcessingException e) {
        throw new AssertionError(text, e);
      }
    }
    return column.type() == Simple.NUMBER && text.matches("-?[0-9.]+")
        ? new BigDecimal(text).stripTrailingZeros().toPlainString()
        : text;
  }
}
