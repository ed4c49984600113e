package io.polystream.export;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.polystream.format.Formats;
import io.polystream.output.Compression;
import io.polystream.output.Destination;
import io.polystream.source.DatabaseUrl;
import io.polystream.source.ReadMode;
import io.polystream.source.TableName;
import java.io.ByteArrayInputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/** Builds requests that differ in one thing or two. */
final class Requests {
  static final String SECRET = "s3cr3t";

  private List<ColumnSelection> columns = List.of();
  private Optional<String> where = Optional.empty();
  private OptionalLong limit = OptionalLong.empty();
  private OptionalLong rowCeiling = OptionalLong.empty();
  private String format = "csv";
  private Map<String, String> formatOptions = Map.of();
  private Compression compression = Compression.NONE;
  private int parallelism = 2;
  private boolean allowEmpty;
  private Path file = Path.of("orders.csv");
  private Optional<Path> manifest = Optional.empty();

  private Requests() {}

  /** All of a table as CSV, two readers, an empty export refused, an old file replaced. */
  static Requests plain() {
    return new Requests();
  }

  /** As {@code --columns} has it. */
  Requests columns(String list) {
    columns = ColumnSelection.parseList(list);
    return this;
  }

  /** The columns of a request document. */
  Requests document(String json) {
    columns =
        RequestDocument.parse(
                new ByteArrayInputStream(json.getBytes(UTF_8)),
                "request",
                RequestDocument.Door.COMMAND_LINE)
            .columns();
    return this;
  }

  Requests where(String predicate) {
    where = Optional.of(predicate);
    return this;
  }

  Requests limit(long rows) {
    limit = OptionalLong.of(rows);
    return this;
  }

  Requests rowCeiling(long rows) {
    rowCeiling = OptionalLong.of(rows);
    return this;
  }

  Requests format(String name, Map<String, String> options) {
    format = name;
    formatOptions = options;
    return this;
  }

  Requests compression(Compression.Method method) {
    compression = Compression.of(method, OptionalInt.empty());
    return this;
  }

  Requests parallelism(int readers) {
    parallelism = readers;
    return this;
  }

  Requests allowEmpty() {
    allowEmpty = true;
    return this;
  }

  Requests into(Path newFile, Path newManifest) {
    file = newFile;
    manifest = Optional.of(newManifest);
    return this;
  }

  ExportRequest request() {
    return new ExportRequest(
        DatabaseUrl.parse("postgresql://me:" + SECRET + "@h/d"),
        new ExportRequest.Selection(
            TableName.parse("orders"), columns, Optional.empty(), where, limit),
        Formats.byName(format),
        formatOptions,
        compression,
        new Destination.File(file, true, manifest),
        allowEmpty,
        new ExportRequest.Reading(ReadMode.AUTO, parallelism, rowCeiling),
        RunnerChoice.DIRECT);
  }
}
