package io.polystream.interop;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.apache.parquet.filter2.predicate.FilterApi.and;
import static org.apache.parquet.filter2.predicate.FilterApi.binaryColumn;
import static org.apache.parquet.filter2.predicate.FilterApi.eq;
import static org.apache.parquet.filter2.predicate.FilterApi.gt;
import static org.apache.parquet.filter2.predicate.FilterApi.gtEq;
import static org.apache.parquet.filter2.predicate.FilterApi.intColumn;
import static org.apache.parquet.filter2.predicate.FilterApi.longColumn;
import static org.apache.parquet.filter2.predicate.FilterApi.lt;
import static org.apache.parquet.filter2.predicate.FilterApi.ltEq;
import static org.apache.parquet.filter2.predicate.FilterApi.notEq;
import static org.apache.parquet.filter2.predicate.FilterApi.or;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.polystream.testing.ExportedFile;
import io.polystream.testing.PostgresExtension;
import io.polystream.testing.TestExport;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.apache.parquet.ParquetReadOptions;
import org.apache.parquet.column.ColumnDescriptor;
import org.apache.parquet.column.ColumnReader;
import org.apache.parquet.column.impl.ColumnReadStoreImpl;
import org.apache.parquet.column.page.PageReadStore;
import org.apache.parquet.column.statistics.Statistics;
import org.apache.parquet.conf.PlainParquetConfiguration;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.example.data.simple.convert.GroupRecordConverter;
import org.apache.parquet.filter2.compat.FilterCompat;
import org.apache.parquet.filter2.predicate.FilterPredicate;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.ParquetReader;
import org.apache.parquet.hadoop.api.ReadSupport;
import org.apache.parquet.hadoop.example.GroupReadSupport;
import org.apache.parquet.hadoop.metadata.BlockMetaData;
import org.apache.parquet.hadoop.metadata.ColumnChunkMetaData;
import org.apache.parquet.internal.column.columnindex.BoundaryOrder;
import org.apache.parquet.internal.column.columnindex.ColumnIndex;
import org.apache.parquet.internal.column.columnindex.OffsetIndex;
import org.apache.parquet.io.LocalInputFile;
import org.apache.parquet.io.ParquetDecodingException;
import org.apache.parquet.io.api.Binary;
import org.apache.parquet.schema.LogicalTypeAnnotation;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.PrimitiveComparator;
import org.apache.parquet.schema.PrimitiveType;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * parquet-java's own reader on files with several row groups: what is in the database is in them,
 * and whatever they say of their values, so that readers can leave some out, is right.
 */
class ParquetJavaIT {
  @RegisterExtension static final PostgresExtension postgres = new PostgresExtension();

  private static final int ROWS = 120_000;

  /** The last quarter's. */
  private static final int FIRST_NAN = 95_000;

  /** The one text that has no text of 64 bytes above it. */
  private static final int UNBOUNDED = 40_000;

  private static final int BOUND_BYTES = 64;
  private static final int UTF8_BYTES = 4;

  /** As {@link #line} has it. */
  private static final String LINES =
      """
      SELECT concat_ws('|', id, name, (extract(epoch FROM moment) * 1000000)::bigint,
             (amount * 10000)::bigint, coalesce(visits::text, 'null'),
             coalesce('[' || array_to_string(tags, ', ', 'null') || ']', 'null'),
             coalesce(flag::text, 'null'), encode(float8send(ratio), 'hex'),
             encode(uuid_send(key), 'hex'), day - date '1970-01-01', coalesce(note, 'null'),
             (wide * 10000)::numeric(38,0), coalesce(encode(body, 'hex'), 'null'), document)
        FROM measured""";

