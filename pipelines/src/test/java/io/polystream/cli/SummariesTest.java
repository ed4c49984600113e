package io.polystream.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.polystream.export.ExportProgress;
import io.polystream.export.ExportSummary;
import io.polystream.output.ExportFile;
import io.polystream.source.Consistency;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class SummariesTest {
  private static final Path FILE = Path.of("/data/orders \"x\".csv");

  @Test
  void theJsonLineHasTheseFields() throws IOException {
    String line = Summaries.json(summary(10_000_000, 7.2504, true));
    assertThat(line).doesNotContain("\n");
    JsonNode found = new ObjectMapper().readTree(line);
    List<String> fields = new ArrayList<>();
    found.fieldNames().forEachRemaining(fields::add);
    assertThat(fields)
        .containsExactly(
            "output",
            "files",
            "rows",
            "bytes",
            "seconds",
            "rowsPerSecond",
            "peakMemoryBytes",
            "partitions",
            "consistency",
            "limited",
            "replacedCharacters",
            "warnings");
    assertThat(found.get("replacedCharacters").asLong()).isEqualTo(3);
    assertThat(found.get("output").asText()).isEqualTo(FILE.toString());
    assertThat(found.get("files").asInt()).isEqualTo(1);
    assertThat(found.get("rows").asLong()).isEqualTo(10_000_000);
    assertThat(found.get("bytes").asLong()).isEqualTo(2_000_000_000);
    assertThat(found.get("seconds").asDouble()).isEqualTo(7.25);
    assertThat(found.get("rowsPerSecond").asLong()).isEqualTo(1_379_234);
    assertThat(found.get("peakMemoryBytes").asLong()).isBetween(1_000_000L, 100_000_000_000L);
    assertThat(found.get("partitions").asInt()).isEqualTo(480);
    assertThat(found.get("consistency").asText()).isEqualTo("snapshot");
    assertThat(found.get("limited").isBoolean()).isTrue();
    assertThat(found.get("limited").asBoolean()).isTrue();
    assertThat(found.get("warnings").toString()).isEqualTo("[\"one reader: it is a view\"]");
  }

  @Test
  void theTextLineIsForPeople() {
    assertThat(Summaries.text(summary(10_000_000, 7.2504, false)))
        .matches(
            "/data/orders \"x\"\\.csv: 10,000,000 rows, 2\\.0 GB in 7\\.3 s \\(1,379,234 rows/s\\),"
                + " peak memory \\S+ [kMG]B, partitions: 480, consistency: snapshot, replaced characters: 3");
    assertThat(Summaries.text(summary(5, 1, true))).contains(": 5 rows (limited), ");
  }

  @Test
  void anExportThatTookNoTimeHasASpeedAllTheSame() {
    assertThat(summary(7, 0, false).rowsPerSecond()).isEqualTo(7000);
  }

  @Test
  void aProgressLineSaysWhatIsKnown() {
    assertThat(ProgressDisplay.Log.line(new ExportProgress(5_000, 2_000_000, 1, 4, 20_000, 2)))
        .isEqualTo("5,000 rows, 2.0 MB, 2,500 rows/s, 1.0 MB/s, 25 %, ETA 6 s");
    assertThat(ProgressDisplay.Log.line(new ExportProgress(5_000, 2_000_000, 0, 1, -1, 2)))
        .isEqualTo("5,000 rows, 2.0 MB, 2,500 rows/s, 1.0 MB/s");
    assertThat(ProgressDisplay.Log.line(new ExportProgress(0, 0, 0, 4, -1, 0)))
        .isEqualTo("0 rows, 0 B, 0 rows/s, 0 B/s");
  }

  private static ExportSummary summary(long rows, double seconds, boolean limited) {
    return new ExportSummary(
        FILE.toString(),
        List.of(new ExportFile(FILE, 2_000_000_000, rows, 7)),
        Instant.EPOCH,
        seconds,
        480,
        Consistency.Level.SNAPSHOT,
        limited,
        3,
        List.of("one reader: it is a view"));
  }
}
