package io.polystream.format.parquet;

import io.polystream.row.ColumnType;
import io.polystream.row.ColumnType.Simple;
import java.util.Optional;
import java.util.function.Supplier;
import org.apache.parquet.format.ConvertedType;
import org.apache.parquet.format.DateType;
import org.apache.parquet.format.DecimalType;
import org.apache.parquet.format.IntType;
import org.apache.parquet.format.JsonType;
import org.apache.parquet.format.LogicalType;
import org.apache.parquet.format.MicroSeconds;
import org.apache.parquet.format.SchemaElement;
import org.apache.parquet.format.StringType;
import org.apache.parquet.format.TimeType;
import org.apache.parquet.format.TimeUnit;
import org.apache.parquet.format.TimestampType;
import org.apache.parquet.format.UUIDType;
import org.apache.parquet.schema.LogicalTypeAnnotation;
import org.apache.parquet.schema.PrimitiveType;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;
import org.apache.parquet.schema.Type.Repetition;

/**
 * How values of a type are stored (parquet-format, LogicalTypes.md): what the footer says of them,
 * what the column writer has to know, and who makes values of canonical texts.
 *
 * @param annotation tells the column writer how values compare; null for as they are
 * @param logicalType null for none
 * @param convertedType the same for readers older than logical types; null for none
 * @param bounds what is kept of the values, so that readers can leave pages and groups out
 * @param writers makes what one reader writes values with
 */
