package io.polystream.service.http;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.polystream.export.Exporter;
import io.polystream.format.Format;
import io.polystream.format.FormatOption;
import io.polystream.format.Formats;
import io.polystream.output.Compression;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;

/** {@code /openapi.json}: the description in the jar, with the formats that there are. */
final class OpenApi {
  private final byte[] document;

  OpenApi() {
    try (InputStream description = OpenApi.class.getResourceAsStream("/openapi.json")) {
      ObjectNode root = (ObjectNode) Exchange.JSON.readTree(description);
      root.withObject("/info").put("version", Exporter.version());
      ObjectNode schemas = root.withObject("/components/schemas");
      ArrayNode formats = schemas.withObject("/Format").putArray("enum");
      Formats.all().stream().map(Format::name).forEach(formats::add);
      ArrayNode compressions = schemas.withObject("/Compression").putArray("enum");
      for (Compression.Method method : Compression.Method.values()) {
        compressions.add(method.label());
      }
      ObjectNode request = schemas.withObject("/ExportRequest/properties");
      Formats.options().forEach(option -> describe(option, request.putObject(option.name())));
      document = Exchange.JSON.writeValueAsBytes(root);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void describe(FormatOption option, ObjectNode schema) {
    schema.put("description", option.help());
    if (option.choices().contains("true")) {
      schema.put("type", "boolean");
      return;
    }
    schema.put("type", "string");
    if (!option.choices().isEmpty()) {
      option.choices().forEach(schema.putArray("enum")::add);
    }
  }

  void get(Exchange exchange) throws IOException {
    exchange.bytes(200, "application/json", document);
  }
}
