package io.polystream.service;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SpecVersion;
import com.networknt.schema.ValidationMessage;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/** The service's own description (OpenAPI 3.1), and whether answers are as it says. */
final class Description {
  private static final String LOCATION = "https://polystream.test/openapi.json";

  private final JsonNode root;
  private final JsonSchemaFactory schemas;
  private final Map<String, JsonSchema> compiled = new HashMap<>();

  Description(String text) throws IOException {
    root = Api.JSON.readTree(text);
    schemas =
        JsonSchemaFactory.getInstance(
            SpecVersion.VersionFlag.V202012,
            factory -> factory.schemaLoaders(loaders -> loaders.schemas(Map.of(LOCATION, text))));
  }

  JsonNode root() {
    return root;
  }

  /** {@code GET /exports/{id}} and so on. */
  Set<String> operations() {
    Set<String> operations = new TreeSet<>();
    root.get("paths")
        .properties()
        .forEach(
            path ->
                path.getValue()
                    .fieldNames()
                    .forEachRemaining(
                        name -> {
                          if (!name.equals("parameters")) {
                            operations.add(name.toUpperCase(Locale.ROOT) + " " + path.getKey());
                          }
                        }));
    return operations;
  }

  /** Requires that the description has the operation, the status and the body of an answer. */
  void requireDescribed(String method, HttpResponse<byte[]> response) throws IOException {
    String path = response.request().uri().getRawPath();
    int status = response.statusCode();
    boolean isProblem =
        response.headers().firstValue("Content-Type").orElse("").equals("application/problem+json");
    List<String> templates = templates(path);
    if (templates.isEmpty()) {
      assertThat(status).as("%s %s is not described", method, path).isEqualTo(404);
    }
    // What no operation has to say for itself: no such path, or no such method of it.
    if (templates.isEmpty() || status == 405) {
      requireValid("/components/schemas/Problem", response);
      return;
    }
    String template = templates.get(0);
    String operation = method.equals("HEAD") ? "get" : method.toLowerCase(Locale.ROOT);
    String pointer =
        "/paths/" + template.replace("/", "~1") + "/" + operation + "/responses/" + status;
    JsonNode described = root.at(pointer);
    assertThat(described.isMissingNode()).as("%s is described", pointer).isFalse();
    if (method.equals("HEAD") || response.body().length == 0) {
      return;
    }
    String type = isProblem ? "application/problem+json" : "application/json";
    JsonNode content = described.at("/content/" + type.replace("/", "~1") + "/schema");
    if (isProblem || !content.isMissingNode()) {
      assertThat(content.isMissingNode()).as("%s has a body of %s", pointer, type).isFalse();
      requireValid(pointer + "/content/" + type.replace("/", "~1") + "/schema", response);
    } else {
      assertThat(described.has("content")).as("%s has a body", pointer).isTrue();
    }
  }

  /** Those without parameters first, as the service has them. */
  private List<String> templates(String path) {
    List<String> found = new ArrayList<>();
    root.get("paths")
        .fieldNames()
        .forEachRemaining(
            template -> {
              String pattern =
                  Pattern.compile("\\{\\w+}")
                      .matcher(template.replace(".", "\\."))
                      .replaceAll("[^/]+");
              if (path.matches(pattern)) {
                found.add(template);
              }
            });
    found.sort((a, b) -> Long.compare(parameters(a), parameters(b)));
    return found;
  }

  private static long parameters(String template) {
    return template.chars().filter(c -> c == '{').count();
  }

  private void requireValid(String pointer, HttpResponse<byte[]> response) throws IOException {
    JsonSchema schema =
        compiled.computeIfAbsent(
            pointer, key -> schemas.getSchema(SchemaLocation.of(LOCATION + "#" + key)));
    Set<ValidationMessage> problems = schema.validate(Api.JSON.readTree(response.body()));
    assertThat(problems).as("%s of %s", response, new String(response.body(), UTF_8)).isEmpty();
  }
}
