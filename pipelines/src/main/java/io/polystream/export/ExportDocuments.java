package io.polystream.export;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.polystream.output.ExportFile;
import io.polystream.output.Part;
import io.polystream.output.PlacedPart;
import io.polystream.source.Partition;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * The plan and the manifest as JSON: streamed, since a manifest has a line per part. Neither says
 * how the database was reached, so neither can hold a password.
 */
final class ExportDocuments {
  private static final int SCHEMA_VERSION = 1;
  private static final JsonFactory JSON =
      new JsonFactory().disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET);

  private ExportDocuments() {}

  static void writePlan(String exportId, ExportPlan plan, OutputStream stream) throws IOException {
    try (JsonGenerator json = JSON.createGenerator(stream).useDefaultPrettyPrinter()) {
      json.writeStartObject();
      writeWhatIsExported(exportId, plan, json);
      List<Partition> partitions = plan.reads().partitions();
      json.writeStringField("sql", plan.reads().sql(partitions.get(0)));
      json.writeNumberField("partitions", partitions.size());
      json.writeNumberField("estimatedRows", plan.table().estimatedRows());
      json.writeEndObject();
    }
  }

  /**
   * @param parts all of them, in order
   */
  static void writeManifest(
      String exportId,
      ExportPlan plan,
      ExportSummary summary,
      List<PlacedPart> parts,
      OutputStream stream)
      throws IOException {
    try (JsonGenerator json = JSON.createGenerator(stream).useDefaultPrettyPrinter()) {
      json.writeStartObject();
      writeWhatIsExported(exportId, plan, json);
      json.writeArrayFieldStart("files");
      for (ExportFile file : summary.files()) {
        writeFile(file, json);
      }
      json.writeEndArray();
      json.writeNumberField("rows", summary.rows());
      json.writeNumberField("bytes", summary.bytes());
      json.writeBooleanField("limited", summary.limited());
      json.writeNumberField("replacedCharacters", summary.replacedCharacters());
      writeTimings(summary, json);
      json.writeNumberField("partitions", summary.partitions());
      json.writeArrayFieldStart("parts");
      for (PlacedPart part : parts) {
        writePart(part, json);
      }
      json.writeEndArray();
      json.writeEndObject();
    }
  }

  private static void writeWhatIsExported(String exportId, ExportPlan plan, JsonGenerator json)
      throws IOException {
    ExportRequest request = plan.request();
    json.writeNumberField("schemaVersion", SCHEMA_VERSION);
    json.writeStringField("exportId", exportId);
    json.writeStringField("polystreamVersion", Exporter.version());
    json.writeStringField("database", plan.serverVersion());
    json.writeStringField("schema", plan.table().schema());
    json.writeStringField("table", plan.table().name());
    json.writeStringField("tableKind", plan.table().kind().toString());
    json.writeArrayFieldStart("columns");
    for (PlannedColumn column : plan.columns()) {
      json.writeStartObject();
      json.writeStringField("source", column.source().name());
      json.writeStringField("target", column.target());
      json.writeStringField("sqlType", column.source().column().sqlType());
      json.writeStringField("kind", lowerCase(column.source().kind()));
      json.writeBooleanField("nullable", column.source().nullable());
      json.writeEndObject();
    }
    json.writeEndArray();
    if (request.selection().filter().isPresent()) {
      json.writeFieldName("filter");
      FilterDocument.write(request.selection().filter().get(), json);
    }
    if (request.selection().where().isPresent()) {
      json.writeStringField("where", request.selection().where().get());
    }
    if (request.maxRows().isPresent()) {
      json.writeNumberField("maxRows", request.maxRows().getAsLong());
    }
    json.writeStringField("format", request.format().name());
    json.writeObjectFieldStart("formatOptions");
    for (Map.Entry<String, String> option : request.formatOptions().entrySet()) {
      json.writeStringField(option.getKey(), option.getValue());
    }
    json.writeEndObject();
    json.writeStringField("compression", request.compression().method().label());
    if (request.compression().level() > 0) {
      json.writeNumberField("compressionLevel", request.compression().level());
    }
    json.writeStringField("read", lowerCase(plan.reads().mode()));
    json.writeStringField("runner", plan.request().runner().name());
    if (plan.request().runner().isDirect()) {
      // Elsewhere the runner decides.
      json.writeNumberField("readers", plan.lanes().size());
    }
    writeConsistency(plan, json);
    json.writeArrayFieldStart("warnings");
    for (String warning : plan.reads().warnings()) {
      json.writeString(warning);
    }
    json.writeEndArray();
  }

  private static void writeConsistency(ExportPlan plan, JsonGenerator json) throws IOException {
    json.writeObjectFieldStart("consistency");
    json.writeStringField("level", lowerCase(plan.consistency().level()));
    if (plan.consistency().snapshotId().isPresent()) {
      json.writeStringField("snapshotId", plan.consistency().snapshotId().get());
    }
    if (plan.consistency().walPosition().isPresent()) {
      json.writeStringField("walPosition", plan.consistency().walPosition().get());
    }
    json.writeEndObject();
  }

  private static void writeTimings(ExportSummary summary, JsonGenerator json) throws IOException {
    Instant finishedAt =
        summary.startedAt().plus(Duration.ofNanos((long) (summary.seconds() * 1e9)));
    json.writeStringField(
        "startedAt", summary.startedAt().truncatedTo(ChronoUnit.MILLIS).toString());
    json.writeStringField("finishedAt", finishedAt.truncatedTo(ChronoUnit.MILLIS).toString());
    json.writeNumberField("seconds", Math.round(summary.seconds() * 1000) / 1000.0);
  }

  private static void writeFile(ExportFile file, JsonGenerator json) throws IOException {
    json.writeStartObject();
    json.writeStringField("name", file.path().getFileName().toString());
    json.writeNumberField("bytes", file.bytes());
    json.writeNumberField("rows", file.rows());
    json.writeStringField("crc32c", hex(file.crc32c()));
    json.writeEndObject();
  }

  private static void writePart(PlacedPart placed, JsonGenerator json) throws IOException {
    Part part = placed.part();
    json.writeStartObject();
    json.writeNumberField("partition", part.partition());
    json.writeNumberField("piece", part.piece());
    json.writeNumberField("file", placed.file());
    json.writeNumberField("offset", placed.offset());
    json.writeNumberField("bytes", part.bytes());
    json.writeNumberField("rows", part.rows());
    json.writeStringField("crc32c", hex(part.crc32c()));
    json.writeEndObject();
  }

  static String lowerCase(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT);
  }

  private static String hex(int crc32c) {
    return String.format(Locale.ROOT, "%08x", crc32c);
  }
}
