package io.polystream.format.parquet;

import static io.polystream.error.PolyStreamException.configuration;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.apache.parquet.format.CompressionCodec;

/** How the pages of a file are compressed (parquet-format, Compression.md). */
enum ParquetCodec {
  SNAPPY(CompressionCodec.SNAPPY),
  ZSTD(CompressionCodec.ZSTD),
  GZIP(CompressionCodec.GZIP),
  NONE(CompressionCodec.UNCOMPRESSED);

  private final CompressionCodec inFile;

  ParquetCodec(CompressionCodec inFile) {
    this.inFile = inFile;
  }

  /** What people call it: the value of {@code --parquet-codec}. */
  private String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** The names of all, for help and errors. */
  static List<String> labels() {
    return Arrays.stream(values()).map(ParquetCodec::label).toList();
  }

  /**
   * Finds a codec by its name.
   *
   * @throws io.polystream.error.PolyStreamException as {@link io.polystream.format.Format#encoding}
   */
  static ParquetCodec byLabel(String label) {
    return Arrays.stream(values())
        .filter(codec -> codec.label().equals(label))
        .findFirst()
        .orElseThrow(
            () ->
                configuration(
                    "must be one of " + String.join(", ", labels()) + ", not \"" + label + "\""));
  }

  /** What the footer calls it. */
  CompressionCodec inFile() {
    return inFile;
  }

  /** Compresses the pages of one reader. */
  PageCompressor newCompressor() {
    return switch (this) {
      case SNAPPY -> new PageCompressor.Snappy();
      case ZSTD -> new PageCompressor.Zstandard();
      case GZIP -> new PageCompressor.Gzip();
      case NONE -> new PageCompressor.Stored();
    };
  }
}
