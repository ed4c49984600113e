package io.polystream.export;

import io.polystream.output.ExportFile;
import io.polystream.source.Consistency;
import java.time.Instant;
import java.util.List;

/**
 * What a finished export was.
 *
 * @param output what people call it: a path, or {@code -}
 * @param files in order, at least one
 * @param seconds from the plan to the file
 * @param limited whether the source has more rows than the limit let through
 * @param replacedCharacters how many characters the format could not hold
 * @param warnings one sentence each
 */
public record ExportSummary(
    String output,
    List<ExportFile> files,
    Instant startedAt,
    double seconds,
    int partitions,
    Consistency.Level consistency,
    boolean limited,
    long replacedCharacters,
    List<String> warnings) {
  public ExportSummary {
    files = List.copyOf(files);
    warnings = List.copyOf(warnings);
  }

  public long rows() {
    return files.stream().mapToLong(ExportFile::rows).sum();
  }

  /** Of all files together. */
  public long bytes() {
    return files.stream().mapToLong(ExportFile::bytes).sum();
  }

  public long rowsPerSecond() {
    return Math.round(rows() / Math.max(seconds, 1e-3));
  }
}
