package io.polystream.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.polystream.export.ExportSummary;
import io.polystream.process.ProcessMemory;
import java.io.UncheckedIOException;
import java.util.Locale;

/** The last line of an export. */
final class Summaries {
  private static final ObjectMapper JSON = new ObjectMapper();

  private Summaries() {}

  static String json(ExportSummary summary) {
    ObjectNode line = JSON.createObjectNode();
    line.put("output", summary.output());
    line.put("files", summary.files().size());
    line.put("rows", summary.rows());
    line.put("bytes", summary.bytes());
    line.put("seconds", Math.round(summary.seconds() * 1000) / 1000.0);
    line.put("rowsPerSecond", summary.rowsPerSecond());
    line.put("peakMemoryBytes", ProcessMemory.peakBytes());
    line.put("partitions", summary.partitions());
    line.put("consistency", consistency(summary));
    line.put("limited", summary.limited());
    line.put("replacedCharacters", summary.replacedCharacters());
    summary.warnings().forEach(line.putArray("warnings")::add);
    try {
      return JSON.writeValueAsString(line);
    } catch (JsonProcessingException impossible) {
      throw new UncheckedIOException(impossible);
    }
  }

  static String text(ExportSummary summary) {
    return String.format(
        Locale.ROOT,
        "%s: %,d rows%s, %s in %.1f s (%,d rows/s), peak memory %s, partitions: %,d,"
            + " consistency: %s%s",
        summary.output(),
        summary.rows(),
        summary.limited() ? " (limited)" : "",
        Sizes.text(summary.bytes()),
        summary.seconds(),
        summary.rowsPerSecond(),
        Sizes.text(ProcessMemory.peakBytes()),
        summary.partitions(),
        consistency(summary),
        summary.replacedCharacters() > 0
            ? String.format(Locale.ROOT, ", replaced characters: %,d", summary.replacedCharacters())
            : "");
  }

  private static String consistency(ExportSummary summary) {
    return summary.consistency().name().toLowerCase(Locale.ROOT);
  }
}
