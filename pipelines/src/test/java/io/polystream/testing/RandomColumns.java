package io.polystream.testing;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.OffsetTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Random;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.postgresql.util.PGInterval;

/**
 * Columns with random values, and what a cell of each must be: the value JDBC gives, read with
 * {@code java.time}, {@code BigDecimal} and the like. Nothing here is PolyStream's.
 */
public final class RandomColumns {
  /** SQL that makes the types the columns need. */
  public static final String TYPES =
      "CREATE TYPE mood AS ENUM ('sad', 'so so', 'happy, \"very\"', 'it''s');"
          + " CREATE DOMAIN positive AS int CHECK (value > 0)";

  /** Reads a value from the database by what JDBC has for its type. */
  @FunctionalInterface
  private interface Getter {
    Object get(ResultSet rows, int column) throws SQLException;
  }

  /** Makes a cell's text comparable with what the getter gives. */
  @FunctionalInterface
  private interface TextReader {
    Object read(String cell) throws IOException;
  }

  /** Makes a JSON value comparable with what the getter gives. */
  @FunctionalInterface
  private interface JsonReader {
    Object read(JsonNode cell) throws IOException;
  }

  /** One column; {@code literal} gives text that PostgreSQL's input function takes. */
  public static final class RandomColumn {
    private final String name;
    private final String sqlType;
    private final Function<Random, String> literal;
    private final Getter getter;
    private final TextReader textReader;
    private final JsonReader jsonReader;

    private RandomColumn(
        String name,
        String sqlType,
        Function<Random, String> literal,
        Getter getter,
        TextReader textReader,
        JsonReader jsonReader) {
      this.name = name;
      this.sqlType = sqlType;
      this.literal = literal;
      this.getter = getter;
      this.textReader = textReader;
      this.jsonReader = jsonReader;
    }

    public String name() {
      return name;
    }

    public String sqlType() {
      return sqlType;
    }

    public String literal(Random random) {
      return literal.apply(random);
    }

    public Object fromDatabase(ResultSet rows, int column) throws SQLException {
      return getter.get(rows, column);
    }

    public Object fromText(String cell) throws IOException {
      return textReader.read(cell);
    }

    public Object fromJson(JsonNode cell) throws IOException {
      return jsonReader.read(cell);
    }

    public boolean isDocument() {
      return sqlType.startsWith("json");
    }

    public boolean isArray() {
      return sqlType.endsWith("[]");
    }
  }

