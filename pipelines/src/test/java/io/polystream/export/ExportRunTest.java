package io.polystream.export;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.polystream.error.ErrorKind;
import io.polystream.error.PolyStreamException;
import io.polystream.output.Output;
import io.polystream.output.PlacedPart;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The row loop and what follows it, as a pipeline drives them, without a pipeline. */
@Timeout(600)
class ExportRunTest {
  private static final String HEADER = "id,Name\r\n";

  @TempDir private Path directory;

  private final ExecutorService lanes = Executors.newCachedThreadPool();
  private Path file;
  private Path manifest;

  @BeforeEach
  void nameTheFiles() {
    file = directory.resolve("orders.csv");
    manifest = directory.resolve("orders.json");
  }

  @AfterEach
  void stopLanes() {
    lanes.shutdownNow();
  }

  @Test
  void lanesWriteTheRowsOfAllPartitionsInOrder() throws Exception {
    Random random = new Random(1);
    for (int round = 0; round < 20; round++) {
      FakeTable table = randomTable(random);
      ExportSummary summary = export(table, requests().parallelism(1 + random.nextInt(4)));
      assertThat(file).content().isEqualTo(HEADER + String.join("", table.lines()));
      assertThat(summary.rows()).isEqualTo(table.lines().size());
      assertThat(summary.limited()).isFalse();
      assertThat(table.openRows()).isZero();
    }
  }

  @Test
  void aRowLimitCutsExactlyAndSaysWhetherItDid() throws Exception {
    Random random = new Random(2);
    for (int round = 0; round < 60; round++) {
      FakeTable table = randomTable(random);
      List<String> rows = table.lines();
      // Around the borders, too: all rows, one less and one more.
      long limit =
          Math.max(
              1,
              random.nextBoolean()
                  ? rows.size() - 1 + random.nextInt(3)
                  : random.nextInt(rows.size() + 10));
      ExportSummary summary =
          export(table, requests().parallelism(1 + random.nextInt(4)).limit(limit));
      List<String> expected = rows.subList(0, (int) Math.min(limit, rows.size()));
      assertThat(file).content().isEqualTo(HEADER + String.join("", expected));
      assertThat(summary.rows()).isEqualTo(expected.size());
      assertThat(summary.limited()).isEqualTo(rows.size() > limit);
      assertThat(table.openRows()).isZero();
    }
  }

  @Test
  void theCeilingCutsAsALimitDoes() throws Exception {
    ExportSummary summary = export(new FakeTable(5, 5), requests().limit(100).rowCeiling(7));
    assertThat(summary.rows()).isEqualTo(7);
    assertThat(summary.limited()).isTrue();
  }

  @Test
  void progressCountsEveryRowOnceHoweverOftenItWasRead() throws Exception {
    FakeTable table = new FakeTable(1000, 2000, 3000, 100);
    ExportRequest request = requests().parallelism(4).limit(2500).request();
    try (Output output = Output.open(request.destination(), "e1");
        ExportRun run = new ExportRun("e1", ExportPlan.of(request, table), table, output)) {
      readAllLanes(run);
      assertThat(run.rows()).isEqualTo(2500);
    }
  }

  @Test
  void progressNeverFallsNorPassesTheLimit() throws Exception {
    Random random = new Random(3);
    for (int round = 0; round < 20; round++) {
      FakeTable table = randomTable(random);
      long limit = 1L + random.nextInt(table.lines().size() + 10);
      ExportRequest request = requests().parallelism(1 + random.nextInt(4)).limit(limit).request();
      try (Output output = Output.open(request.destination(), "e1");
          ExportRun run = new ExportRun("e1", ExportPlan.of(request, table), table, output)) {
        List<Long> seen = Collections.synchronizedList(new ArrayList<>(List.of(0L)));
        table.beforeEachRow(
            () -> {
              synchronized (seen) {
                seen.add(run.rows());
              }
            });
        readAllLanes(run);
        seen.add(run.rows());
        assertThat(seen).isSorted().last().isEqualTo(Math.min(limit, table.lines().size()));
      }
    }
  }

  @Test
  void rowsTooLargeToHoldAreReadWhenItIsTheirTurn() throws Exception {
    FakeTable table = new FakeTable(3, 0, 2, 4);
    ExportRequest request = requests().parallelism(4).request();
    try (Output output = Output.open(request.destination(), "e1");
        ExportRun run = new ExportRun("e1", ExportPlan.of(request, table), table, output)) {
      // Readers share the connection that chunks come over.
      table.makeOversize(
          partition -> assertThat(run.appender().partitionsWritten()).isEqualTo(partition));
      run.publish(readAllLanes(run));
    }
    assertThat(file).content().isEqualTo(HEADER + String.join("", table.lines()));
  }

