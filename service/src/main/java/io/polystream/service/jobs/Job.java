package io.polystream.service.jobs;

import io.polystream.format.Format;
import io.polystream.output.Compression;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * An export that somebody asked for, as the store remembers it. Immutable.
 *
 * @param number in the order of asking, from 1
 * @param request the document as it was sent, in JSON
 * @param fileName what a download is to be called, if somebody said so
 * @param isOneShot whether it lives as long as its download only
 * @param attempts how often it was begun
 * @param queueSeconds how long it waited for its turn, once it had it
 * @param progress at the end; while it runs, {@link JobRunner#progress} knows
 * @param file when it is completed; what it was, when it is expired
 */
public record Job(
    long number,
    UUID id,
    JobStatus status,
    String request,
    Format format,
    Compression.Method compression,
    Optional<String> fileName,
    boolean isOneShot,
    int attempts,
    Instant createdAt,
    Optional<Instant> startedAt,
    Optional<Instant> finishedAt,
    double queueSeconds,
    Progress progress,
    Optional<JobFile> file,
    Optional<JobFailure> failure) {
  /**
   * How far it is.
   *
   * @param bytes in the file
   * @param seconds since it began to run
   */
  public record Progress(
      long rows, long bytes, int partitionsDone, int partitionsTotal, double seconds) {
    public static final Progress NONE = new Progress(0, 0, 0, 0, 0);

    public long rowsPerSecond() {
      return seconds > 0 ? Math.round(rows / seconds) : 0;
    }
  }

  /**
   * A whole file.
   *
   * @param crc32c of all its bytes
   * @param limited whether there were more rows than the request, or the service, let through
   * @param warnings what else those who read it have to know, one line each
   */
  public record JobFile(long bytes, int crc32c, boolean limited, List<String> warnings) {
    public JobFile {
      warnings = List.copyOf(warnings);
    }
  }
}