  public static final List<RandomColumn> ALL =
      List.of(
          new RandomColumn(
              "flag",
              "boolean",
              random -> random.nextBoolean() ? "t" : "f",
              ResultSet::getBoolean,
              cell -> cell.equals("true") ? true : cell.equals("false") ? false : cell,
              cell -> cell.isBoolean() ? cell.booleanValue() : cell),
          integer("int_2", "int2", 16),
          integer("int_4", "int4", 32),
          integer("int_8", "int8", 64),
          new RandomColumn(
              "object_id",
              "oid",
              random -> Integer.toUnsignedString(random.nextInt()),
              (rows, i) -> rows.getLong(i),
              Long::parseLong,
              cell -> cell.isIntegralNumber() ? cell.longValue() : cell),
          integer("domain_int", "positive", 0),
          decimal("exact", "numeric"),
          decimal("fixed", "numeric(18,4)"),
          floating("double_8", "float8", Double::parseDouble),
          floating("single_4", "float4", text -> (double) Float.parseFloat(text)),
          text("text_any", "text", RandomColumns::text),
          text("varchar_20", "varchar(20)", random -> shorten(text(random), 20)),
          text("padded_9", "char(9)", random -> shorten(text(random), 9)),
          text("name_63", "name", random -> "n" + random.nextInt(1000) + " \"x\", é"),
          text(
              "enum_mood",
              "mood",
              random -> List.of("sad", "so so", "happy, \"very\"", "it's").get(random.nextInt(4))),
          text(
              "address",
              "inet",
              random -> "10." + random.nextInt(256) + ".0.1/" + (8 + random.nextInt(25))),
          text("xml_any", "xml", random -> "<a b=\"" + random.nextInt(100) + "\">é, &amp;</a>"),
          text("range_int", "int4range", random -> "[" + -random.nextInt(100) + ",1000)"),
          new RandomColumn(
              "bytes",
              "bytea",
              RandomColumns::hexBytes,
              (rows, i) -> hex(rows.getBytes(i)),
              cell -> hex(Base64.getDecoder().decode(cell)),
              cell -> hex(Base64.getDecoder().decode(textual(cell)))),
          temporal(
              "day",
              "date",
              RandomColumns::date,
              (rows, i) ->
                  endlessOrBeforeChrist(
                      rows.getString(i),
                      () ->
                          DateTimeFormatter.ISO_LOCAL_DATE.format(
                              rows.getObject(i, LocalDate.class)))),
          temporal(
              "at",
              "timestamp",
              random -> dateTime(random),
              (rows, i) ->
                  endlessOrBeforeChrist(
                      rows.getString(i),
                      () ->
                          DateTimeFormatter.ISO_LOCAL_DATE_TIME.format(
                              rows.getObject(i, LocalDateTime.class)))),
          temporal(
              "moment",
              "timestamptz",
              random -> dateTime(random),
              (rows, i) ->
                  endlessOrBeforeChrist(
                      rows.getString(i),
                      () ->
                          DateTimeFormatter.ISO_LOCAL_DATE_TIME.format(
                                  rows.getObject(i, OffsetDateTime.class)
                                      .withOffsetSameInstant(ZoneOffset.UTC))
                              + "Z")),
          temporal(
              "clock",
              "time",
              RandomColumns::time,
              (rows, i) ->
                  rows.getString(i).equals("24:00:00")
                      ? "24:00:00"
                      : DateTimeFormatter.ISO_LOCAL_TIME.format(
                          rows.getObject(i, LocalTime.class))),
          new RandomColumn(
              "clock_tz",
              "timetz",
              random ->
                  LocalTime.ofNanoOfDay(micros(random) % 86_400_000_000L * 1000)
                      + ZoneOffset.ofTotalSeconds((random.nextInt(97) - 48) * 900)
                          .getId()
                          .replace("Z", "+00"),
              (rows, i) -> rows.getObject(i, OffsetTime.class),
              RandomColumns::offsetTime,
              cell -> offsetTime(textual(cell))),
          new RandomColumn(
              "span",
              "interval",
              RandomColumns::interval,
              (rows, i) -> interval((PGInterval) rows.getObject(i)),
              RandomColumns::isoInterval,
              cell -> isoInterval(textual(cell))),
          new RandomColumn(
              "key",
              "uuid",
              random -> new java.util.UUID(random.nextLong(), random.nextLong()).toString(),
              (rows, i) -> rows.getObject(i, java.util.UUID.class).toString(),
              cell -> cell,
              RandomColumns::textual),
          document("raw", "json"),
          document("document", "jsonb"),
          array("ints", "int[]", random -> Integer.toString(random.nextInt())),
          array("texts", "text[]", random -> quotedElement(text(random))),
          array("flags", "bool[]", random -> random.nextBoolean() ? "t" : "f"),
          array("numerics", "numeric[]", RandomColumns::plainNumber),
          array("keys", "uuid[]", random -> new java.util.UUID(random.nextLong(), 7).toString()),
          array("blobs", "bytea[]", random -> quotedElement(hexBytes(random))));

  private RandomColumns() {}

  // ---------------------------------------------------------------- columns by kind

  private static RandomColumn integer(String name, String sqlType, int bits) {
    return new RandomColumn(
        name,
        sqlType,
        random ->
            bits == 0
                ? Integer.toString(1 + random.nextInt(1 << random.nextInt(31)))
                : Long.toString(random.nextLong() >> (64 - 1 - random.nextInt(bits))),
        (rows, i) -> BigInteger.valueOf(rows.getLong(i)),
        BigInteger::new,
        cell -> cell.isIntegralNumber() ? cell.bigIntegerValue() : cell);
  }

  /** Equal only with the same number of digits behind the point. */
  private static RandomColumn decimal(String name, String sqlType) {
    return new RandomColumn(
        name,
        sqlType,
        random ->
            sqlType.equals("numeric") && random.nextInt(50) == 0
                ? List.of("NaN", "Infinity", "-Infinity").get(random.nextInt(3))
                : sqlType.equals("numeric")
                    ? plainNumber(random)
                    : BigDecimal.valueOf(random.nextLong() % 1_000_000_000_000_000_000L, 4)
                        .toPlainString(),
        (rows, i) ->
            rows.getString(i).endsWith("y") || rows.getString(i).equals("NaN")
                ? rows.getString(i)
                : rows.getBigDecimal(i),
        cell -> isWord(cell) ? cell : plain(cell),
        cell -> cell.isNumber() ? cell.decimalValue() : textual(cell));
  }

