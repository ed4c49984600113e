package io.polystream.testing;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.databind.JsonNode;
import io.polystream.error.ErrorKind;
import io.polystream.error.PolyStreamException;
import io.polystream.export.ColumnSelection;
import io.polystream.export.ExportRequest;
import io.polystream.export.ExportSummary;
import io.polystream.export.Exporter;
import io.polystream.export.RequestDocument;
import io.polystream.export.RunnerChoice;
import io.polystream.format.Format;
import io.polystream.format.Formats;
import io.polystream.output.Compression;
import io.polystream.output.Destination;
import io.polystream.source.DatabaseUrl;
import io.polystream.source.Filter;
import io.polystream.source.ReadMode;
import io.polystream.source.TableName;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * One export through the library, in this process, into a new file of the test's directory.
 * Whatever every export must be is checked for each: see {@link ExportedFile}.
 */
public final class TestExport {
  private static final AtomicInteger FILES = new AtomicInteger();

  private final PostgresExtension postgres;
  private final String table;
  private DatabaseUrl url;
  private List<ColumnSelection> columns = List.of();
  private Optional<Filter> filter = Optional.empty();
  private Optional<String> where = Optional.empty();
  private OptionalLong limit = OptionalLong.empty();
  private OptionalLong rowCeiling = OptionalLong.empty();
  private Format format = Formats.byName("csv");
  private Map<String, String> formatOptions = Map.of();
  private Compression compression = Compression.NONE;
  private ReadMode mode = ReadMode.AUTO;
  private int parallelism = 2;
  private boolean allowEmpty = true;
  private RunnerChoice runner = RunnerChoice.DIRECT;

  private TestExport(PostgresExtension postgres, String table) {
    this.postgres = postgres;
    this.table = table;
    url = postgres.url();
  }

  /**
   * Two readers, CSV, empty exports allowed.
   *
   * @param table as a person writes it
   */
  public static TestExport of(PostgresExtension postgres, String table) {
    return new TestExport(postgres, table);
  }

  public TestExport as(String role) {
    url = postgres.url(role);
    return this;
  }

  /** Through another door than the server's own. */
  public TestExport at(DatabaseUrl door) {
    url = door;
    return this;
  }

  /** As {@code --columns} has it. */
  public TestExport columns(String list) {
    columns = ColumnSelection.parseList(list);
    return this;
  }

  /** As {@code filter} of a request document has it. */
  public TestExport filter(String json) {
    byte[] document = ("{\"filter\":" + json + "}").getBytes(UTF_8);
    filter =
        RequestDocument.parse(
                new ByteArrayInputStream(document), "request", RequestDocument.Door.COMMAND_LINE)
            .filter();
    return this;
  }

  public TestExport where(String predicate) {
    where = Optional.of(predicate);
    return this;
  }

  public TestExport limit(long rows) {
    limit = OptionalLong.of(rows);
    return this;
  }

  public TestExport rowCeiling(long rows) {
    rowCeiling = OptionalLong.of(rows);
    return this;
  }

  public TestExport format(String name) {
    format = Formats.byName(name);
    return this;
  }

  public TestExport formatOptions(Map<String, String> options) {
    formatOptions = options;
    return this;
  }

  public TestExport compression(Compression wanted) {
    compression = wanted;
    return this;
  }

  public TestExport read(ReadMode readMode) {
    mode = readMode;
    return this;
  }

  public TestExport parallelism(int readers) {
    parallelism = readers;
    return this;
  }

  public TestExport runner(RunnerChoice choice) {
    runner = choice;
    return this;
  }

  public TestExport refuseEmpty() {
    allowEmpty = false;
    return this;
  }

  /** Runs the export and checks what came out. */
  public ExportedFile run() throws IOException {
    return into(newFile());
  }

  /** Runs the export into a file, with its manifest beside it. */
  public ExportedFile into(Path file) throws IOException {
    ExportSummary summary = exporter(file).run();
    JsonNode manifest = ExportedFile.json(Files.readAllBytes(manifestOf(file)));
    ExportedFile exported = new ExportedFile(file, manifest, summary);
    exported.requireWhole();
    return exported;
  }

  /** Runs an export that must fail so, and checks that nothing came out. */
  public PolyStreamException failsWith(ErrorKind kind) {
    Path file = newFile();
    // Wrong names are found while the request is made, everything else while it runs.
    PolyStreamException failure =
        catchThrowableOfType(PolyStreamException.class, () -> exporter(file).run());
    assertThat(failure).as("export of " + table).isNotNull();
    assertThat(failure.kind()).as(failure.getMessage()).isEqualTo(kind);
    assertThat(failure.getMessage()).doesNotContain("\n").doesNotContain("please report");
    assertThat(file).doesNotExist();
    assertThat(manifestOf(file)).doesNotExist();
    return failure;
  }

  public Exporter exporter(Path file) {
    return exporter(new Destination.File(file, false, Optional.of(manifestOf(file))));
  }

  public Exporter exporter(Destination destination) {
    return new Exporter(
        new ExportRequest(
            url,
            new ExportRequest.Selection(TableName.parse(table), columns, filter, where, limit),
            format,
            formatOptions,
            compression,
            destination,
            allowEmpty,
            new ExportRequest.Reading(mode, parallelism, rowCeiling),
            runner));
  }

  /** A name that no file has yet. */
  public Path newFile() {
    return postgres
        .directory()
        .resolve("export-" + FILES.incrementAndGet() + "." + format.extension());
  }

  private static Path manifestOf(Path file) {
    return file.resolveSibling(file.getFileName() + ".manifest.json");
  }
}