  @BeforeAll
  static void fillTable() throws SQLException {
    postgres.execute(
        """
        CREATE TABLE measured AS
        SELECT n::bigint AS id,
               'name ' || lpad(n::text, 7, '0')
                 || repeat('é🐘', CASE n %% 17 WHEN 0 THEN 20 ELSE 0 END)
                 AS name,
               timestamptz '1969-12-31 18:00:00+00' + n * interval '1.000001 seconds' AS moment,
               ((n * 7919 %% 100003 - 50000) * 0.0001)::numeric(18,4) AS amount,
               CASE WHEN n %% 10 > 0 AND n NOT BETWEEN 50001 AND 70000 THEN n %% 1000 END AS visits,
               CASE n %% 5 WHEN 0 THEN NULL WHEN 1 THEN '{}' WHEN 2 THEN ARRAY[n, NULL]
                 ELSE ARRAY[n %% 100, -n, n] END AS tags,
               NULLIF(n %% 3 = 0, n %% 9 = 0) AS flag,
               CASE WHEN n >= %2$d AND n %% 1000 = 0 THEN 'NaN'::float8
                 WHEN n <= 50000 THEN n %% 13 * 0.5
                 WHEN n %% 7 = 0 THEN '-0'::float8 ELSE -0.5 - n %% 13 END AS ratio,
               md5('k' || n)::uuid AS key, date '1969-06-01' + n / 100 AS day,
               CASE WHEN n = %3$d THEN repeat(chr(1114111), 20)
                 WHEN n BETWEEN 35000 AND 60000 THEN md5(n::text) END AS note,
               (n - 60000) * 12345678901234567890::numeric(30,4) AS wide,
               CASE WHEN n %% 4 > 0 THEN int8send(n) END AS body,
               to_jsonb(n %% 50) AS document
          FROM generate_series(1, %1$d) n"""
            .formatted(ROWS, FIRST_NAN, UNBOUNDED),
        "ALTER TABLE measured ALTER wide TYPE numeric(30,4)");
  }

  private static ExportedFile export(String codec) throws IOException {
    return TestExport.of(postgres, "measured")
        .format("parquet")
        .formatOptions(Map.of("parquetCodec", codec))
        .run();
  }

  private static ParquetFileReader open(Path file, ParquetReadOptions.Builder options)
      throws IOException {
    return ParquetFileReader.open(
        new LocalInputFile(file), options.usePageChecksumVerification(true).build());
  }

  private static ParquetReadOptions.Builder options() {
    return ParquetReadOptions.builder(new PlainParquetConfiguration());
  }

  private static ParquetReader<Group> rows(Path file, FilterCompat.Filter filter)
      throws IOException {
    return new ParquetReader.Builder<Group>(
        new LocalInputFile(file), new PlainParquetConfiguration()) {
      @Override
      protected ReadSupport<Group> getReadSupport() {
        return new GroupReadSupport();
      }
    }.withFilter(filter).useColumnIndexFilter(true).usePageChecksumVerification(true).build();
  }

