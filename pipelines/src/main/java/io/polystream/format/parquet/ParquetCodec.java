package io.polystream.format.parquet;

import static io.polystream.error.PolyStreamException.configuration;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.apache.parquet.format.CompressionCodec;

/** How the pages of a file are compressed (parquet-format, Compression.md). */
enum ParquetCodec {
  SNAPPY(CompressionCodec.SNAPPY, PageBytes.SMALL),
  // Zstandard at its usual level looks back 2 MiB, but not beyond its page (docs/benchmarks.md).
  ZSTD(CompressionCodec.ZSTD, PageBytes.LARGE),
  GZIP(CompressionCodec.GZIP, PageBytes.SMALL),
  NONE(CompressionCodec.UNCOMPRESSED, PageBytes.SMALL);

  private final CompressionCodec inFile;
  private final int pageBytes;

  ParquetCodec(CompressionCodec inFile, int pageBytes) {
    this.inFile = inFile;
    this.pageBytes = pageBytes;
  }

  private static final class PageBytes {
    /** Readers that look for something unpack few rows in vain. */
    static final int SMALL = 128 * 1024;

    static final int LARGE = 2 * 1024 * 1024;
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

  /** About how much a page holds, unpacked. */
  int pageBytes() {
    return pageBytes;
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
