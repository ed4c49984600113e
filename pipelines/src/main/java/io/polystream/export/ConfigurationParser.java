package io.polystream.export;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.polystream.source.DatabaseUrl;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/** Reads a configuration file; what is wrong in one place does not keep others from being read. */
final class ConfigurationParser {
  private static final List<String> FIELDS =
      List.of("schemaVersion", "database", "databases", "exports");

  private static final List<String> DATABASE_FIELDS =
      List.of("url", "passwordFile", "passwordVariable");

  /** What POSIX lets a variable be called (Base Definitions, 3.216 Name). */
  private static final Pattern VARIABLE = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*");

  private final Path file;
  private final RequestProblems problems;

  ConfigurationParser(Path file, RequestProblems problems) {
    this.file = file;
    this.problems = problems;
  }

  /** What the file says; of use only if there are no problems. */
  Configuration configuration(JsonNode root) {
    if (root instanceof MissingNode) {
      return new Configuration(file, Optional.empty(), Map.of(), Map.of());
    }
    if (!(root instanceof ObjectNode object)) {
      problems.add("", "must be an object");
      return configuration(MissingNode.getInstance());
    }
    RequestFields fields = new RequestFields(object, "", problems);
    fields.refuseOthers(FIELDS, "a configuration");
    fields.requireVersion();
    Map<String, Configuration.NamedDatabase> databases = databases(fields);
    Optional<String> database = fields.text("database");
    database.ifPresent(name -> requireKnown(name, fields.pointer("database"), fields));
    return new Configuration(file, database, databases, exports(fields));
  }

  /** One that is there but wrong has a problem already. */
  private void requireKnown(String name, String pointer, RequestFields root) {
    Optional<ObjectNode> databases = root.get("databases").map(node -> object(node));
    if (databases.isEmpty() || !databases.get().has(name)) {
      problems.add(pointer, "there is no \"" + name + "\" in /databases");
    }
  }

  private static ObjectNode object(JsonNode node) {
    return node instanceof ObjectNode found ? found : null;
  }

  private Map<String, Configuration.NamedDatabase> databases(RequestFields root) {
    Map<String, Configuration.NamedDatabase> databases = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> found : members("databases", root).entrySet()) {
      String pointer = RequestProblems.below(root.pointer("databases"), found.getKey());
      if (!RequestDocumentParser.DATABASE_NAME.matcher(found.getKey()).matches()) {
        problems.add(pointer, "a name has letters, digits, dots, - and _ only");
      }
      database(found.getValue(), pointer)
          .ifPresent(database -> databases.put(found.getKey(), database));
    }
    return databases;
  }

  private Optional<Configuration.NamedDatabase> database(JsonNode node, String pointer) {
    if (!(node instanceof ObjectNode object)) {
      problems.add(pointer, "must be an object with url, not " + RequestProblems.type(node));
      return Optional.empty();
    }
    RequestFields fields = new RequestFields(object, pointer, problems);
    fields.refuseOthers(DATABASE_FIELDS, "a database");
    Optional<DatabaseUrl> url =
        fields
            .requiredText("url")
            .flatMap(
                text ->
                    problems.attempt(fields.pointer("url"), () -> DatabaseUrl.parse(text.strip())));
    Optional<String> passwordFile = fields.path("passwordFile");
    Optional<String> variable = fields.text("passwordVariable");
    if (variable.filter(name -> !VARIABLE.matcher(name).matches()).isPresent()) {
      problems.add(
          fields.pointer("passwordVariable"), "must be the name of an environment variable");
    }
    if (passwordFile.isPresent() && variable.isPresent()) {
      problems.add(fields.pointer("passwordVariable"), "give a passwordFile or a passwordVariable");
    }
    return url.map(
        found ->
            new Configuration.NamedDatabase(
                found, passwordFile.map(file.toAbsolutePath()::resolveSibling), variable));
  }

  private Map<String, RequestDocument> exports(RequestFields root) {
    RequestDocumentParser parser =
        new RequestDocumentParser(problems, RequestDocument.Door.COMMAND_LINE);
    Map<String, RequestDocument> exports = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> found : members("exports", root).entrySet()) {
      String pointer = RequestProblems.below(root.pointer("exports"), found.getKey());
      RequestDocument export = parser.document(found.getValue(), pointer);
      export.database().name().ifPresent(name -> requireKnown(name, pointer + "/database", root));
      exports.put(found.getKey(), export);
    }
    return exports;
  }

  private static Map<String, JsonNode> members(String name, RequestFields root) {
    Map<String, JsonNode> members = new LinkedHashMap<>();
    root.object(name)
        .ifPresent(
            object -> object.properties().forEach(m -> members.put(m.getKey(), m.getValue())));
    return members;
  }
}