  @Test
  void everyCellIsWhatPostgresHas() throws IOException, SQLException {
    assertThat(lines(export("snappy").path()))
        .hasSize(ROWS)
        .isEqualTo(postgres.queryColumn(LINES + " ORDER BY id"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"zstd", "gzip", "none"})
  void otherCodecsReadTheSame(String codec) throws IOException, SQLException {
    Path file =
        TestExport.of(postgres, "measured")
            .where("id <= 20000")
            .format("parquet")
            .formatOptions(Map.of("parquetCodec", codec))
            .run()
            .path();

    assertThat(lines(file))
        .hasSize(20_000)
        .isEqualTo(postgres.queryColumn(LINES + " WHERE id <= 20000 ORDER BY id"));
  }

  private static List<String> lines(Path file) throws IOException {
    List<String> lines = new ArrayList<>();
    try (ParquetReader<Group> rows = rows(file, FilterCompat.NOOP)) {
      for (Group row = rows.read(); row != null; row = rows.read()) {
        lines.add(line(row));
      }
    }
    return lines;
  }

  private static String line(Group row) {
    List<String> cells = new ArrayList<>();
    for (int field = 0; field < row.getType().getFieldCount(); field++) {
      cells.add(row.getFieldRepetitionCount(field) == 0 ? "null" : cell(row, field));
    }
    return String.join("|", cells);
  }

  private static String cell(Group row, int field) {
    if (!row.getType().getType(field).isPrimitive()) {
      return list(row.getGroup(field, 0));
    }
    PrimitiveType type = row.getType().getType(field).asPrimitiveType();
    boolean isDecimal =
        type.getLogicalTypeAnnotation()
            instanceof LogicalTypeAnnotation.DecimalLogicalTypeAnnotation;
    return switch (type.getPrimitiveTypeName()) {
      case DOUBLE ->
          HexFormat.of().toHexDigits(Double.doubleToRawLongBits(row.getDouble(field, 0)));
      case FIXED_LEN_BYTE_ARRAY ->
          isDecimal
              ? new BigInteger(row.getBinary(field, 0).getBytes()).toString()
              : HexFormat.of().formatHex(row.getBinary(field, 0).getBytes());
      case BINARY ->
          type.getLogicalTypeAnnotation() == null
              ? HexFormat.of().formatHex(row.getBinary(field, 0).getBytes())
              : row.getString(field, 0);
      default -> row.getValueToString(field, 0);
    };
  }

  private static String list(Group list) {
    List<String> elements = new ArrayList<>();
    for (int i = 0; i < list.getFieldRepetitionCount(0); i++) {
      Group element = list.getGroup(0, i);
      elements.add(
          element.getFieldRepetitionCount(0) == 0 ? "null" : element.getValueToString(0, 0));
    }
    return elements.toString();
  }

  /** What a page, or a column of a group, really has. */
  private static final class Values {
    private final PrimitiveComparator<Object> order;
    private Object least;
    private Object greatest;
    private long nulls;
    private boolean hasNaN;

    Values(PrimitiveType type) {
      order = type.comparator();
    }

    void add(Object value) {
      if (value == null) {
        nulls++;
        return;
      }
      hasNaN |= value instanceof Double number && number.isNaN();
      least = least == null || order.compare(value, least) < 0 ? value : least;
      greatest = greatest == null || order.compare(value, greatest) > 0 ? value : greatest;
    }

    void add(Values others) {
      if (others.least != null) {
        add(others.least);
        add(others.greatest);
      }
      nulls += others.nulls;
      hasNaN |= others.hasNaN;
    }

    boolean isEmpty() {
      return least == null;
    }
  }

  @Test
  void whatIsSaidOfGroupsAndPagesIsRight() throws IOException {
    Set<String> groupsWithoutBounds = new TreeSet<>();
    int groups = 0;
    int pages = 0;
    try (ParquetFileReader reader = open(export("snappy").path(), options())) {
      MessageType schema = reader.getFileMetaData().getSchema();
      for (BlockMetaData group : reader.getRowGroups()) {
        PageReadStore store = reader.readNextRowGroup();
        assertThat(store.getRowCount()).isEqualTo(group.getRowCount());
        ColumnReadStoreImpl columns =
            new ColumnReadStoreImpl(
                store, new GroupRecordConverter(schema).getRootConverter(), schema, "");
        for (int i = 0; i < schema.getColumns().size(); i++) {
          ColumnChunkMetaData chunk = group.getColumns().get(i);
          String what = chunk.getPath() + " of group " + groups;
          OffsetIndex offsets = reader.readOffsetIndex(chunk);
          List<Values> values =
              valuesOfPages(
                  columns.getColumnReader(schema.getColumns().get(i)),
                  chunk.getValueCount(),
                  offsets);
          ColumnIndex index = reader.readColumnIndex(chunk);
          if (!requireChunk(what, chunk, values)) {
            assertThat(index).as(what).isNull();
            groupsWithoutBounds.add(chunk.getPath().toArray()[0]);
          } else {
            requirePages(what, index, chunk.getPrimitiveType(), values);
          }
          pages += values.size();
        }
        groups++;
      }
    }
    assertThat(groups).as("row groups").isGreaterThan(2);
    assertThat(pages).as("pages").isGreaterThan(2 * 14 * groups);
    assertThat(groupsWithoutBounds).containsExactly("body", "document", "note", "ratio");
  }

  private static List<Values> valuesOfPages(ColumnReader column, long count, OffsetIndex offsets) {
    ColumnDescriptor descriptor = column.getDescriptor();
    List<Values> pages = new ArrayList<>();
    long row = -1;
    for (long i = 0; i < count; i++) {
      if (column.getCurrentRepetitionLevel() == 0) {
        row++;
        if (pages.size() < offsets.getPageCount()
            && row == offsets.getFirstRowIndex(pages.size())) {
          pages.add(new Values(descriptor.getPrimitiveType()));
        }
      }
      boolean isNull = column.getCurrentDefinitionLevel() < descriptor.getMaxDefinitionLevel();
      pages.get(pages.size() - 1).add(isNull ? null : value(column));
      column.consume();
    }
    assertThat(pages).hasSize(offsets.getPageCount());
    return pages;
  }

  private static Object value(ColumnReader column) {
    return switch (column.getDescriptor().getPrimitiveType().getPrimitiveTypeName()) {
      case INT32 -> column.getInteger();
      case INT64 -> column.getLong();
      case DOUBLE -> column.getDouble();
      case BOOLEAN -> column.getBoolean();
      case BINARY, FIXED_LEN_BYTE_ARRAY -> column.getBinary().copy();
      case FLOAT, INT96 -> throw new AssertionError(column.getDescriptor());
    };
  }

  /** Whether there are bounds, which have to be right. */
  private static boolean requireChunk(String what, ColumnChunkMetaData chunk, List<Values> pages) {
    PrimitiveType type = chunk.getPrimitiveType();
    Values all = new Values(type);
    pages.forEach(all::add);
    Statistics<?> statistics = chunk.getStatistics();
    assertThat(statistics.getNumNulls()).as("NULLs in " + what).isEqualTo(all.nulls);
    if (mayHaveBounds(type, all)) {
      assertThat(statistics.hasNonNullValue()).as("bounds of " + what).isEqualTo(!all.isEmpty());
      if (!all.isEmpty()) {
        requireBounds(what, type, all, statistics.getMinBytes(), statistics.getMaxBytes());
      }
      return true;
    }
    assertThat(statistics.hasNonNullValue()).as("bounds of " + what).isFalse();
    return false;
  }

  private static boolean mayHaveBounds(PrimitiveType type, Values values) {
    if (type.getName().equals("body") || type.getName().equals("document") || values.hasNaN) {
      return false;
    }
    return !(values.greatest instanceof Binary text
        && text.length() > BOUND_BYTES
        && text.toStringUsingUTF8()
            .startsWith(Character.toString(Character.MAX_CODE_POINT).repeat(16)));
  }

  private static void requirePages(
      String what, ColumnIndex index, PrimitiveType type, List<Values> pages) {
    assertThat(index).as("column index of " + what).isNotNull();
    assertThat(index.getNullPages()).as(what).hasSize(pages.size());
    List<Object> lower = new ArrayList<>();
    List<Object> upper = new ArrayList<>();
    for (int page = 0; page < pages.size(); page++) {
      String where = "page " + page + " of " + what;
      Values values = pages.get(page);
      assertThat(index.getNullCounts().get(page)).as(where).isEqualTo(values.nulls);
      assertThat(index.getNullPages().get(page)).as(where).isEqualTo(values.isEmpty());
      if (!values.isEmpty()) {
        byte[] least = bytes(index.getMinValues().get(page));
        byte[] greatest = bytes(index.getMaxValues().get(page));
        requireBounds(where, type, values, least, greatest);
        lower.add(value(type, least));
        upper.add(value(type, greatest));
      }
    }
    PrimitiveComparator<Object> order = type.comparator();
    boolean ascends = isInOrder(lower, order, 1) && isInOrder(upper, order, 1);
    boolean descends = isInOrder(lower, order, -1) && isInOrder(upper, order, -1);
    switch (index.getBoundaryOrder()) {
      case ASCENDING -> assertThat(ascends).as("order of " + what).isTrue();
      case DESCENDING -> assertThat(descends).as("order of " + what).isTrue();
      case UNORDERED -> assertThat(ascends || descends).as("order of " + what).isFalse();
    }
    if (type.getName().equals("id")) {
      assertThat(index.getBoundaryOrder()).isEqualTo(BoundaryOrder.ASCENDING);
    }
  }

  private static boolean isInOrder(
      List<Object> values, PrimitiveComparator<Object> order, int direction) {
    for (int i = 1; i < values.size(); i++) {
      if (direction * order.compare(values.get(i - 1), values.get(i)) > 0) {
        return false;
      }
    }
    return true;
  }

  private static byte[] bytes(ByteBuffer buffer) {
    byte[] bytes = new byte[buffer.remaining()];
    buffer.duplicate().get(bytes);
    return bytes;
  }

  /** Texts may be cut at 64 bytes, a character whole; a zero stands for both zeros. */
  private static void requireBounds(
      String what, PrimitiveType type, Values values, byte[] least, byte[] greatest) {
    Object lower = value(type, least);
    Object upper = value(type, greatest);
    boolean isText =
        type.getLogicalTypeAnnotation()
            instanceof LogicalTypeAnnotation.StringLogicalTypeAnnotation;
    if (isText && ((Binary) values.least).length() > BOUND_BYTES) {
      byte[] whole = ((Binary) values.least).getBytes();
      assertThat(least.length).as(what).isBetween(BOUND_BYTES - UTF8_BYTES + 1, BOUND_BYTES);
      assertThat(least).as(what).isEqualTo(Arrays.copyOf(whole, least.length));
      requireUtf8(what, least);
    } else {
      assertThat(lower).as("least of " + what).isEqualTo(zeroAs(-0.0, values.least));
    }
    if (isText && ((Binary) values.greatest).length() > BOUND_BYTES) {
      assertThat(greatest.length).as(what).isBetween(1, BOUND_BYTES);
      assertThat(values.order.compare(upper, values.greatest)).as(what).isPositive();
      requireUtf8(what, greatest);
    } else {
      assertThat(upper).as("greatest of " + what).isEqualTo(zeroAs(0.0, values.greatest));
    }
  }

  private static Object zeroAs(double zero, Object value) {
    return value instanceof Double number && number == 0 ? (Object) zero : value;
  }

  private static void requireUtf8(String what, byte[] bytes) {
    assertThat(new String(bytes, UTF_8).getBytes(UTF_8)).as(what).isEqualTo(bytes);
  }

  private static Object value(PrimitiveType type, byte[] bytes) {
    ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    return switch (type.getPrimitiveTypeName()) {
      case INT32 -> buffer.getInt();
      case INT64 -> buffer.getLong();
      case DOUBLE -> buffer.getDouble();
      case BOOLEAN -> bytes[0] != 0;
      case BINARY, FIXED_LEN_BYTE_ARRAY -> Binary.fromConstantByteArray(bytes);
      case FLOAT, INT96 -> throw new AssertionError(type);
    };
  }

  @Test
  void aPageWithAnotherByteIsRefused() throws IOException {
    Path file = export("none").path();
    long lastByte;
    try (ParquetFileReader reader = open(file, options())) {
      OffsetIndex pages = reader.readOffsetIndex(reader.getRowGroups().get(0).getColumns().get(1));
      lastByte = pages.getOffset(1) + pages.getCompressedPageSize(1) - 1;
    }
    try (RandomAccessFile changed = new RandomAccessFile(file.toFile(), "rw")) {
      changed.seek(lastByte);
      int old = changed.read();
      changed.seek(lastByte);
      changed.write(old ^ 1);
    }

    try (ParquetFileReader reader = open(file, options())) {
      assertThatThrownBy(reader::readNextRowGroup)
          .isInstanceOf(ParquetDecodingException.class)
          .hasMessageContaining("CRC");
    }
  }

  /** What Hadoop and Spark do with a large file: a group belongs to whom its middle belongs to. */
  @Test
  void readersOfTwoHalvesOfTheBytesHaveEveryRowOnce() throws IOException {
    Path file = export("snappy").path();
    long half = Files.size(file) / 2;

    try (ParquetFileReader first = open(file, options().withRange(0, half));
        ParquetFileReader second = open(file, options().withRange(half, Files.size(file)))) {
      assertThat(first.getRecordCount()).isPositive();
      assertThat(second.getRecordCount()).isPositive();
      assertThat(first.getRecordCount() + second.getRecordCount()).isEqualTo(ROWS);
    }
  }

  /** The same question to PostgreSQL and to parquet-java. */
  private record Search(String where, FilterPredicate predicate) {}

  private static long micros(String instant) {
    return ChronoUnit.MICROS.between(Instant.EPOCH, Instant.parse(instant));
  }

  private static Binary uuid(String hexDigits) {
    return Binary.fromConstantByteArray(HexFormat.of().parseHex(hexDigits));
  }

  private static List<Search> searches() {
    return List.of(
        new Search("id = 77777", eq(longColumn("id"), 77_777L)),
        new Search("id = 0", eq(longColumn("id"), 0L)),
        new Search("id < 100", lt(longColumn("id"), 100L)),
        new Search(
            "id BETWEEN 59990 AND 60010",
            and(gtEq(longColumn("id"), 59_990L), ltEq(longColumn("id"), 60_010L))),
        new Search(
            "id < 5 OR id > 119995", or(lt(longColumn("id"), 5L), gt(longColumn("id"), 119_995L))),
        new Search(
            "name = 'name 0033333'", eq(binaryColumn("name"), Binary.fromString("name 0033333"))),
        new Search(
            "name = 'name 0000017' || repeat('é🐘', 20)",
            eq(binaryColumn("name"), Binary.fromString("name 0000017" + "é🐘".repeat(20)))),
        new Search(
            "name COLLATE \"C\" > 'name 0119990'",
            gt(binaryColumn("name"), Binary.fromString("name 0119990"))),
        new Search(
            "moment < timestamptz '1969-12-31 18:01:00+00'",
            lt(longColumn("moment"), micros("1969-12-31T18:01:00Z"))),
        new Search(
            "moment = timestamptz '1969-12-31 18:00:00+00' + 50000 * interval '1.000001 seconds'",
            eq(longColumn("moment"), micros("1969-12-31T18:00:00Z") + 50_000L * 1_000_001)),
        new Search("day = date '1970-01-01'", eq(intColumn("day"), 0)),
        new Search(
            "wide < (100 - 60000) * 12345678901234567890::numeric(30,4)",
            lt(
                binaryColumn("wide"),
                fixed(
                    BigInteger.valueOf(100 - 60_000)
                        .multiply(new BigInteger("12345678901234567890"))
                        .multiply(BigInteger.valueOf(10_000))))),
        new Search(
            "key = md5('k' || 4711)::uuid AND id < 30000",
            and(
                eq(binaryColumn("key"), uuid("5361022caa9ee1c4df3ae83213dec336")),
                lt(longColumn("id"), 30_000L))),
        new Search(
            "visits IS NULL AND id BETWEEN 20001 AND 55000",
            and(
                eq(intColumn("visits"), null),
                and(gtEq(longColumn("id"), 20_001L), ltEq(longColumn("id"), 55_000L)))),
        new Search("note IS NOT NULL", notEq(binaryColumn("note"), null)),
        new Search(
            "note = repeat(chr(1114111), 20)",
            eq(
                binaryColumn("note"),
                Binary.fromString(Character.toString(Character.MAX_CODE_POINT).repeat(20)))));
  }

  private static Binary fixed(BigInteger unscaled) {
    byte[] bytes = new byte[13];
    Arrays.fill(bytes, (byte) (unscaled.signum() < 0 ? -1 : 0));
    byte[] digits = unscaled.toByteArray();
    System.arraycopy(digits, 0, bytes, bytes.length - digits.length, digits.length);
    return Binary.fromConstantByteArray(bytes);
  }

  @Test
  void pagesAreLeftOutAndNoRowIs() throws IOException, SQLException {
    Path file = export("snappy").path();
    for (Search search : searches()) {
      FilterCompat.Filter filter = FilterCompat.get(search.predicate());

      assertThat(ids(file, filter))
          .as(search.where())
          .isEqualTo(
              postgres.queryColumn(
                  "SELECT id FROM measured WHERE " + search.where() + " ORDER BY id"));
      // By the pages' bounds alone.
      ParquetReadOptions.Builder options =
          options().withRecordFilter(filter).useStatsFilter(false).useDictionaryFilter(false);
      try (ParquetFileReader reader = open(file, options)) {
        assertThat(reader.getRecordCount()).isEqualTo(ROWS);
        assertThat(reader.getFilteredRecordCount()).as(search.where()).isLessThan(ROWS);
      }
    }
  }

  private static List<String> ids(Path file, FilterCompat.Filter filter) throws IOException {
    List<String> ids = new ArrayList<>();
    try (ParquetReader<Group> rows = rows(file, filter)) {
      for (Group row = rows.read(); row != null; row = rows.read()) {
        ids.add(Long.toString(row.getLong("id", 0)));
      }
    }
    return ids;
  }
}
