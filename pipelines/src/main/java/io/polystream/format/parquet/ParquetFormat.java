package io.polystream.format.parquet;

import static io.polystream.error.PolyStreamException.configuration;

import io.polystream.format.Encoding;
import io.polystream.format.Format;
import io.polystream.format.FormatOption;
import io.polystream.row.Column;
import io.polystream.row.ColumnType;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Apache Parquet: typed columns in row groups, with statistics and page indexes. */
public final class ParquetFormat implements Format {
  private static final String CODEC = "parquetCodec";
  private static final String DECIMAL = "parquetDecimal";
  private static final Pattern PRECISION_AND_SCALE = Pattern.compile("([0-9]{1,4}),([0-9]{1,4})");
  private static final FormatOption CODEC_OPTION =
      FormatOption.oneOf(
          CODEC, ParquetCodec.labels(), "parquet: how pages are compressed. Default: snappy.");
  private static final byte[] NOTHING = {};

  /** A reader keeps a group until it is whole; four of them, in the heap that they have. */
  private static final int GROUP_BYTES = 8 * 1024 * 1024;

  @Override
  public String name() {
    return "parquet";
  }

  @Override
  public String extension() {
    return "parquet";
  }

  @Override
  public String contentType() {
    return "application/vnd.apache.parquet";
  }

  @Override
  public List<FormatOption> options() {
    return List.of(
        CODEC_OPTION,
        FormatOption.of(
            DECIMAL,
            "precision,scale",
            "parquet: numbers without a declared precision get this one, such as 38,10, and not"
                + " text."));
  }

  @Override
  public Optional<FormatOption> ownCompression() {
    return Optional.of(CODEC_OPTION);
  }

  @Override
  public Encoding encoding(List<Column> columns, Map<String, String> options) {
    List<Column> fixed = List.copyOf(columns);
    ParquetCodec codec = ParquetCodec.byLabel(options.getOrDefault(CODEC, "snappy"));
    ParquetLayout layout =
        new ParquetLayout(
            fixed,
            Optional.ofNullable(options.get(DECIMAL)).map(ParquetFormat::decimal),
            codec.pageBytes());
    return new Encoding(
        ParquetFooter.MAGIC,
        NOTHING,
        new ParquetFooter(layout, createdBy()),
        GROUP_BYTES,
        () -> new RowGroupEncoder(fixed, layout, codec));
  }

  private static ColumnType.Decimal decimal(String value) {
    Matcher found = PRECISION_AND_SCALE.matcher(value);
    if (found.matches()) {
      int precision = Integer.parseInt(found.group(1));
      int scale = Integer.parseInt(found.group(2));
      if (precision >= 1 && precision <= StoredType.MOST_DECIMAL_DIGITS && scale <= precision) {
        return new ColumnType.Decimal(precision, scale);
      }
    }
    throw configuration(
        "must be precision,scale, 1 to "
            + StoredType.MOST_DECIMAL_DIGITS
            + " digits and not more of them after the point, such as 38,10, not \""
            + value
            + "\"");
  }

  private static String createdBy() {
    String version = ParquetFormat.class.getPackage().getImplementationVersion();
    return "PolyStream version " + (version == null ? "development" : version);
  }
}
