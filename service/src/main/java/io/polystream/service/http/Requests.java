package io.polystream.service.http;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.polystream.error.ErrorKind;
import io.polystream.error.PolyStreamException;
import io.polystream.error.Problem;
import io.polystream.export.ColumnSelection;
import io.polystream.export.RequestCheck;
import io.polystream.export.RequestDocument;
import io.polystream.service.catalog.ExportableTables;
import io.polystream.service.jobs.ExportFactory;
import io.polystream.service.jobs.NewJob;
import io.polystream.source.Catalog;
import io.polystream.source.SourceTable;
import io.polystream.source.TableName;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/** Turns bodies and query strings into jobs, after everything about them was found to be right. */
final class Requests {
  private static final String WHAT = "the request";

  private static final int LONG_BYTES = 64 * 1024;

  private final Object longOnes = new Object();
  private final ExportFactory exports;
  private final ExportableTables tables;
  private final Catalog catalog;

  Requests(ExportFactory exports, ExportableTables tables, Catalog catalog) {
    this.exports = exports;
    this.tables = tables;
    this.catalog = catalog;
  }

  /** A document that is right in itself; whether it fits the database is another question. */
  record Understood(RequestDocument document, NewJob job) {}

  /** What a body asks for. Long ones one after another: parsed, they are many times as long. */
  Understood understand(byte[] body, Optional<String> idempotencyKey) {
    if (body.length < LONG_BYTES) {
      return understand(body, RequestDocument.Door.SERVICE, idempotencyKey);
    }
    synchronized (longOnes) {
      return understand(body, RequestDocument.Door.SERVICE, idempotencyKey);
    }
  }

  private Understood understand(
      byte[] json, RequestDocument.Door door, Optional<String> idempotencyKey) {
    RequestDocument document = ExportFactory.parse(json, door);
    return new Understood(
        document,
        new NewJob(
            complete(json, exports.tableOf(document)),
            document.format().orElseThrow(),
            ExportFactory.compressionOf(document).method(),
            document
                .output()
                .file()
                .or(
                    () ->
                        door == RequestDocument.Door.SERVICE_QUERY
                            ? fileName(document)
                            : Optional.empty()),
            door == RequestDocument.Door.SERVICE_QUERY,
            idempotencyKey));
  }

  /** Who names a table in a path gets a file of that name, as far as file names may be so. */
  private Optional<String> fileName(RequestDocument document) {
    List<TableName.Part> parts = exports.tableOf(document).parts();
    return Optional.of(
        parts.get(parts.size() - 1).name().replaceAll("[/\\\\\\p{C}\\p{Zl}\\p{Zp}]|^\\.", "_"));
  }

  /**
   * The document without spaces, so that these make no other request of it, and with its table: the
   * usual one may be another when the job starts again.
   */
  private static String complete(byte[] json, TableName table) {
    try {
      ObjectNode document = (ObjectNode) ExactJson.MAPPER.readTree(json);
      if (!document.has("table")) {
        document.put("table", table.text());
      }
      return ExactJson.MAPPER.writeValueAsString(document);
    } catch (IOException e) {
      throw new IllegalStateException("it was read before", e);
    }
  }

  /**
   * Finds out whether the database has what is asked for.
   *
   * @throws ProblemException with everything that is wrong
   */
  void requirePossible(RequestDocument document) {
    TableName name = exports.tableOf(document);
    Optional<SourceTable> table = tables.find(name);
    if (table.isEmpty()) {
      String detail = "unknown table " + name + ": GET /tables lists what can be exported";
      throw ProblemException.badRequest(
          WHAT + ": /table: " + detail, List.of(new Problem("/table", detail)));
    }
    try {
      RequestCheck.require(document, WHAT, name, table.get(), catalog);
    } catch (PolyStreamException e) {
      if (e.kind() == ErrorKind.CONNECTION) {
        throw e;
      }
      throw ProblemException.badRequest(e.getMessage(), e.problems());
    }
  }

  /** The most rows the service lets through, where the document asks for more. */
  OptionalLong ceiling(RequestDocument document) {
    OptionalLong ceiling = exports.rowCeiling();
    return ceiling.isPresent() && document.limit().orElse(Long.MAX_VALUE) > ceiling.getAsLong()
        ? ceiling
        : OptionalLong.empty();
  }

  /**
   * What a query string asks for.
   *
   * @param columns as the command line has them
   * @param filter as a document has it, in JSON
   */
  Understood understand(
      TableName table,
      String format,
      String compression,
      Optional<String> columns,
      Optional<String> filter,
      Optional<String> limit) {
    ObjectNode json = Exchange.JSON.createObjectNode();
    json.put("table", table.text());
    json.put("format", format);
    json.put("compression", compression);
    columns.ifPresent(text -> addColumns(text, json.putArray("columns")));
    filter.ifPresent(text -> addFilter(text, json));
    limit.ifPresent(
        text -> json.put("limit", QueryValues.number("limit", text, 1, Long.MAX_VALUE)));
    return understand(
        json.toString().getBytes(UTF_8), RequestDocument.Door.SERVICE_QUERY, Optional.empty());
  }

  private static void addColumns(String text, ArrayNode columns) {
    for (ColumnSelection column : ColumnSelection.parseList(text)) {
      ObjectNode node = columns.addObject().put("source", column.source().text());
      column.target().ifPresent(target -> node.put("target", target));
    }
  }

  private static void addFilter(String text, ObjectNode json) {
    try {
      json.set("filter", ExactJson.MAPPER.readTree(text));
    } catch (JsonProcessingException e) {
      throw ProblemException.badRequest(
          "filter is not JSON: " + e.getOriginalMessage() + "; write it as in a request document");
    }
  }
}
