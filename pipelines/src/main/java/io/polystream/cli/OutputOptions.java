package io.polystream.cli;

import io.polystream.export.RequestDocument;
import io.polystream.output.Compression;
import java.util.Iterator;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.stream.Stream;
import picocli.CommandLine.Option;

/** The flags that say where an export goes, and how its bytes are compressed. */
final class OutputOptions {
  /** The values of {@code --compression}, for completion. */
  static final class CompressionNames implements Iterable<String> {
    @Override
    public Iterator<String> iterator() {
      return Stream.of(Compression.Method.values()).map(Compression.Method::label).iterator();
    }
  }

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FILE|DIR/|-",
      description =
          "A file, a directory for many files, or - for standard output. Default: the table's name"
              + " with the extensions of format and compression.")
  private String output;

  @Option(names = "--overwrite", description = "Replace existing files, once the new one is whole.")
  private Boolean overwrite;

  @Option(names = "--manifest", paramLabel = "FILE", description = "Keep the manifest there.")
  private String manifest;

  @Option(
      names = "--compression",
      paramLabel = "METHOD",
      completionCandidates = CompressionNames.class,
      description =
          "none, gzip or zstd. Without it: the output's extension (.gz, .zst), else none.")
  private String compression;

  @Option(
      names = "--compression-level",
      paramLabel = "N",
      description = "gzip: 1 to 9, default 6; zstd: 1 to 19, default 3.")
  private Integer compressionLevel;

  @Option(
      names = "--max-file-bytes",
      paramLabel = "SIZE",
      converter = ByteSizeConverter.class,
      description = "With -o DIR/: begin another file before one is larger, such as 1GiB.")
  private Long maxFileBytes;

  @Option(
      names = "--max-file-rows",
      paramLabel = "N",
      description = "With -o DIR/: at most so many rows in a file.")
  private Long maxFileRows;

  RequestDocument.Output output() {
    return new RequestDocument.Output(
        Optional.ofNullable(output),
        Optional.ofNullable(overwrite),
        Optional.ofNullable(manifest),
        maxFileBytes == null ? OptionalLong.empty() : OptionalLong.of(maxFileBytes),
        maxFileRows == null ? OptionalLong.empty() : OptionalLong.of(maxFileRows));
  }

  RequestDocument.Compressing compression() {
    return new RequestDocument.Compressing(
        Optional.ofNullable(compression)
            .map(name -> Compression.Method.byLabel(name.toLowerCase(Locale.ROOT))),
        compressionLevel == null ? OptionalInt.empty() : OptionalInt.of(compressionLevel));
  }
}
