package io.polystream.testing;

import static io.polystream.testing.Patience.awaitPromised;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.polystream.error.ErrorKind;
import io.polystream.error.PolyStreamException;
import io.polystream.export.Exporter;
import io.polystream.export.RunnerChoice;
import io.polystream.format.Formats;
import io.polystream.output.Compression;
import io.polystream.output.Destination;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What holds of exports whose workers know nothing but what travels to them, whatever runner has
 * the workers: partitions become objects, and objects the same bytes that readers in this process
 * write. A test class of its own for every such runner.
 */
public abstract class RunnerContract {
  @RegisterExtension protected static final PostgresExtension postgres = new PostgresExtension();

  /** The reader of the last partition stands before a gate. */
  private static final String GATED = "(id <> 39000 OR " + Gate.PASSED + ")";

  /** A row of the first partition fails, a while after another reader has come to the last. */
  private static final String A_LATE_FAILURE =
      "(id <> 7 OR (pg_sleep(3)::text = '' AND 1 / (id - 7) < 2))";

  /** What is promised of a cancelled export, in any case. */
  private static final Duration CANCELLED = Duration.ofSeconds(2);

  private final String name;
  private final List<String> beamArguments;

  /**
   * @param name of the runner
   * @param beamArguments what the runner needs
   */
  protected RunnerContract(String name, List<String> beamArguments) {
    this.name = name;
    this.beamArguments = beamArguments;
  }

  private RunnerChoice runner(Optional<String> workDirectory) {
    return new RunnerChoice(name, beamArguments, workDirectory);
  }

  @BeforeAll
  static void createTables() throws SQLException {
    postgres.execute(
        "CREATE TABLE paged AS SELECT id, md5(id::text) AS name, id * 1.25 AS amount,"
            + " jsonb_build_object('category', chr(65 + id % 5), 'tags', ARRAY['a', 'b' || id]) AS"
            + " metadata, ARRAY[id, NULL, 3] AS numbers, repeat('x', 400) AS filler"
            + " FROM generate_series(1, 40000) AS id",
        "ANALYZE paged",
        "CREATE VIEW seen AS SELECT * FROM paged WHERE id <= 5000",
        "CREATE TABLE large AS SELECT n AS id, repeat('y' || n, 3000000) AS text"
            + " FROM generate_series(1, 3) n",
        "CREATE TABLE empty (id int)");
  }

  private TestExport paged() {
    return TestExport.of(postgres, "paged").runner(runner(Optional.empty()));
  }

  private void requireSame(TestExport export) throws Exception {
    ExportedFile direct = export.runner(RunnerChoice.DIRECT).run();
    ExportedFile distributed = export.runner(runner(Optional.empty())).run();
    assertThat(Files.mismatch(direct.path(), distributed.path())).isNegative();
    assertThat(distributed.limited()).isEqualTo(direct.limited());
    assertThat(distributed.partitions()).isEqualTo(direct.partitions());
  }

  /** Each format and each compression; a runner sees neither. */
  @ParameterizedTest
  @CsvSource({
    "csv, none",
    "tsv, none",
    "json, none",
    "ndjson, none",
    "csv, gzip",
    "ndjson, zstd",
    "parquet, none"
  })
  void theFileIsTheSameByteForByte(String format, String compression) throws Exception {
    requireSame(
        paged()
            .format(format)
            .compression(
                Compression.of(Compression.Method.byLabel(compression), OptionalInt.empty())));
  }

  static Stream<Arguments> formatsAndCompressions() {
    return Formats.all().stream()
        .flatMap(
            format ->
                Stream.of(Compression.Method.values())
                    .filter(
                        method ->
                            method == Compression.Method.NONE || format.ownCompression().isEmpty())
                    .map(method -> Arguments.of(format.name(), method)));
  }

  @Tag("soak")
  @ParameterizedTest
  @MethodSource("formatsAndCompressions")
  void eachFormatInEachCompressionIsTheSame(String format, Compression.Method method)
      throws Exception {
    requireSame(paged().format(format).compression(Compression.of(method, OptionalInt.empty())));
  }

  @ParameterizedTest
  @ValueSource(strings = {"seen", "large", "empty"})
  void whateverIsExported(String table) throws Exception {
    requireSame(TestExport.of(postgres, table));
  }

