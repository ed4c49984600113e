package io.polystream.format;

import static org.assertj.core.api.Assertions.assertThat;

import io.polystream.error.ErrorKind;
import io.polystream.error.PolyStreamException;
import io.polystream.export.ExportSummary;
import io.polystream.output.Destination;
import io.polystream.output.ExportFile;
import io.polystream.row.Column;
import io.polystream.row.ColumnType.Simple;
import io.polystream.testing.PostgresExtension;
import io.polystream.testing.TestExport;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The files of a directory, each of them read alone, are together what one file is. */
class SplitFilesIT {
  @RegisterExtension static final PostgresExtension postgres = new PostgresExtension();

  private static final int ROWS = 9000;
  private static final int MOST_FILE_BYTES = 400_000;

  private static final List<Column> COLUMNS =
      List.of(
          new Column("id", Simple.INT32),
          new Column("note", Simple.TEXT),
          new Column("document", Simple.JSON));

  @BeforeAll
  static void createTable() throws SQLException {
    postgres.execute(
        "CREATE TABLE pieces AS SELECT id, CASE WHEN id % 9 > 0 THEN md5(id::text) || md5('x' ||"
            + " id) END AS note, jsonb_build_object('k', md5('j' || id), 'l', jsonb_build_array(id,"
            + " null)) AS document FROM generate_series(1, "
            + ROWS
            + ") AS id",
        "ANALYZE pieces");
  }

  static Stream<Named<Format>> formats() {
    return FormatContractTest.formats();
  }

  private static List<List<String>> rows(Format format, Path file) throws IOException {
    return FileReaders.read(format, COLUMNS, Map.of(), Files.readAllBytes(file));
  }

  private static TestExport export(Format format) {
    return TestExport.of(postgres, "pieces").format(format.name());
  }

  private static List<Path> split(Format format, OptionalLong bytes, OptionalLong rows)
      throws IOException {
    ExportSummary summary = export(format).exporter(destination(format, bytes, rows)).run();
    assertThat(summary.rows()).isEqualTo(ROWS);
    return summary.files().stream().map(file -> file.path()).toList();
  }

  private static Destination destination(Format format, OptionalLong bytes, OptionalLong rows) {
    return new Destination.Directory(
        postgres.directory().resolve("split"),
        true,
        "pieces",
        "." + format.extension(),
        bytes,
        rows);
  }

  @ParameterizedTest
  @MethodSource("formats")
  void filesOfSoManyBytesAre(Format format) throws IOException {
    List<Path> files = split(format, OptionalLong.of(MOST_FILE_BYTES), OptionalLong.empty());
    assertThat(files)
        .hasSizeGreaterThan(2)
        .allSatisfy(file -> assertThat(Files.size(file)).isLessThanOrEqualTo(MOST_FILE_BYTES));
    requireTogether(format, files);
  }

  @ParameterizedTest
  @MethodSource("formats")
  void theBoundThatARefusalNamesIsEnough(Format format) throws IOException {
    for (long tooFew : new long[] {1, 200, 1000}) {
      TestExport some = export(format).where("id <= 100");
      long enough = tooFew;
      try {
        some.exporter(destination(format, OptionalLong.of(tooFew), OptionalLong.empty())).run();
      } catch (PolyStreamException e) {
        assertThat(e.kind()).isEqualTo(ErrorKind.CONFIGURATION);
        enough = Long.parseLong(e.getMessage().replaceAll(".* raise it to (\\d+),.*", "$1"));
        assertThat(enough).isGreaterThan(tooFew);
      }
      ExportSummary summary =
          some.exporter(destination(format, OptionalLong.of(enough), OptionalLong.empty())).run();
      assertThat(summary.rows()).isEqualTo(100);
      for (ExportFile file : summary.files()) {
        assertThat(file.bytes()).isLessThanOrEqualTo(enough);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("formats")
  void filesOfSoManyRowsAre(Format format) throws IOException {
    List<Path> files = split(format, OptionalLong.empty(), OptionalLong.of(4000));
    assertThat(files).hasSize(3);
    assertThat(rows(format, files.get(0))).hasSize(4000);
    assertThat(rows(format, files.get(2))).hasSize(1000);
    requireTogether(format, files);
  }

  private static void requireTogether(Format format, List<Path> files) throws IOException {
    List<List<String>> together = new ArrayList<>();
    for (Path file : files) {
      together.addAll(rows(format, file));
    }
    assertThat(together).isEqualTo(rows(format, export(format).run().path())).hasSize(ROWS);
  }
}