  private static Object plain(String cell) {
    BigDecimal number = new BigDecimal(cell);
    return number.toPlainString().equals(cell) ? number : cell + " is not plain";
  }

  private static boolean isWord(String cell) {
    return cell.equals("NaN") || cell.endsWith("Infinity");
  }

  private static RandomColumn floating(
      String name, String sqlType, Function<String, Double> parser) {
    return new RandomColumn(
        name,
        sqlType,
        RandomColumns::anyDouble,
        (rows, i) -> positiveZero(parser.apply(rows.getString(i))),
        cell -> positiveZero(parser.apply(cell)),
        cell ->
            cell.isNumber()
                ? positiveZero(parser.apply(cell.decimalValue().toString()))
                : isWord(textual(cell)) ? parser.apply(cell.textValue()) : cell);
  }

  /** Jackson reads -0 as the integer 0. */
  private static Double positiveZero(Double value) {
    return value + 0.0;
  }

  private static RandomColumn text(String name, String sqlType, Function<Random, String> literal) {
    return new RandomColumn(
        name, sqlType, literal, ResultSet::getString, cell -> cell, RandomColumns::textual);
  }

  private static RandomColumn temporal(
      String name, String sqlType, Function<Random, String> literal, Getter getter) {
    return new RandomColumn(name, sqlType, literal, getter, cell -> cell, RandomColumns::textual);
  }

  /** The text of a JSON string; anything else is no string, and equal to none. */
  private static String textual(JsonNode cell) {
    return cell.isTextual() ? cell.textValue() : "not a string: " + cell;
  }

  /** PostgreSQL leaves out the minutes of an offset of whole hours, and java.time wants them. */
  private static OffsetTime offsetTime(String cell) {
    return OffsetTime.parse(cell.matches(".*[+-]\\d\\d") ? cell + ":00" : cell);
  }

  /** What {@code java.time} makes of a moment in our era. */
  @FunctionalInterface
  private interface Formatted {
    String get() throws SQLException;
  }

  /** The driver trips over 29 February of years before Christ. */
  private static String endlessOrBeforeChrist(String text, Formatted other) throws SQLException {
    if (text.endsWith("infinity")) {
      return text;
    }
    if (!text.endsWith(" BC")) {
      return other.get();
    }
    int yearEnd = text.indexOf('-');
    boolean utc = text.endsWith("+00 BC");
    String rest = text.substring(yearEnd, text.length() - (utc ? 6 : 3)).replace(' ', 'T');
    LocalDate year = LocalDate.of(1 - Integer.parseInt(text.substring(0, yearEnd)), 1, 1);
    return year.toString().substring(0, year.toString().length() - 6) + rest + (utc ? "Z" : "");
  }

  /** Compared as text, so that the order of keys counts, and the digits of numbers. */
  private static RandomColumn document(String name, String sqlType) {
    return new RandomColumn(
        name,
        sqlType,
        random -> json(random, 3),
        (rows, i) -> rows.getString(i).transform(RandomColumns::canonical),
        cell ->
            JSON_STRING.matcher(cell).replaceAll("").matches("(?s).*\\s.*")
                ? cell + " is not compact"
                : canonical(cell),
        JsonNode::toString);
  }

  private static final Pattern JSON_STRING = Pattern.compile("\"(?:[^\"\\\\]++|\\\\.)*+\"");

  private static String canonical(String text) {
    try {
      return ExportedFile.json(text.getBytes(UTF_8)).toString();
    } catch (IOException e) {
      return e.getMessage();
    }
  }

  private static RandomColumn array(String name, String sqlType, Function<Random, String> element) {
    return new RandomColumn(
        name,
        sqlType,
        random -> array(random, element),
        (rows, i) -> elements(rows.getArray(i).getArray()),
        cell -> elements(ExportedFile.json(cell.getBytes(UTF_8))),
        RandomColumns::elements);
  }