  @Test
  void aFailureInOneLaneStopsAll() throws Exception {
    FakeTable table = new FakeTable(2000, 2000, 2000, 2000);
    table.failIn(1);
    ExportRequest request = requests().parallelism(4).request();
    try (Output output = Output.open(request.destination(), "e1");
        ExportRun run = new ExportRun("e1", ExportPlan.of(request, table), table, output)) {
      assertThat(catchThrowable(() -> readAllLanes(run)))
          .hasCauseInstanceOf(PolyStreamException.class);
      // The reason is the first failure, not what it did to the others.
      assertThat(run.failure())
          .isInstanceOfSatisfying(
              PolyStreamException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.QUERY))
          .hasMessage("the query failed");
      assertThat(table.cancels()).isPositive();
      assertThat(run.isWorking()).isFalse();
      assertThatThrownBy(() -> run.publish(List.of()))
          .isInstanceOfSatisfying(
              PolyStreamException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.CANCELLED));
      assertThat(run.summary()).isNull();
    }
    assertThat(table.openRows()).isZero();
    assertThat(names()).isEmpty();
  }

  @Test
  void noRowsAreAFailureUnlessTheyAreAllowed() throws Exception {
    notPublished(
        new FakeTable(0, 0),
        requests(),
        ErrorKind.NO_ROWS,
        "public.orders has no rows: no file was written; --allow-empty makes an empty one");
    notPublished(
        new FakeTable(0),
        requests().where("id < 0"),
        ErrorKind.NO_ROWS,
        "public.orders has no rows that --where lets through: no file was written; --allow-empty"
            + " makes an empty one");
    ExportSummary summary = export(new FakeTable(0, 0), requests().allowEmpty());
    assertThat(file).content().isEqualTo(HEADER);
    assertThat(summary.rows()).isZero();
  }

  @Test
  void missingPartsLeaveNoFile() throws Exception {
    FakeTable table = new FakeTable(2, 3);
    ExportRequest request = requests().request();
    try (Output output = Output.open(request.destination(), "e1");
        ExportRun run = new ExportRun("e1", ExportPlan.of(request, table), table, output)) {
      List<PlacedPart> parts = readAllLanes(run);
      assertThatThrownBy(() -> run.publish(parts.subList(0, 1)))
          .isInstanceOfSatisfying(
              PolyStreamException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.INTERNAL))
          .hasMessageStartingWith("the parts are not what was planned");
      assertThat(run.failure()).isNotNull();
    }
    assertThat(names()).isEmpty();
  }

  @Test
  void aRunIsFoundByItsIdUntilItIsClosed() throws IOException {
    ExportRequest request = requests().request();
    FakeTable table = new FakeTable(1);
    try (Output output = Output.open(request.destination(), "e1")) {
      try (ExportRun run = new ExportRun("e1", ExportPlan.of(request, table), table, output)) {
        assertThat(ExportRun.byId("e1")).isSameAs(run);
      }
      assertThatThrownBy(() -> ExportRun.byId("e1"))
          .isInstanceOf(PolyStreamException.class)
          .hasMessage("export e1 does not run in this process any more");
    }
  }

  @Test
  void theManifestSaysWhatTheFileHolds() throws Exception {
    export(
        new FakeTable(2, 0, 3),
        requests()
            .columns("Name:Customer,id")
            .where("id > 0")
            .limit(4)
            .format("csv", Map.of("lineEnding", "lf")));
    JsonNode found = new ObjectMapper().readTree(manifest.toFile());
    byte[] bytes = Files.readAllBytes(file);
    assertThat(found.get("schemaVersion").asInt()).isEqualTo(1);
    assertThat(found.get("exportId").asText()).isEqualTo("e1");
    assertThat(found.get("database").asText()).isEqualTo("FakeSQL 1.0");
    assertThat(found.get("schema").asText()).isEqualTo("public");
    assertThat(found.get("table").asText()).isEqualTo("orders");
    assertThat(found.get("where").asText()).isEqualTo("id > 0");
    assertThat(found.get("maxRows").asLong()).isEqualTo(4);
    assertThat(found.get("format").asText()).isEqualTo("csv");
    assertThat(found.at("/formatOptions/lineEnding").asText()).isEqualTo("lf");
    assertThat(found.get("read").asText()).isEqualTo("cursor");
    assertThat(found.get("rows").asLong()).isEqualTo(4);
    assertThat(found.get("limited").asBoolean()).isTrue();
    assertThat(found.at("/consistency/level").asText()).isEqualTo("snapshot");
    assertThat(found.at("/consistency/snapshotId").asText()).isEqualTo("0000-1");
    assertThat(found.at("/consistency/walPosition").asText()).isEqualTo("0/1A2B");
    assertThat(found.at("/warnings/0").asText()).isEqualTo("this is a fake");
    assertThat(found.at("/columns/0").toString())
        .isEqualTo(
            "{\"source\":\"Name\",\"target\":\"Customer\",\"sqlType\":\"text\",\"kind\":\"text\","
                + "\"nullable\":true}");
    assertThat(found.at("/files/0/name").asText()).isEqualTo("orders.csv");
    assertThat(found.at("/files/0/bytes").asLong()).isEqualTo(bytes.length);
    assertThat(found.at("/files/0/crc32c").asText()).isEqualTo(crc(bytes, 0, bytes.length));
    assertThat(found.get("parts")).hasSize(3);
    assertThat(found.get("partitions").asInt()).isEqualTo(3);
    for (JsonNode part : found.get("parts")) {
      assertThat(part.get("crc32c").asText())
          .isEqualTo(crc(bytes, part.get("offset").asInt(), part.get("bytes").asInt()));
    }
    assertThat(found.at("/parts/2/rows").asLong()).isEqualTo(2);
    assertThat(Instant.parse(found.get("startedAt").asText()))
        .isBeforeOrEqualTo(Instant.parse(found.get("finishedAt").asText()));
    assertThat(Files.readString(manifest)).doesNotContain(Requests.SECRET, "h/d");
  }

  @Test
  void thePlanIsKeptWhileTheExportRuns() throws IOException {
    ExportRequest request = requests().request();
    FakeTable table = new FakeTable(1, 2);
    try (Output output = Output.open(request.destination(), "e1");
        ExportRun run = new ExportRun("e1", ExportPlan.of(request, table), table, output)) {
      Path plan = directory.resolve(".orders.csv.polystream-e1/plan.json");
      JsonNode found = new ObjectMapper().readTree(plan.toFile());
      assertThat(found.get("schemaVersion").asInt()).isEqualTo(1);
      assertThat(found.get("exportId").asText()).isEqualTo(run.id());
      assertThat(found.get("partitions").asInt()).isEqualTo(2);
      assertThat(found.get("estimatedRows").asLong()).isEqualTo(1000);
      assertThat(found.get("sql").asText()).startsWith("SELECT ");
      assertThat(Files.readString(plan)).doesNotContain(Requests.SECRET);
    }
  }

  @Test
  void aFractionIsKnownByPartitionsOrElseByRows() {
    assertThat(new ExportProgress(10, 0, 1, 4, -1, 1).fraction()).isEqualTo(0.25);
    assertThat(new ExportProgress(10, 0, 0, 1, 40, 1).fraction()).isEqualTo(0.25);
    assertThat(new ExportProgress(50, 0, 0, 1, 40, 1).fraction()).isEqualTo(1);
    assertThat(new ExportProgress(50, 0, 0, 1, -1, 1).fraction()).isEqualTo(-1);
    assertThat(new ExportProgress(0, 0, 0, 1, 0, 1).fraction()).isEqualTo(-1);
  }

  private Requests requests() {
    return Requests.plain().into(file, manifest);
  }

  private ExportSummary export(FakeTable table, Requests wanted) throws Exception {
    ExportRequest request = wanted.request();
    try (Output output = Output.open(request.destination(), "e1");
        ExportRun run = new ExportRun("e1", ExportPlan.of(request, table), table, output)) {
      run.publish(readAllLanes(run));
      return run.summary();
    }
  }

  private void notPublished(FakeTable table, Requests wanted, ErrorKind kind, String message)
      throws IOException {
    assertThatThrownBy(() -> export(table, wanted))
        .isInstanceOfSatisfying(
            PolyStreamException.class, e -> assertThat(e.kind()).isEqualTo(kind))
        .hasMessage(message);
    assertThat(names()).isEmpty();
  }

  /** All lanes at once; their parts as a pipeline gathers them, in no order. */
  private List<PlacedPart> readAllLanes(ExportRun run) throws Exception {
    List<Future<List<PlacedPart>>> running = new ArrayList<>();
    for (Lane lane : run.plan().lanes()) {
      running.add(lanes.submit(() -> run.readLane(lane.index(), null)));
    }
    List<PlacedPart> parts = new ArrayList<>();
    Exception failure = null;
    for (Future<List<PlacedPart>> lane : running) {
      try {
        parts.addAll(0, lane.get());
      } catch (ExecutionException e) {
        failure = e;
      }
    }
    if (failure != null) {
      throw failure;
    }
    return parts;
  }

  private static FakeTable randomTable(Random random) {
    int[] rowsOf = new int[1 + random.nextInt(12)];
    for (int i = 0; i < rowsOf.length; i++) {
      rowsOf[i] = random.nextInt(3) == 0 ? 0 : random.nextInt(1200);
    }
    rowsOf[random.nextInt(rowsOf.length)] = 1 + random.nextInt(10);
    return new FakeTable(rowsOf);
  }

  private List<String> names() throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.map(path -> path.getFileName().toString()).sorted().toList();
    }
  }

  private static String crc(byte[] bytes, int offset, int length) {
    CRC32C crc = new CRC32C();
    crc.update(bytes, offset, length);
    return String.format("%08x", crc.getValue());
  }
}