record StoredType(
    PrimitiveTypeName physical,
    int fixedBytes,
    LogicalTypeAnnotation annotation,
    LogicalType logicalType,
    ConvertedType convertedType,
    Bounds bounds,
    Supplier<ValueWriter> writers) {
  /** What is known of the values of a page, besides how many are NULL. */
  enum Bounds {
    /** The least and the greatest value. */
    EXACT,
    /** The beginnings of them: values may have megabytes. */
    TEXT,
    /** Nothing: documents and bytes are not looked for by order. */
    NONE
  }

  /** The most digits that readers have a type for: 16 bytes. */
  static final int MOST_DECIMAL_DIGITS = 38;

  private static final int MOST_INT32_DIGITS = 9;
  private static final int MOST_INT64_DIGITS = 18;
  private static final int UUID_BYTES = 16;

  private static final TimeUnit MICROS = TimeUnit.MICROS(new MicroSeconds());

  /**
   * How a column's values, or the elements of its arrays, are stored.
   *
   * @param numbers what numbers without a declared precision are; empty for texts
   */
  static StoredType of(ColumnType type, Optional<ColumnType.Decimal> numbers) {
    if (type instanceof ColumnType.Decimal decimal) {
      return decimal.precision() > MOST_DECIMAL_DIGITS ? text(TextValues::text) : of(decimal);
    }
    if (type instanceof ColumnType.Array) {
      return text(TextValues::text);
    }
    return switch ((Simple) type) {
      case INT16 -> integer(16, ConvertedType.INT_16);
      case INT32 -> integer(32, ConvertedType.INT_32);
      case INT64 ->
          plain(
              PrimitiveTypeName.INT64,
              LogicalTypeAnnotation.intType(64, true),
              LogicalType.INTEGER(new IntType((byte) 64, true)),
              ConvertedType.INT_64,
              () -> Numbers::int64);
      case FLOAT32 -> plain(PrimitiveTypeName.FLOAT, null, null, null, () -> Numbers::float32);
      case FLOAT64 -> plain(PrimitiveTypeName.DOUBLE, null, null, null, () -> Numbers::float64);
      case NUMBER -> numbers.map(StoredType::of).orElseGet(() -> text(TextValues::text));
      case BOOLEAN -> plain(PrimitiveTypeName.BOOLEAN, null, null, null, () -> TextValues::bool);
      case DATE ->
          plain(
              PrimitiveTypeName.INT32,
              LogicalTypeAnnotation.dateType(),
              LogicalType.DATE(new DateType()),
              ConvertedType.DATE,
              () -> new Times()::date);
      case TIME ->
          plain(
              PrimitiveTypeName.INT64,
              LogicalTypeAnnotation.timeType(false, LogicalTypeAnnotation.TimeUnit.MICROS),
              LogicalType.TIME(new TimeType(false, MICROS)),
              null,
              () -> new Times()::time);
      case LOCAL_TIMESTAMP -> timestamp(false, null);
      case INSTANT -> timestamp(true, ConvertedType.TIMESTAMP_MICROS);
      case UUID ->
          fixed(
              UUID_BYTES,
              LogicalTypeAnnotation.uuidType(),
              LogicalType.UUID(new UUIDType()),
              null,
              () -> new BinaryValues()::uuid);
      case TEXT, TEMPORAL, JSON_PATH -> text(TextValues::text);
      case JSON ->
          new StoredType(
              PrimitiveTypeName.BINARY,
              0,
              LogicalTypeAnnotation.jsonType(),
              LogicalType.JSON(new JsonType()),
              ConvertedType.JSON,
              Bounds.NONE,
              () -> TextValues::text);
      case BINARY ->
          new StoredType(
              PrimitiveTypeName.BINARY,
              0,
              null,
              null,
              null,
              Bounds.NONE,
              () -> new BinaryValues()::base64);
    };
  }

  private static StoredType of(ColumnType.Decimal decimal) {
    int precision = decimal.precision();
    int scale = decimal.scale();
    LogicalTypeAnnotation annotation = LogicalTypeAnnotation.decimalType(scale, precision);
    LogicalType logicalType = LogicalType.DECIMAL(new DecimalType(scale, precision));
    Supplier<ValueWriter> writers = () -> new DecimalValues(precision, scale);
    if (precision <= MOST_INT64_DIGITS) {
      return plain(
          precision <= MOST_INT32_DIGITS ? PrimitiveTypeName.INT32 : PrimitiveTypeName.INT64,
          annotation,
          logicalType,
          ConvertedType.DECIMAL,
          writers);
    }
    return fixed(
        DecimalValues.fixedBytes(precision),
        annotation,
        logicalType,
        ConvertedType.DECIMAL,
        writers);
  }

  private static StoredType integer(int bits, ConvertedType convertedType) {
    return plain(
        PrimitiveTypeName.INT32,
        LogicalTypeAnnotation.intType(bits, true),
        LogicalType.INTEGER(new IntType((byte) bits, true)),
        convertedType,
        () -> Numbers::int32);
  }

  private static StoredType timestamp(boolean utc, ConvertedType convertedType) {
    return plain(
        PrimitiveTypeName.INT64,
        LogicalTypeAnnotation.timestampType(utc, LogicalTypeAnnotation.TimeUnit.MICROS),
        LogicalType.TIMESTAMP(new TimestampType(utc, MICROS)),
        convertedType,
        () -> new Times()::timestamp);
  }

  private static StoredType text(ValueWriter writer) {
    return new StoredType(
        PrimitiveTypeName.BINARY,
        0,
        LogicalTypeAnnotation.stringType(),
        LogicalType.STRING(new StringType()),
        ConvertedType.UTF8,
        Bounds.TEXT,
        () -> writer);
  }

  private static StoredType plain(
      PrimitiveTypeName physical,
      LogicalTypeAnnotation annotation,
      LogicalType logicalType,
      ConvertedType convertedType,
      Supplier<ValueWriter> writers) {
    return new StoredType(
        physical, 0, annotation, logicalType, convertedType, Bounds.EXACT, writers);
  }

  private static StoredType fixed(
      int bytes,
      LogicalTypeAnnotation annotation,
      LogicalType logicalType,
      ConvertedType convertedType,
      Supplier<ValueWriter> writers) {
    return new StoredType(
        PrimitiveTypeName.FIXED_LEN_BYTE_ARRAY,
        bytes,
        annotation,
        logicalType,
        convertedType,
        Bounds.EXACT,
        writers);
  }

  /** What the column writer takes it for. */
  PrimitiveType columnType(String name) {
    PrimitiveType type =
        fixedBytes > 0
            ? new PrimitiveType(Repetition.OPTIONAL, physical, fixedBytes, name)
            : new PrimitiveType(Repetition.OPTIONAL, physical, name);
    return annotation == null ? type : type.withLogicalTypeAnnotation(annotation);
  }

  /** What the footer says of it; the caller adds a name and how often it occurs. */
  SchemaElement schemaElement() {
    SchemaElement element = new SchemaElement();
    element.setType(org.apache.parquet.format.Type.valueOf(physicalInFile()));
    if (fixedBytes > 0) {
      element.setType_length(fixedBytes);
    }
    if (logicalType != null) {
      element.setLogicalType(logicalType);
    }
    if (convertedType != null) {
      element.setConverted_type(convertedType);
    }
    if (annotation instanceof LogicalTypeAnnotation.DecimalLogicalTypeAnnotation decimal) {
      element.setPrecision(decimal.getPrecision());
      element.setScale(decimal.getScale());
    }
    return element;
  }

  private String physicalInFile() {
    return physical == PrimitiveTypeName.BINARY ? "BYTE_ARRAY" : physical.name();
  }
}
