package io.polystream.export;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.polystream.error.ErrorKind;
import io.polystream.source.ReadMode;
import io.polystream.testing.ExportedFile;
import io.polystream.testing.PostgresExtension;
import io.polystream.testing.TestExport;
import java.io.IOException;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A limit is exact, cuts the end and nothing else, and says so only when it cut. */
class LimitIT {
  @RegisterExtension static final PostgresExtension postgres = new PostgresExtension();

  private static final int ROWS = 50_000;

  /** Rows in the first of the table's partitions: 512 pages of 33 rows. */
  private static final int FIRST_PARTITION = 512 * 33;

  @BeforeAll
  static void createRelations() throws SQLException {
    postgres.execute(
        "CREATE TABLE numbered (id int PRIMARY KEY, t text)",
        "INSERT INTO numbered SELECT n, repeat('x', 208) FROM generate_series(1, " + ROWS + ") n",
        "CREATE VIEW numbered_view AS SELECT * FROM numbered",
        // Rows at both ends only, and a dead partition behind the last of them.
        "CREATE TABLE sparse (id int, t text) WITH (autovacuum_enabled = false)",
        "INSERT INTO sparse SELECT n, repeat('x', 208) FROM generate_series(1, 70000) n",
        "DELETE FROM sparse WHERE id NOT IN (1, 2, 50000)",
        "CREATE TABLE nothing (id int)");
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3})
  void aLimitIsExactWithAnyNumberOfReaders(int readers) throws IOException {
    requireExactLimits(readers);
  }

  @Tag("soak")
  @ParameterizedTest
  @ValueSource(ints = {2, 4})
  void aLimitIsExactWithOtherNumbersOfReaders(int readers) throws IOException {
    requireExactLimits(readers);
  }

  private static void requireExactLimits(int readers) throws IOException {
    String all = TestExport.of(postgres, "numbered").parallelism(readers).run().text();
    for (long limit :
        List.of(
            1L,
            17L,
            (long) FIRST_PARTITION - 1,
            (long) FIRST_PARTITION,
            (long) FIRST_PARTITION + 1,
            (long) ROWS - 1,
            (long) ROWS,
            (long) ROWS + 1,
            Long.MAX_VALUE)) {
      ExportedFile file =
          TestExport.of(postgres, "numbered").parallelism(readers).limit(limit).run();

      assertThat(file.rows()).as("limit %d", limit).isEqualTo(Math.min(limit, ROWS));
      assertThat(file.limited()).as("limit %d", limit).isEqualTo(limit < ROWS);
      assertThat(all.startsWith(file.text())).as("a prefix of the whole").isTrue();
      assertThat(file.manifest().path("maxRows").asLong()).isEqualTo(limit);
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"COPY", "CURSOR"})
  void limitedJsonIsJson(ReadMode mode) throws IOException {
    for (long limit : List.of(1L, (long) FIRST_PARTITION, FIRST_PARTITION + 1L, ROWS + 5L)) {
      ExportedFile file =
          TestExport.of(postgres, "numbered").read(mode).format("json").limit(limit).run();

      List<JsonNode> rows = file.jsonRows();
      assertThat(rows).hasSize((int) Math.min(limit, ROWS));
      assertThat(rows.get(rows.size() - 1).path("id").asLong()).isEqualTo(Math.min(limit, ROWS));
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"COPY", "CURSOR"})
  void aLimitIsExactForAView(ReadMode mode) throws IOException {
    String all = TestExport.of(postgres, "numbered_view").read(mode).run().text();
    for (long limit : List.of(1L, ROWS - 1L, (long) ROWS, ROWS + 1L)) {
      ExportedFile file = TestExport.of(postgres, "numbered_view").read(mode).limit(limit).run();

      assertThat(file.rows()).isEqualTo(Math.min(limit, ROWS));
      assertThat(file.limited()).isEqualTo(limit < ROWS);
      assertThat(all.startsWith(file.text())).isTrue();
    }
  }

  @ParameterizedTest
  @CsvSource({"1, 1, true", "2, 2, true", "3, 3, false", "4, 3, false"})
  void aLimitLooksBeyondEmptyPartitions(long limit, long rows, boolean limited) throws IOException {
    for (int readers : List.of(1, 3)) {
      ExportedFile file = TestExport.of(postgres, "sparse").parallelism(readers).limit(limit).run();

      assertThat(file.rows()).isEqualTo(rows);
      assertThat(file.limited()).isEqualTo(limited);
      assertThat(file.partitions()).isGreaterThan(3);
    }
  }

  @ParameterizedTest
  @CsvSource({"5, 10, 5", "10, 5, 5", "7, 7, 7"})
  void theLowerOfLimitAndCeilingHolds(long limit, long ceiling, long rows) throws IOException {
    ExportedFile file = TestExport.of(postgres, "numbered").limit(limit).rowCeiling(ceiling).run();

    assertThat(file.rows()).isEqualTo(rows);
    assertThat(file.limited()).isTrue();
  }

  @Test
  void aCeilingSaysThatItCutOnlyWhenItDid() throws IOException {
    ExportedFile cut = TestExport.of(postgres, "numbered").rowCeiling(ROWS - 1).run();
    ExportedFile whole = TestExport.of(postgres, "numbered").rowCeiling(ROWS).run();

    assertThat(cut.rows()).isEqualTo(ROWS - 1);
    assertThat(cut.limited()).isTrue();
    assertThat(whole.rows()).isEqualTo(ROWS);
    assertThat(whole.limited()).isFalse();
  }

  @Test
  void aLimitCountsWhatThePredicateLetsThrough() throws IOException {
    ExportedFile file =
        TestExport.of(postgres, "numbered").where("id % 10 = 0").limit(ROWS / 10 - 1).run();
    ExportedFile whole =
        TestExport.of(postgres, "numbered").where("id % 10 = 0").limit(ROWS / 10).run();

    assertThat(file.rows()).isEqualTo(ROWS / 10 - 1);
    assertThat(file.limited()).isTrue();
    assertThat(whole.rows()).isEqualTo(ROWS / 10);
    assertThat(whole.limited()).isFalse();
  }

  @Test
  void aLimitOnNothingIsNothing() throws IOException {
    ExportedFile file = TestExport.of(postgres, "nothing").limit(5).run();

    assertThat(file.rows()).isZero();
    assertThat(file.limited()).isFalse();
    TestExport.of(postgres, "nothing").limit(5).refuseEmpty().failsWith(ErrorKind.NO_ROWS);
  }

  @Test
  void aLimitCutsPartsOfRowsTooLargeToHold() throws SQLException, IOException {
    postgres.execute(
        "CREATE TABLE large (id int, t text)",
        "ALTER TABLE large ALTER t SET STORAGE EXTERNAL",
        "INSERT INTO large SELECT n, repeat(n % 10 || '\"', 1200000) FROM generate_series(1, 4) n");

    for (ReadMode mode : List.of(ReadMode.COPY, ReadMode.CURSOR)) {
      for (long limit = 1; limit <= 5; limit++) {
        ExportedFile file = TestExport.of(postgres, "large").read(mode).limit(limit).run();

        assertThat(file.rows()).isEqualTo(Math.min(limit, 4));
        assertThat(file.limited()).isEqualTo(limit < 4);
      }
    }
  }
}
