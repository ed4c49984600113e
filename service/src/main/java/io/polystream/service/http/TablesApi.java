package io.polystream.service.http;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.polystream.error.PolyStreamException;
import io.polystream.format.Format;
import io.polystream.format.Formats;
import io.polystream.output.Compression;
import io.polystream.service.catalog.ExportableTables;
import io.polystream.service.jobs.Job;
import io.polystream.service.jobs.JobRunner;
import io.polystream.service.jobs.JobStore.Insertion;
import io.polystream.source.SourceColumn;
import io.polystream.source.SourceTable;
import io.polystream.source.TableName;
import java.io.IOException;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/** {@code /tables}: what there is, and exports straight to the client. */
final class TablesApi {
  private static final Set<String> ALIAS_NAMES = Set.of("table", "columns", "limit", "rate");

  private final ExportableTables tables;
  private final TableName usualTable;
  private final Requests requests;
  private final JobRunner runner;
  private final Downloads downloads;

  TablesApi(
      ExportableTables tables,
      TableName usualTable,
      Requests requests,
      JobRunner runner,
      Downloads downloads) {
    this.tables = tables;
    this.usualTable = usualTable;
    this.requests = requests;
    this.runner = runner;
    this.downloads = downloads;
  }

  void list(Exchange exchange) throws IOException {
    exchange.requireQuery();
    ObjectNode json = Exchange.JSON.createObjectNode();
    ArrayNode array = json.putArray("tables");
    tables.list().forEach(table -> array.add(json(table)));
    exchange.json(200, json);
  }

  void get(Exchange exchange) throws IOException {
    exchange.requireQuery();
    SourceTable table = table(name(exchange.pathParameter("name")));
    ObjectNode json = json(table);
    ArrayNode columns = json.putArray("columns");
    for (SourceColumn column : table.columns()) {
      columns
          .addObject()
          .put("name", column.name())
          .put("type", column.sqlType())
          .put("kind", column.kind().name().toLowerCase(Locale.ROOT))
          .put("nullable", column.nullable());
    }
    exchange.json(200, json);
  }

  private static TableName name(String text) {
    try {
      return TableName.parse(text);
    } catch (PolyStreamException e) {
      throw ProblemException.notFound(e.getMessage());
    }
  }

  private SourceTable table(TableName name) {
    return tables
        .find(name)
        .orElseThrow(
            () ->
                ProblemException.notFound(
                    "unknown table " + name + ": GET /tables lists what can be exported"));
  }

  private static ObjectNode json(SourceTable table) {
    ObjectNode json = Exchange.JSON.createObjectNode();
    json.put("schema", table.schema());
    json.put("name", table.name());
    json.put("kind", table.kind().toString());
    json.put("estimatedRows", known(table.estimatedRows()));
    json.put("bytes", known(table.bytes()));
    return json;
  }

  private static Long known(long number) {
    return number < 0 ? null : number;
  }

  /** {@code /tables/{name}/rows.csv.gz}. */
  void rows(Exchange exchange) throws IOException, InterruptedException {
    exchange.requireQuery("columns", "filter", "limit", "rate");
    String file = exchange.pathParameter("rows");
    Compression.Method compression =
        Compression.Method.byFileName(file).orElse(Compression.Method.NONE);
    String plain =
        compression == Compression.Method.NONE
            ? file
            : file.substring(0, file.length() - compression.extension().length() - 1);
    Format format =
        plain.startsWith("rows.")
            ? Formats.all().stream()
                .filter(known -> plain.equals("rows." + known.extension()))
                .findFirst()
                .orElseThrow(() -> noSuchRows(file))
            : unknown(file);
    TableName name = name(exchange.pathParameter("name"));
    table(name);
    stream(
        requests.understand(
            name,
            format.name(),
            compression.label(),
            exchange.queryParameter("columns"),
            exchange.queryParameter("filter"),
            exchange.queryParameter("limit")),
        exchange);
  }

  private static Format unknown(String file) {
    throw noSuchRows(file);
  }

  private static ProblemException noSuchRows(String file) {
    return ProblemException.notFound(
        "there is no "
            + file
            + " of a table: write rows. and one of "
            + Formats.names()
            + ", and .gz or .zst behind it if it is to be compressed");
  }

  void csv(Exchange exchange) throws IOException, InterruptedException {
    alias("csv", exchange);
  }

  void json(Exchange exchange) throws IOException, InterruptedException {
    alias("json", exchange);
  }

  /** Every other parameter is a condition: {@code ?metadata.category=A}. */
  private void alias(String format, Exchange exchange) throws IOException, InterruptedException {
    TableName name = exchange.queryParameter("table").map(TablesApi::name).orElse(usualTable);
    ArrayNode conditions = Exchange.JSON.createArrayNode();
    for (String column : exchange.queryNames()) {
      if (!ALIAS_NAMES.contains(column)) {
        conditions
            .addObject()
            .put("column", column)
            .put("op", "eq")
            .put("value", exchange.queryParameter(column).orElseThrow());
      }
    }
    table(name);
    stream(
        requests.understand(
            name,
            format,
            Compression.Method.NONE.label(),
            exchange.queryParameter("columns"),
            conditions.isEmpty() ? Optional.empty() : Optional.of(conditions.toString()),
            exchange.queryParameter("limit")),
        exchange);
  }

  /** A job that lives as long as its download. */
  private void stream(Requests.Understood understood, Exchange exchange)
      throws IOException, InterruptedException {
    OptionalLong rate =
        exchange.queryParameter("rate").map(QueryValues::rate).orElse(OptionalLong.empty());
    requests.requirePossible(understood.document());
    // Nothing else tells those who get rows at once that there may be more.
    requests
        .ceiling(understood.document())
        .ifPresent(rows -> exchange.header("PolyStream-Row-Limit", String.valueOf(rows)));
    if (exchange.isHead()) {
      Downloads.describeOnce(understood.job(), exchange);
      return;
    }
    Job job = ((Insertion.Created) runner.submit(understood.job())).job();
    try {
      downloads.sendOnce(job, rate, exchange);
    } finally {
      runner.forget(job);
    }
  }
}
