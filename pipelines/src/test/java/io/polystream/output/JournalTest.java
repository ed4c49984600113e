package io.polystream.output;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.polystream.error.ErrorKind;
import io.polystream.error.PolyStreamException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JournalTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir private Path directory;

  @Test
  void everyLineIsJsonAndThereAsSoonAsItIsAdded() throws IOException {
    Path file = directory.resolve("journal.jsonl");
    try (Journal journal = Journal.create(file, "5e0c")) {
      assertThat(lines(file)).hasSize(1);
      journal.add(
          new PlacedPart(
              new Part(0, 0, 4_000_000_000L, 3_000_000_000L, 0x0000_00FF, 4_000_000_000L, 0, 0),
              0,
              7));
      assertThat(lines(file)).hasSize(2);
      journal.add(new PlacedPart(new Part(12, 3, 0, 0, 0xE306_9283, 0, 0, 0), 1, 4_000_000_007L));
    }
    List<JsonNode> lines = lines(file);
    assertThat(lines).hasSize(3);
    assertThat(lines.get(0))
        .isEqualTo(JSON.readTree("{\"schemaVersion\":1,\"exportId\":\"5e0c\"}"));
    assertThat(lines.get(1))
        .isEqualTo(
            JSON.readTree(
                "{\"partition\":0,\"piece\":0,\"file\":0,\"offset\":7,\"bytes\":4000000000,"
                    + "\"rows\":3000000000,\"crc32c\":\"000000ff\"}"));
    assertThat(lines.get(2))
        .isEqualTo(
            JSON.readTree(
                "{\"partition\":12,\"piece\":3,\"file\":1,\"offset\":4000000007,\"bytes\":0,\"rows\":0,"
                    + "\"crc32c\":\"e3069283\"}"));
    assertThat(Files.readString(file)).endsWith("}\n").doesNotContain("\r");
  }

  @Test
  void aJournalThatCannotBeMadeIsAFailureOfStorage() {
    Path file = directory.resolve("missing/journal.jsonl");
    assertThatThrownBy(() -> Journal.create(file, "5e0c"))
        .isInstanceOfSatisfying(
            PolyStreamException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.STORAGE))
        .hasMessage("cannot create the journal " + file + ": there is no such file or directory");
  }

  private static List<JsonNode> lines(Path file) throws IOException {
    List<JsonNode> lines = new ArrayList<>();
    for (String line : Files.readAllLines(file)) {
      lines.add(JSON.readTree(line));
    }
    return lines;
  }
}
