package io.polystream.service;

import static io.polystream.testing.Patience.await;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.polystream.testing.JavaProcess;
import io.polystream.testing.PostgresExtension;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A service that has done a lot holds no more than one that has done a little. */
@Tag("soak")
class SoakIT {
  @RegisterExtension static final PostgresExtension postgres = new PostgresExtension();

  private static final int EXPORTS = 100;

  /** After so many every class is loaded that there is a use for. */
  private static final int FIRST = 10;

  private static final int ROWS = 200_000;

  /** Of an export of all rows; the others stop or break off. */
  private static final List<String> FORMATS =
      List.of(
          "\"csv\"",
          "\"json\", \"compression\": \"gzip\"",
          "\"parquet\"",
          "\"ndjson\", \"compression\": \"zstd\"",
          "\"xml\"",
          "\"tsv\", \"compression\": \"gzip\"",
          "\"csv\", \"compression\": \"zstd\"",
          "\"json\"");

  /** Threads and file handles that come and go: connections, pools. */
  private static final int HANDFUL = 5;

  private static final int PERCENT = 5;

  @BeforeAll
  static void createTables() throws SQLException {
    postgres.execute(
        "CREATE TABLE records AS SELECT id, 'Record ' || id AS name, id / 7.0 AS price,"
            + " now() - id * interval '1 s' AS created, jsonb_build_object('n', id) AS metadata"
            + " FROM generate_series(1, "
            + ROWS
            + ") AS id",
        "ANALYZE records",
        "CREATE VIEW failing AS SELECT * FROM records WHERE 1 / (id - " + (ROWS - 100) + ") < 2");
  }

  /** What the process holds. */
  private record Holding(
      long heapBytes, long classes, long metaspaceBytes, long threads, long handles) {
    private static final Pattern CLASSES = Pattern.compile("(?m)^Total = \\d+\\s+(\\d+)");
    private static final Pattern TOTAL = Pattern.compile("(?m)^Total\\s+\\d+\\s+(\\d+)");
    private static final Pattern METASPACE =
        Pattern.compile("jvm_memory_used_bytes\\{area=\"nonheap\",id=\"Metaspace\"\\} (\\S+)");

    static Holding of(JavaProcess process, Api api) throws Exception {
      // It collects all garbage first.
      String histogram = process.tool("jcmd", "GC.class_histogram");
      Path proc = Path.of("/proc", String.valueOf(process.pid()));
      return new Holding(
          number(TOTAL, histogram),
          number(CLASSES, process.tool("jcmd", "VM.classloader_stats")),
          number(METASPACE, new String(api.get("/metrics").body(), UTF_8)),
          count(proc.resolve("task")),
          count(proc.resolve("fd")));
    }

    private static long number(Pattern pattern, String text) {
      Matcher found = pattern.matcher(text);
      assertThat(found.find()).as("%s in %s", pattern, text).isTrue();
      return (long) Double.parseDouble(found.group(1));
    }

    private static long count(Path directory) throws IOException {
      try (Stream<Path> entries = Files.list(directory)) {
        return entries.count();
      }
    }
  }

  /**
   * The second compiler keeps in metaspace what it learns about methods, ever more slowly: what is
   * left there otherwise shows without it.
   */
  @ParameterizedTest
  @ValueSource(ints = {1, 4})
  void aHundredExportsLeaveNothingBehindInTheProcess(int highestTier) throws Exception {
    try (ServiceProcess service =
        ServiceProcess.start(
            ServiceProcess.setup(Api.environment(postgres))
                .jvmFlags("-XX:TieredStopAtLevel=" + highestTier))) {
      Api api = service.awaitApi();
      Holding early = null;
      for (int number = 0; number < EXPORTS; number++) {
        export(api, number);
        if (number == FIRST - 1) {
          early = Holding.of(service.process(), api);
        }
      }
      Holding late = Holding.of(service.process(), api);
      System.err.printf("after %d: %s%nafter %d: %s%n", FIRST, early, EXPORTS, late);
      requireFewMore("live heap", early.heapBytes(), late.heapBytes(), 0);
      requireFewMore("classes", early.classes(), late.classes(), 0);
      if (highestTier == 1) {
        requireFewMore("metaspace", early.metaspaceBytes(), late.metaspaceBytes(), 0);
      }
      requireFewMore("threads", early.threads(), late.threads(), HANDFUL);
      requireFewMore("file handles", early.handles(), late.handles(), HANDFUL);
      service.end("TERM");
    }
  }

  private static void requireFewMore(String what, long early, long late, long handful) {
    assertThat(late)
        .as("%s after %d exports, %d after %d", what, EXPORTS, early, FIRST)
        .isLessThanOrEqualTo(early + Math.max(handful, early * PERCENT / 100));
  }

  /** Every fifth is cancelled or fails, in turn. */
  private static void export(Api api, int number) throws Exception {
    if (number % 10 == 4) {
      String id = api.submit(request("records", FORMATS.get(number / 10 % FORMATS.size())));
      await("rows").until(() -> api.status(id).get("rows").asLong() > 0);
      api.post("/exports/" + id + "/cancel", "");
      await("the end")
          .until(() -> api.status(id).get("status").asText().matches("cancelled|completed"));
    } else if (number % 10 == 9) {
      api.awaitStatus(api.submit(request("failing", FORMATS.get(number / 10 % 8))), "failed");
    } else {
      String id = api.completed(request("records", FORMATS.get(number * 4 / 5 % FORMATS.size())));
      HttpResponse<byte[]> file = api.get("/exports/" + id + "/download?as=file");
      assertThat(file.body()).hasSize(api.status(id).at("/file/bytes").asInt());
      assertThat(api.status(id).get("rows").asInt()).isEqualTo(ROWS);
      assertThat(api.delete("/exports/" + id).statusCode()).isEqualTo(204);
    }
  }

  private static String request(String table, String format) {
    return "{\"table\": \"%s\", \"format\": %s, \"columns\": [%s]}"
        .formatted(
            table,
            format,
            String.join(
                ", ",
                Stream.of("id", "name", "price", "created", "metadata.n")
                    .map(column -> "{\"source\": \"" + column + "\"}")
                    .toList()));
  }
}
