package io.polystream.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.polystream.export.ExportExplanation;
import io.polystream.export.ExportRequest;
import io.polystream.export.Exporter;
import io.polystream.export.RunnerChoice;
import io.polystream.output.Compression;
import io.polystream.source.SourceTable;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** What {@code explain} prints. */
final class Explanations {
  private static final int SCHEMA_VERSION = 1;
  private static final ObjectMapper JSON = new ObjectMapper();

  private Explanations() {}

  /** For programs; the fields are those of the plan (docs/manifest.md), and more. */
  static String json(ExportExplanation explanation) {
    ExportRequest request = explanation.request();
    ObjectNode root = JSON.createObjectNode();
    root.put("schemaVersion", SCHEMA_VERSION);
    root.put("polystreamVersion", Exporter.version());
    root.put("database", explanation.serverVersion());
    root.put("schema", explanation.table().schema());
    root.put("table", explanation.table().name());
    root.put("tableKind", explanation.table().kind().toString());
    ArrayNode columns = root.putArray("columns");
    for (ExportExplanation.Column column : explanation.columns()) {
      ObjectNode node = columns.addObject();
      node.put("source", column.source());
      node.put("target", column.target());
      node.put("sqlType", column.sqlType());
      node.put("kind", column.kind());
      node.put("nullable", column.nullable());
    }
    request.selection().filterTree().ifPresent(filter -> root.set("filter", filter));
    request.selection().where().ifPresent(where -> root.put("where", where));
    request.maxRows().ifPresent(rows -> root.put("maxRows", rows));
    root.put("output", request.destination().label());
    root.put("format", request.format().name());
    ObjectNode formatOptions = root.putObject("formatOptions");
    request.formatOptions().forEach(formatOptions::put);
    root.put("compression", request.compression().method().label());
    if (request.compression().level() > 0) {
      root.put("compressionLevel", request.compression().level());
    }
    root.put("runner", request.runner().name());
    root.put("read", lowerCase(explanation.reading().mode()));
    root.put("readers", explanation.reading().readers());
    root.putObject("consistency").put("level", lowerCase(explanation.consistency()));
    root.put("sql", explanation.reading().sql());
    root.put("partitions", explanation.reading().partitions());
    root.put("estimatedRows", explanation.size().rows());
    explanation.size().bytes().ifPresent(bytes -> root.put("estimatedBytes", bytes));
    explanation.warnings().forEach(root.putArray("warnings")::add);
    ArrayNode problems = root.putArray("problems");
    explanation.problems().forEach(problem -> problems.add(problem.getMessage()));
    try {
      return JSON.writerWithDefaultPrettyPrinter().writeValueAsString(root);
    } catch (JsonProcessingException impossible) {
      throw new UncheckedIOException(impossible);
    }
  }

  /** For people. */
  static void print(ExportExplanation explanation, PrintWriter out) {
    ExportRequest request = explanation.request();
    SourceTable table = explanation.table();
    TextTable columns = new TextTable("column", "type", "exported as", "name in the file");
    for (ExportExplanation.Column column : explanation.columns()) {
      columns.add(List.of(column.source(), column.sqlType(), column.kind(), column.target()));
    }
    columns.printTo(out);
    out.println();
    line(
        out,
        "table",
        table.qualifiedName()
            + ", "
            + table.kind()
            + (table.bytes() < 0 ? "" : ", " + Sizes.text(table.bytes()))
            + ", "
            + explanation.serverVersion());
    line(out, "rows", rows(explanation));
    line(out, "bytes", bytes(explanation));
    line(out, "format", format(request));
    line(out, "compression", compression(request.compression()));
    line(out, "output", request.destination().label());
    line(out, "partitions", partitions(explanation.reading()));
    line(out, "readers", readers(explanation));
    line(out, "consistency", consistency(explanation));
    line(out, "statement", explanation.reading().sql());
    explanation.warnings().forEach(warning -> line(out, "note", warning));
    explanation.problems().forEach(problem -> line(out, "problem", problem.getMessage()));
    out.flush();
  }

  private static void line(PrintWriter out, String what, String text) {
    out.println(String.format(Locale.ROOT, "%-12s %s", what, text.replaceAll("\\s*\\R\\s*", " ")));
  }

  private static String rows(ExportExplanation explanation) {
    ExportExplanation.Size size = explanation.size();
    return size.isLimited()
        ? String.format(Locale.ROOT, "%,d, by the limit", size.rows())
        : String.format(Locale.ROOT, "about %,d, by the database's statistics", size.rows());
  }

  private static String bytes(ExportExplanation explanation) {
    if (explanation.size().bytes().isEmpty()) {
      return "unknown: the database has no statistics of it";
    }
    return "about "
        + Sizes.text(explanation.size().bytes().getAsLong())
        + " before compression, an estimate from how the database stores it";
  }

  private static String format(ExportRequest request) {
    return request.format().name()
        + request.formatOptions().entrySet().stream()
            .map(option -> ", " + option.getKey() + " " + option.getValue())
            .sorted()
            .collect(Collectors.joining());
  }

  private static String compression(Compression compression) {
    return compression.method().label()
        + (compression.level() > 0 ? ", level " + compression.level() : "");
  }

  private static String partitions(ExportExplanation.Reading reading) {
    if (!reading.byPages()) {
      return "1, the whole";
    }
    return String.format(
        Locale.ROOT,
        "%,d, by pages of the table: the others' statements have other page numbers",
        reading.partitions());
  }

  private static String readers(ExportExplanation explanation) {
    RunnerChoice runner = explanation.request().runner();
    String readers =
        runner.equals(RunnerChoice.DIRECT)
            ? String.valueOf(explanation.reading().readers())
            : "as many as the runner " + runner.name() + " has workers";
    return readers + ", by " + lowerCase(explanation.reading().mode());
  }

  private static String consistency(ExportExplanation explanation) {
    return switch (explanation.consistency()) {
      case SNAPSHOT -> "snapshot: every reader sees the table at one moment";
      case TRANSACTION -> "transaction: one reader sees the table at one moment";
    };
  }

  private static String lowerCase(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT);
  }
}
