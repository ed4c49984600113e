package io.polystream.export;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.polystream.format.Format;
import io.polystream.output.Compression;
import io.polystream.source.DatabaseUrl;
import java.util.TreeMap;

/** Writes a request document so that {@link RequestDocumentParser} reads it, without passwords. */
final class RequestDocumentWriter {
  private RequestDocumentWriter() {}

  static ObjectNode tree(RequestDocument document) {
    ObjectNode root = JsonNodeFactory.instance.objectNode();
    RequestDocument.DatabaseReference database = document.database();
    database.url().map(DatabaseUrl::withoutSecrets).ifPresent(url -> root.put("database", url));
    database.name().ifPresent(name -> root.put("database", name));
    document.table().ifPresent(table -> root.put("table", table.text()));
    if (!document.columns().isEmpty()) {
      columns(document, root.putArray("columns"));
    }
    document.filter().map(FilterDocument::tree).ifPresent(filter -> root.set("filter", filter));
    document.where().ifPresent(where -> root.put("where", where));
    document.limit().ifPresent(limit -> root.put("limit", limit));
    document.format().map(Format::name).ifPresent(format -> root.put("format", format));
    new TreeMap<>(document.formatOptions()).forEach((name, value) -> root.set(name, option(value)));
    document
        .compression()
        .method()
        .map(Compression.Method::label)
        .ifPresent(method -> root.put("compression", method));
    document.compression().level().ifPresent(level -> root.put("compressionLevel", level));
    output(document.output(), root);
    document.allowEmpty().ifPresent(allowEmpty -> root.put("allowEmpty", allowEmpty));
    document
        .reading()
        .mode()
        .map(ExportDocuments::lowerCase)
        .ifPresent(mode -> root.put("read", mode));
    document.reading().parallelism().ifPresent(readers -> root.put("parallelism", readers));
    return root;
  }

  private static void columns(RequestDocument document, ArrayNode array) {
    for (ColumnSelection column : document.columns()) {
      ObjectNode node = array.addObject();
      node.put("source", column.source().text());
      column.target().ifPresent(target -> node.put("target", target));
    }
  }

  private static JsonNode option(String value) {
    return switch (value) {
      case "true" -> JsonNodeFactory.instance.booleanNode(true);
      case "false" -> JsonNodeFactory.instance.booleanNode(false);
      default -> TextNode.valueOf(value);
    };
  }

  private static void output(RequestDocument.Output output, ObjectNode root) {
    ObjectNode node = JsonNodeFactory.instance.objectNode();
    output.file().ifPresent(file -> node.put("file", file));
    output.overwrite().ifPresent(overwrite -> node.put("overwrite", overwrite));
    output.manifest().ifPresent(manifest -> node.put("manifest", manifest));
    output.maxFileBytes().ifPresent(bytes -> node.put("maxFileBytes", bytes));
    output.maxFileRows().ifPresent(rows -> node.put("maxFileRows", rows));
    if (!node.isEmpty()) {
      root.set("output", node);
    }
  }
}