  /** {@code null} is a null element; a number is one with all its digits. */
  private static String elements(Object value) {
    if (value == null) {
      return "null";
    }
    if (value instanceof byte[] bytes) {
      return '"' + Base64.getEncoder().encodeToString(bytes) + '"';
    }
    if (value instanceof Object[] items) {
      return Arrays.stream(items)
          .map(RandomColumns::elements)
          .collect(Collectors.joining(",", "[", "]"));
    }
    if (value instanceof BigDecimal number) {
      return number.toPlainString();
    }
    if (value instanceof String || value instanceof java.util.UUID) {
      return '"' + value.toString() + '"';
    }
    return value.toString();
  }

  private static String elements(JsonNode cell) {
    if (cell.isArray()) {
      return IntStream.range(0, cell.size())
          .mapToObj(i -> elements(cell.get(i)))
          .collect(Collectors.joining(",", "[", "]"));
    }
    return cell.isNull()
        ? "null"
        : cell.isNumber()
            ? cell.decimalValue().toPlainString()
            : cell.isBoolean() ? cell.asText() : '"' + textual(cell) + '"';
  }

  // ---------------------------------------------------------------- random literals

  private static final String NASTY =
      "\",\r\n\\\t;'|{}[]: nulNUL\u0001\b\f\u001f\u007f\u0085\u2028";

  private static String text(Random random) {
    StringBuilder text = new StringBuilder();
    int length = random.nextInt(10) == 0 ? random.nextInt(400) : random.nextInt(12);
    for (int i = 0; i < length; i++) {
      switch (random.nextInt(6)) {
        case 0 -> text.append(NASTY.charAt(random.nextInt(NASTY.length())));
        case 1 -> text.appendCodePoint(0xA0 + random.nextInt(0xD7FF - 0xA0));
        case 2 -> text.appendCodePoint(0x1F300 + random.nextInt(0x300));
        default -> text.append((char) (' ' + random.nextInt(95)));
      }
    }
    return text.toString();
  }

  private static String shorten(String text, int codePoints) {
    int count = Math.min(codePoints, text.codePointCount(0, text.length()));
    return text.substring(0, text.offsetByCodePoints(0, count));
  }

  private static String plainNumber(Random random) {
    return new BigDecimal(new BigInteger(random.nextInt(200), random), random.nextInt(60) - 20)
        .multiply(BigDecimal.valueOf(random.nextBoolean() ? 1 : -1))
        .toPlainString();
  }

  private static String anyDouble(Random random) {
    return switch (random.nextInt(20)) {
      case 0 -> "NaN";
      case 1 -> "Infinity";
      case 2 -> "-Infinity";
      case 3 -> "-0";
      // Within the range of a float4, of any number of digits.
      default ->
          Double.toString(
              Float.intBitsToFloat(random.nextInt()) * 0.5 > 0
                  ? random.nextDouble() * Math.pow(10, random.nextInt(60) - 30)
                  : -random.nextInt(1000) / 8.0);
    };
  }

  private static String hexBytes(Random random) {
    byte[] bytes = new byte[random.nextInt(40)];
    random.nextBytes(bytes);
    return "\\x" + hex(bytes);
  }

  private static String hex(byte[] bytes) {
    return java.util.HexFormat.of().formatHex(bytes);
  }

  private static String date(Random random) {
    if (random.nextInt(40) == 0) {
      return random.nextBoolean() ? "infinity" : "-infinity";
    }
    return dated(LocalDate.ofEpochDay(random.nextInt(4_000_000) - 1_000_000), "");
  }

  private static String dated(LocalDate date, String time) {
    int year = date.getYear();
    return String.format(
            Locale.ROOT,
            "%04d-%02d-%02d",
            year > 0 ? year : 1 - year,
            date.getMonthValue(),
            date.getDayOfMonth())
        + time
        + (year > 0 ? "" : " BC");
  }

  private static String dateTime(Random random) {
    String date = date(random);
    if (date.endsWith("infinity")) {
      return date;
    }
    boolean beforeChrist = date.endsWith(" BC");
    String day = beforeChrist ? date.substring(0, date.length() - 3) : date;
    return day
        + " "
        + LocalTime.ofNanoOfDay(micros(random) % 86_400_000_000L * 1000)
        + (beforeChrist ? " BC" : "");
  }