  @Test
  void selectionsTravel() throws Exception {
    requireSame(
        paged()
            .columns("metadata.category:Category,id,metadata.tags.1")
            .filter("[{\"column\":\"metadata.category\",\"op\":\"in\",\"value\":[\"A\",\"B\"]}]")
            .where("id % 3 = 0 -- a third"));
  }

  @ParameterizedTest
  @ValueSource(longs = {7000, 39_999, 40_000})
  void aLimitIsExact(long rows) throws Exception {
    requireSame(paged().limit(rows));
  }

  @Test
  void splitFilesAreTheSame() throws Exception {
    Path direct = split("direct", RunnerChoice.DIRECT);
    Path distributed = split("distributed", runner(Optional.empty()));
    List<String> names = names(direct);
    assertThat(names).hasSizeGreaterThan(3).isEqualTo(names(distributed));
    for (String file : names) {
      if (!file.equals("manifest.json")) {
        assertThat(Files.mismatch(direct.resolve(file), distributed.resolve(file)))
            .as(file)
            .isNegative();
      }
    }
  }

  private Path split(String directory, RunnerChoice runner) {
    Path path = postgres.directory().resolve(directory);
    paged()
        .runner(runner)
        .exporter(
            new Destination.Directory(
                path, false, "paged", ".csv", OptionalLong.of(5_000_000), OptionalLong.empty()))
        .run();
    return path;
  }

  private static List<String> names(Path directory) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  @Test
  void whatAWorkerFailsOfIsSaidAsItIsByADirectReader() {
    TestExport failing = paged().where("1 / (id - 39000) < 2");
    String direct = failing.runner(RunnerChoice.DIRECT).failsWith(ErrorKind.QUERY).getMessage();
    assertThat(direct).contains("division by zero");
    assertThat(failing.runner(runner(Optional.empty())).failsWith(ErrorKind.QUERY))
        .hasMessage(direct);
  }

  @Test
  void aFailureEndsTheReadersThatWouldGoOnForever() throws Exception {
    try (Gate gate = Gate.shut(postgres)) {
      CompletableFuture<PolyStreamException> run =
          CompletableFuture.supplyAsync(
              () -> paged().where(GATED + " AND " + A_LATE_FAILURE).failsWith(ErrorKind.QUERY));
      assertThat(ended(run)).hasMessageContaining("division by zero");
      gate.awaitReaders(0);
    }
  }

  /** What has to end while the gate is shut. */
  private static <T> T ended(CompletableFuture<T> run) throws Exception {
    return run.get(Patience.LONGEST.toSeconds(), TimeUnit.SECONDS);
  }

  @Test
  void aCancelledExportEndsItsStatementsInTheServer() throws Exception {
    Path file = paged().newFile();
    Exporter exporter = paged().where(GATED).exporter(file);
    try (Gate gate = Gate.shut(postgres)) {
      CompletableFuture<Void> run = CompletableFuture.runAsync(exporter::run);
      gate.awaitReaders(1);
      exporter.cancel(new PolyStreamException(ErrorKind.CANCELLED, "enough"));
      awaitPromised("its end", CANCELLED, () -> gate.readers() == 0);
      assertThatThrownBy(() -> ended(run)).hasRootCauseMessage("enough");
    }
    assertThat(postgres.directory()).isEmptyDirectory();
  }

  @Test
  void aReachedLimitEndsTheReadersThatWouldGoOnForever() throws Exception {
    try (Gate gate = Gate.shut(postgres)) {
      ExportedFile file = ended(CompletableFuture.supplyAsync(this::firstHundredRows));
      assertThat(file.rows()).isEqualTo(100);
      assertThat(file.limited()).isTrue();
      gate.awaitReaders(0);
    }
  }

  private ExportedFile firstHundredRows() {
    try {
      return paged().where(GATED).limit(100).run();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"work", "a [1] * {b} ?"})
  void partsMayLieInADirectoryOfTheUsersChoice(String directory) throws Exception {
    Path work = Files.createDirectory(postgres.directory().resolve(directory));
    ExportedFile file = paged().runner(runner(Optional.of(work.toString()))).run();
    assertThat(file.rows()).isEqualTo(40_000);
    assertThat(work).isEmptyDirectory();
  }
}
