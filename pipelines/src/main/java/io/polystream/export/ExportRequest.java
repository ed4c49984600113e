package io.polystream.export;

import static io.polystream.error.PolyStreamException.configuration;

import com.fasterxml.jackson.databind.JsonNode;
import io.polystream.format.Format;
import io.polystream.format.FormatOption.Spelling;
import io.polystream.format.Formats;
import io.polystream.output.Compression;
import io.polystream.output.Destination;
import io.polystream.source.DatabaseUrl;
import io.polystream.source.Filter;
import io.polystream.source.ReadMode;
import io.polystream.source.TableName;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What the user asks for, validated as far as it can be without a database.
 *
 * @param formatOptions by name, as {@link Format#options} has them
 * @param allowEmpty whether a source without rows becomes a file, and not a failure
 */
public record ExportRequest(
    DatabaseUrl database,
    Selection selection,
    Format format,
    Map<String, String> formatOptions,
    Compression compression,
    Destination destination,
    boolean allowEmpty,
    Reading reading,
    RunnerChoice runner) {
  /**
   * Which rows and columns.
   *
   * @param columns in the file's order, at most {@value #MOST_COLUMNS}; empty means all the table
   *     has
   * @param filter only rows that it lets through
   * @param where an SQL predicate by somebody who owns the connection; with a filter, both must
   *     hold
   * @param limit at most so many rows
   */
  public record Selection(
      TableName table,
      List<ColumnSelection> columns,
      Optional<Filter> filter,
      Optional<String> where,
      OptionalLong limit) {
    /** What a PostgreSQL table has at most (MaxHeapAttributeNumber), and about what a query has. */
    public static final int MOST_COLUMNS = 1600;

    public Selection {
      columns = List.copyOf(columns);
      if (columns.size() > MOST_COLUMNS) {
        throw configuration(
            "columns: an export has at most " + MOST_COLUMNS + ", not " + columns.size());
      }
      where.ifPresent(
          predicate -> {
            if (predicate.isBlank()) {
              throw configuration("where: the predicate is empty; leave it out for all rows");
            }
          });
      requirePositive("limit", limit);
    }

    /** The filter as it is written in a request document. */
    public Optional<JsonNode> filterTree() {
      return filter.map(FilterDocument::tree);
    }

    /** What keeps rows out, for people: empty when nothing does. */
    String restriction() {
      if (filter.isPresent()) {
        return where.isPresent() ? "the filter and --where let through" : "the filter lets through";
      }
      return where.isPresent() ? "--where lets through" : "";
    }
  }

  /**
   * How the database is read.
   *
   * @param parallelism readers at once, 1 to {@value #MOST_READERS}
   * @param rowCeiling the most rows any export may have here, whatever its limit
   */
  public record Reading(ReadMode mode, int parallelism, OptionalLong rowCeiling) {
    /** Each reader is a connection and a buffer; more than this the memory limit does not hold. */
    public static final int MOST_READERS = 4;

    public Reading {
      if (parallelism < 1 || parallelism > MOST_READERS) {
        throw configuration("parallelism must be 1 to " + MOST_READERS + ", not " + parallelism);
      }
      requirePositive("EXPORT_ROW_LIMIT", rowCeiling);
    }

    /** As many readers as the machine has cores, within the bounds. */
    public static int defaultParallelism() {
      return Math.min(MOST_READERS, Runtime.getRuntime().availableProcessors());
    }
  }

  public ExportRequest {
    formatOptions = Map.copyOf(formatOptions);
    Formats.requireOptions(format, formatOptions);
    requireCompression(format, compression.method());
  }

  /**
   * Checks that files of the format can be compressed so.
   *
   * @throws io.polystream.error.PolyStreamException of kind {@code CONFIGURATION} otherwise
   */
  static void requireCompression(Format format, Compression.Method method) {
    if (method != Compression.Method.NONE) {
      Formats.compressionProblem(format, "leave compression out", Spelling.FIELD)
          .ifPresent(
              problem -> {
                throw configuration(problem);
              });
    }
  }

  /** The same of another database. */
  public ExportRequest withDatabase(DatabaseUrl other) {
    return new ExportRequest(
        other,
        selection,
        format,
        formatOptions,
        compression,
        destination,
        allowEmpty,
        reading,
        runner);
  }

  /** The limit of the request or the ceiling of the installation, whichever is lower. */
  public OptionalLong maxRows() {
    OptionalLong limit = selection.limit();
    OptionalLong ceiling = reading.rowCeiling();
    if (limit.isPresent() && ceiling.isPresent()) {
      return OptionalLong.of(Math.min(limit.getAsLong(), ceiling.getAsLong()));
    }
    return limit.isPresent() ? limit : ceiling;
  }

  private static void requirePositive(String name, OptionalLong value) {
    if (value.isPresent() && value.getAsLong() < 1) {
      throw configuration(name + " must be 1 or more, not " + value.getAsLong());
    }
  }
}