  private static String time(Random random) {
    return random.nextInt(50) == 0
        ? "24:00:00"
        : LocalTime.ofNanoOfDay(micros(random) % 86_400_000_000L * 1000).toString();
  }

  /** With 0 to 6 digits behind the point. */
  private static long micros(Random random) {
    long unit = (long) Math.pow(10, random.nextInt(7));
    return (random.nextLong() >>> 1) / unit * unit;
  }

  private static String interval(Random random) {
    return (random.nextInt(4000) - 2000)
        + " months "
        + (random.nextInt(4000) - 2000)
        + " days "
        + BigDecimal.valueOf(micros(random) % 1_000_000_000_000L - 500_000_000_000L, 6)
            .toPlainString()
        + " seconds";
  }

  private static String interval(PGInterval interval) {
    long micros =
        interval.getWholeSeconds() * 1_000_000L
            + interval.getMicroSeconds()
            + (interval.getHours() * 3600L + interval.getMinutes() * 60L) * 1_000_000;
    return (interval.getYears() * 12 + interval.getMonths())
        + " months "
        + interval.getDays()
        + " days "
        + micros
        + " microseconds";
  }

  private static final Pattern ISO_INTERVAL =
      Pattern.compile(
          "P(?:(-?\\d+)Y)?(?:(-?\\d+)M)?(?:(-?\\d+)D)?"
              + "(?:T(?:(-?\\d+)H)?(?:(-?\\d+)M)?(?:(-?\\d+(?:\\.\\d{1,6})?)S)?)?");

  private static String isoInterval(String cell) {
    Matcher parts = ISO_INTERVAL.matcher(cell);
    if (!parts.matches() || cell.length() < 3) {
      return cell + " is not ISO 8601";
    }
    BigDecimal[] numbers =
        IntStream.rangeClosed(1, 6)
            .mapToObj(parts::group)
            .map(group -> new BigDecimal(Objects.requireNonNullElse(group, "0")))
            .toArray(BigDecimal[]::new);
    BigDecimal seconds =
        numbers[3]
            .multiply(BigDecimal.valueOf(3600))
            .add(numbers[4].multiply(BigDecimal.valueOf(60)))
            .add(numbers[5]);
    return (numbers[0].intValueExact() * 12 + numbers[1].intValueExact())
        + " months "
        + numbers[2]
        + " days "
        + seconds.movePointRight(6).longValueExact()
        + " microseconds";
  }

  private static String json(Random random, int depth) {
    String space = random.nextInt(3) == 0 ? " \n" : "";
    return switch (random.nextInt(depth > 0 ? 9 : 6)) {
      case 0 -> List.of("null", "true", "false").get(random.nextInt(3));
      case 1 -> Integer.toString(random.nextInt());
      case 2 -> BigDecimal.valueOf(random.nextLong(), random.nextInt(30)).toPlainString();
      case 3, 4, 5 -> jsonString(text(random));
      case 6 ->
          IntStream.range(0, random.nextInt(4))
              .mapToObj(i -> json(random, depth - 1))
              .collect(Collectors.joining(space + ",", "[" + space, "]"));
      default ->
          IntStream.range(0, random.nextInt(4))
              .mapToObj(
                  i ->
                      jsonString("k" + random.nextInt(1000) + "_" + i)
                          + space
                          + ":"
                          + json(random, depth - 1))
              .collect(Collectors.joining("," + space, "{", space + "}"));
    };
  }

  private static String jsonString(String text) {
    return com.fasterxml.jackson.databind.node.TextNode.valueOf(text).toString();
  }

  private static String quotedElement(String text) {
    return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
  }

  /** One dimension or two, or none at all; some elements NULL. */
  private static String array(Random random, Function<Random, String> element) {
    int rows = random.nextInt(5) == 0 ? 1 + random.nextInt(3) : 0;
    int length = random.nextInt(6) + (rows > 0 ? 1 : 0);
    if (rows == 0) {
      return dimension(random, element, length);
    }
    return IntStream.range(0, rows)
        .mapToObj(i -> dimension(random, element, length))
        .collect(Collectors.joining(",", "{", "}"));
  }

  private static String dimension(Random random, Function<Random, String> element, int length) {
    return IntStream.range(0, length)
        .mapToObj(i -> random.nextInt(6) == 0 ? "NULL" : element.apply(random))
        .collect(Collectors.joining(",", "{", "}"));
  }
}
