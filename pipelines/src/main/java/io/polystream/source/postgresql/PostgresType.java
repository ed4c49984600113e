package io.polystream.source.postgresql;

import io.polystream.row.ByteSink;
import io.polystream.row.ColumnType;
import io.polystream.row.ColumnType.Simple;
import io.polystream.row.Kind;
import io.polystream.source.JsonCompactor;
import java.io.IOException;
import java.io.Serializable;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * How a PostgreSQL type travels: what its values are, what is selected for it, and who decodes it.
 * Types are known by the object ids that every server has built in (catalog/pg_type.dat); whatever
 * is not in the table is selected as what its output function makes of it.
 *
 * @param asText whether the text of its output function is selected for COPY, and not the value
 * @param binary makes a decoder of the binary form of what is selected
 * @param text makes a decoder of its text form
 * @param fixedWidth whether no value is longer than some dozens of bytes
 * @param steps what {@link #of} made it of, and makes it of again where it is deserialized; empty
 *     for {@link #JSON_PATH}
 */
record PostgresType(
    ColumnType columnType,
    boolean asText,
    Function<BinaryValues, CellDecoder> binary,
    Function<TextValues, CellDecoder> text,
    boolean fixedWidth,
    List<Step> steps)
    implements Serializable {
  private static final long serialVersionUID = 1L;

  static final int BYTEA = 17;
  private static final int NUMERIC = 1700;

  /** VARHDRSZ, which every modifier has on top. */
  private static final int MODIFIER_HEADER = 4;

  private static final int INT2VECTOR = 22;
  private static final int OIDVECTOR = 30;

  /** What is selected for a path: the text of a JSON value, white space included. */
  static final PostgresType JSON_PATH = jsonText(Simple.JSON_PATH, 0);

  private static final PostgresType AS_TEXT = selectedAsText(Simple.TEXT);

  private static final Map<Integer, PostgresType> BUILT_IN =
      Map.ofEntries(
          Map.entry(16, fixed(Simple.BOOLEAN, v -> BinaryValues::bool, v -> TextValues::bool)),
          Map.entry(BYTEA, variable(Simple.BINARY, Base64Text::write)),
          Map.entry(19, variable(Simple.TEXT, CellDecoder.VERBATIM)),
          Map.entry(20, fixed(Simple.INT64, v -> v::int8, v -> CellDecoder.VERBATIM)),
          Map.entry(21, fixed(Simple.INT16, v -> v::int2, v -> CellDecoder.VERBATIM)),
          Map.entry(23, fixed(Simple.INT32, v -> v::int4, v -> CellDecoder.VERBATIM)),
          Map.entry(25, variable(Simple.TEXT, CellDecoder.VERBATIM)),
          Map.entry(26, fixed(Simple.INT64, v -> v::oid, v -> CellDecoder.VERBATIM)),
          Map.entry(114, json(0)),
          Map.entry(700, selectedAsText(Simple.FLOAT32)),
          Map.entry(701, selectedAsText(Simple.FLOAT64)),
          Map.entry(1042, variable(Simple.TEXT, CellDecoder.VERBATIM)),
          Map.entry(1043, variable(Simple.TEXT, CellDecoder.VERBATIM)),
          Map.entry(1082, fixed(Simple.DATE, v -> v::date, v -> v::date)),
          Map.entry(1083, fixed(Simple.TIME, v -> v::time, v -> CellDecoder.VERBATIM)),
          Map.entry(1114, fixed(Simple.LOCAL_TIMESTAMP, v -> v::timestamp, v -> v::date)),
          Map.entry(1184, fixed(Simple.INSTANT, v -> v::timestamptz, v -> v::date)),
          Map.entry(1186, selectedAsText(Simple.TEMPORAL)),
          Map.entry(1266, selectedAsText(Simple.TEMPORAL)),
          Map.entry(NUMERIC, numeric(Simple.NUMBER)),
          Map.entry(2950, fixed(Simple.UUID, v -> BinaryValues::uuid, v -> CellDecoder.VERBATIM)),
          // The binary form of jsonb is a version byte before the text (jsonb_send).
          Map.entry(3802, json(1)));

  /**
   * A type without its domains.
   *
   * @param delimiter what stands between values of it in an array's text
   * @param modifier what was declared with it, such as a precision; -1 for nothing
   */
  record Step(int oid, char delimiter, int modifier) implements Serializable {
    private static final long serialVersionUID = 1L;
  }

  private record Form(List<Step> steps) implements Serializable {
    private static final long serialVersionUID = 1L;

    private Object readResolve() {
      return steps.isEmpty() ? JSON_PATH : of(steps);
    }
  }

  private Object writeReplace() {
    return new Form(steps);
  }

  /**
   * The type of a column.
   *
   * @param steps the column's type; if that is an array, its elements' type; if that is (by a
   *     domain) an array, its elements' type; and so on
   */
  static PostgresType of(List<Step> steps) {
    PostgresType type = ofSteps(steps);
    return new PostgresType(
        type.columnType, type.asText, type.binary, type.text, type.fixedWidth, List.copyOf(steps));
  }

  private static PostgresType ofSteps(List<Step> steps) {
    Step type = steps.get(0);
    if (steps.size() > 1 && type.oid() != INT2VECTOR && type.oid() != OIDVECTOR) {
      return arrayOf(steps.get(1), of(steps.subList(1, steps.size())));
    }
    if (type.oid() == NUMERIC) {
      return numeric(decimal(type.modifier()));
    }
    return BUILT_IN.getOrDefault(type.oid(), AS_TEXT);
  }

  /**
   * What a modifier of numeric says (utils/adt/numeric.c, make_numeric_typmod): 16 bits of
   * precision, 11 bits of scale with a sign. A scale that is negative leaves zeros before the
   * point, one above the precision zeros behind it.
   */
  private static ColumnType decimal(int modifier) {
    if (modifier < MODIFIER_HEADER) {
      return Simple.NUMBER;
    }
    int precision = ((modifier - MODIFIER_HEADER) >> 16) & 0xFFFF;
    int scale = (((modifier - MODIFIER_HEADER) & 0x7FF) ^ 1024) - 1024;
    return scale < 0
        ? new ColumnType.Decimal(precision - scale, 0)
        : new ColumnType.Decimal(Math.max(precision, scale), scale);
  }

  /** How the values' canonical text may be written. */
  Kind kind() {
    return columnType.kind();
  }

  /** Whether its bytes are the value, and not text. */
  boolean isBytea() {
    return kind() == Kind.BINARY;
  }

  private static PostgresType arrayOf(Step elementType, PostgresType element) {
    byte delimiter = (byte) elementType.delimiter();
    Function<TextValues, CellDecoder> text =
        values ->
            new ArrayValues(
                    element.kind(),
                    elementType.oid() == BYTEA ? values::hex : element.text.apply(values),
                    delimiter)
                ::text;
    Function<BinaryValues, CellDecoder> binary =
        element.asText
            ? values -> text.apply(new TextValues())
            : values ->
                new ArrayValues(element.kind(), element.binary.apply(values), delimiter)::binary;
    return new PostgresType(
        new ColumnType.Array(element.columnType), element.asText, binary, text, false, List.of());
  }

  private static PostgresType fixed(
      ColumnType type,
      Function<BinaryValues, CellDecoder> binary,
      Function<TextValues, CellDecoder> text) {
    return new PostgresType(type, false, binary, text, true, List.of());
  }

  private static PostgresType numeric(ColumnType type) {
    return new PostgresType(
        type, false, v -> v::numeric, v -> CellDecoder.VERBATIM, false, List.of());
  }

  private static PostgresType variable(ColumnType type, CellDecoder decoder) {
    return new PostgresType(type, false, values -> decoder, values -> decoder, false, List.of());
  }

  private static PostgresType selectedAsText(ColumnType type) {
    return new PostgresType(
        type,
        true,
        values -> CellDecoder.VERBATIM,
        values -> CellDecoder.VERBATIM,
        false,
        List.of());
  }

  private static PostgresType json(int binaryPrefixBytes) {
    return jsonText(Simple.JSON, binaryPrefixBytes);
  }

  private static PostgresType jsonText(ColumnType type, int binaryPrefixBytes) {
    return new PostgresType(
        type,
        false,
        values -> new JsonCells(binaryPrefixBytes),
        values -> new JsonCells(0),
        false,
        List.of());
  }

  private static final class JsonCells implements CellDecoder {
    private final int prefixBytes;
    private final JsonCompactor compactor = new JsonCompactor();

    JsonCells(int prefixBytes) {
      this.prefixBytes = prefixBytes;
    }

    @Override
    public void decode(byte[] bytes, int offset, int length, ByteSink text) throws IOException {
      compactor.reset();
      compactor.write(bytes, offset + prefixBytes, length - prefixBytes, text);
    }
  }
}
