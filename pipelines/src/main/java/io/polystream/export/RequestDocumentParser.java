package io.polystream.export;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.polystream.format.Format;
import io.polystream.format.FormatOption;
import io.polystream.format.Formats;
import io.polystream.output.Compression;
import io.polystream.source.ColumnPath;
import io.polystream.source.DatabaseUrl;
import io.polystream.source.ReadMode;
import io.polystream.source.TableName;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Reads a request document field by field; a wrong one does not keep the others from being read.
 */
final class RequestDocumentParser {
  private static final List<String> FIELDS =
      List.of(
          "schemaVersion",
          "table",
          "columns",
          "filter",
          "limit",
          "format",
          "compression",
          "compressionLevel",
          "allowEmpty");

  /** What only somebody who owns the connection may say. */
  private static final List<String> OWNERS_FIELDS =
      List.of("where", "database", "output", "read", "parallelism");

  private static final List<String> OUTPUT_FIELDS =
      List.of("file", "overwrite", "manifest", "maxFileBytes", "maxFileRows");

  /** What a configuration file may call a database. */
  static final Pattern DATABASE_NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9_.-]*");

  /** With the extensions that compression adds, what file systems take in bytes of UTF-8. */
  private static final int MOST_FILE_NAME_CHARACTERS = 200;

  /** What no system takes for a way elsewhere, and nobody's terminal for a command. */
  private static final Pattern FILE_NAME =
      Pattern.compile(
          "(?!\\.)[^/\\\\\\p{Cc}\\p{Cf}\\p{Cs}\\p{Zl}\\p{Zp}]{1,"
              + MOST_FILE_NAME_CHARACTERS
              + "}");

  private static final List<String> COLUMN_FIELDS = List.of("source", "target");

  private final RequestProblems problems;
  private final RequestDocument.Door door;

  RequestDocumentParser(RequestProblems problems, RequestDocument.Door door) {
    this.problems = problems;
    this.door = door;
  }

  /**
   * What the document says; of use only if there are no problems.
   *
   * @param pointer where it stands in a larger one; empty when it is the whole
   */
  RequestDocument document(JsonNode root, String pointer) {
    if (!(root instanceof ObjectNode object)) {
      problems.add(pointer, "must be an object");
      return RequestDocument.EMPTY;
    }
    RequestFields fields = new RequestFields(object, pointer, problems);
    refuseOthers(fields);
    fields.requireVersion();
    boolean isOwners = door.isOwners();
    Optional<Format> format =
        (isOwners ? fields.text("format") : fields.requiredText("format"))
            .flatMap(
                name -> problems.attempt(fields.pointer("format"), () -> Formats.byName(name)));
    return new RequestDocument(
        table(fields),
        columns(fields),
        fields
            .get("filter")
            .flatMap(node -> FilterDocument.parse(node, fields.pointer("filter"), problems)),
        isOwners ? fields.text("where") : Optional.empty(),
        fields.positive("limit"),
        format,
        compression(fields, format),
        formatOptions(fields, format),
        isOwners ? database(fields) : RequestDocument.DatabaseReference.UNSAID,
        isOwners ? output(fields) : download(fields),
        fields.truth("allowEmpty"),
        isOwners ? reading(fields) : RequestDocument.Reading.UNSAID);
  }

  private void refuseOthers(RequestFields fields) {
    Set<String> known = new LinkedHashSet<>(FIELDS);
    known.addAll(optionNames());
    if (door.isOwners()) {
      known.addAll(OWNERS_FIELDS);
    } else {
      known.add("fileName");
      OWNERS_FIELDS.forEach(name -> fields.refuse(name, "only the command line takes it"));
    }
    fields.refuseOthers(known, "a request");
  }

  private static Set<String> optionNames() {
    Set<String> names = new LinkedHashSet<>();
    Formats.options().forEach(option -> names.add(option.name()));
    return names;
  }

  private Optional<TableName> table(RequestFields fields) {
    return fields
        .text("table")
        .flatMap(name -> problems.attempt(fields.pointer("table"), () -> TableName.parse(name)));
  }

  /** A URL, or what has none of a URL's characters: a name. */
  private RequestDocument.DatabaseReference database(RequestFields fields) {
    Optional<String> text = fields.text("database").map(String::strip);
    if (text.filter(DATABASE_NAME.asMatchPredicate()).isPresent()) {
      return new RequestDocument.DatabaseReference(Optional.empty(), text);
    }
    return new RequestDocument.DatabaseReference(
        text.flatMap(
            url -> problems.attempt(fields.pointer("database"), () -> DatabaseUrl.parse(url))),
        Optional.empty());
  }

  /**
   * Without a method of its own the level may be for any that takes it, if somebody can name one
   * elsewhere.
   */
  private RequestDocument.Compressing compression(RequestFields fields, Optional<Format> format) {
    Optional<Compression.Method> method =
        fields
            .text("compression")
            .flatMap(
                name ->
                    problems.attempt(
                        fields.pointer("compression"), () -> Compression.Method.byLabel(name)));
    OptionalInt level = fields.between("compressionLevel", 1, Compression.HIGHEST_LEVEL);
    boolean isNone = !door.isOwners() && fields.get("compression").isEmpty();
    if (level.isPresent() && (method.isPresent() || isNone)) {
      problems.attempt(
          fields.pointer("compressionLevel"),
          () -> Compression.of(method.orElse(Compression.Method.NONE), level));
    }
    if (method.isPresent() && format.isPresent()) {
      problems.attempt(
          fields.pointer("compression"),
          () -> {
            ExportRequest.requireCompression(format.get(), method.get());
            return method;
          });
    }
    return new RequestDocument.Compressing(method, level);
  }

  private RequestDocument.Reading reading(RequestFields fields) {
    return new RequestDocument.Reading(
        fields.text("read").flatMap(text -> readMode(text, fields)),
        fields.between("parallelism", 1, ExportRequest.Reading.MOST_READERS));
  }

  private Optional<ReadMode> readMode(String text, RequestFields fields) {
    Optional<ReadMode> mode =
        Arrays.stream(ReadMode.values()).filter(known -> lowerCase(known).equals(text)).findFirst();
    if (mode.isEmpty()) {
      problems.add(
          fields.pointer("read"),
          "must be one of "
              + Arrays.stream(ReadMode.values())
                  .map(RequestDocumentParser::lowerCase)
                  .collect(Collectors.joining(", "))
              + ", not \""
              + text
              + "\"");
    }
    return mode;
  }

  private static String lowerCase(ReadMode mode) {
    return mode.name().toLowerCase(Locale.ROOT);
  }

  private List<ColumnSelection> columns(RequestFields fields) {
    Optional<JsonNode> found =
        door == RequestDocument.Door.SERVICE ? fields.require("columns") : fields.get("columns");
    if (found.isEmpty()) {
      return List.of();
    }
    JsonNode array = found.get();
    String pointer = fields.pointer("columns");
    if (!array.isArray()) {
      fields.wrong("columns", "an array of objects with source and target", array);
      return List.of();
    }
    if (array.isEmpty()) {
      problems.add(
          pointer,
          door == RequestDocument.Door.SERVICE
              ? "is empty: name the columns"
              : "is empty: leave it out for all columns");
    }
    if (array.size() > ExportRequest.Selection.MOST_COLUMNS) {
      problems.add(
          pointer,
          "has " + array.size() + " columns, more than " + ExportRequest.Selection.MOST_COLUMNS);
      return List.of();
    }
    List<ColumnSelection> columns = new ArrayList<>();
    Map<String, String> targets = new HashMap<>();
    for (int i = 0; i < array.size(); i++) {
      column(array.get(i), RequestProblems.below(pointer, i), targets).ifPresent(columns::add);
    }
    return columns;
  }

  /**
   * @param targets those of the columns before, with their pointers
   */
  private Optional<ColumnSelection> column(
      JsonNode node, String pointer, Map<String, String> targets) {
    if (!(node instanceof ObjectNode object)) {
      problems.add(
          pointer, "must be an object with source and target, not " + RequestProblems.shown(node));
      return Optional.empty();
    }
    RequestFields fields = new RequestFields(object, pointer, problems);
    fields.refuseOthers(COLUMN_FIELDS, "a column");
    Optional<String> target = fields.text("target");
    target.ifPresent(
        name -> {
          String earlier = targets.putIfAbsent(name, pointer);
          if (earlier != null) {
            problems.add(
                fields.pointer("target"),
                RequestProblems.shown(object.get("target"))
                    + " is the target of "
                    + earlier
                    + ", too");
          }
        });
    return fields
        .requiredText("source")
        .flatMap(text -> problems.attempt(fields.pointer("source"), () -> ColumnPath.parse(text)))
        .flatMap(
            source ->
                problems.attempt(
                    fields.pointer("target"),
                    () -> new ColumnSelection(source, target, fields.pointer("source"))));
  }

  private RequestDocument.Output download(RequestFields fields) {
    Optional<String> name = fields.text("fileName");
    name.filter(said -> !FILE_NAME.matcher(said).matches())
        .ifPresent(
            said ->
                problems.add(
                    fields.pointer("fileName"),
                    "must be a file's name, of 1 to "
                        + MOST_FILE_NAME_CHARACTERS
                        + " characters, without / \\ and control characters, not beginning with a dot"));
    return new RequestDocument.Output(
        name, Optional.empty(), Optional.empty(), OptionalLong.empty(), OptionalLong.empty());
  }

  private RequestDocument.Output output(RequestFields request) {
    Optional<ObjectNode> object = request.object("output");
    if (object.isEmpty()) {
      return RequestDocument.Output.UNSAID;
    }
    RequestFields fields = new RequestFields(object.get(), request.pointer("output"), problems);
    fields.refuseOthers(OUTPUT_FIELDS, "output");
    return new RequestDocument.Output(
        fields.path("file"),
        fields.truth("overwrite"),
        fields.path("manifest"),
        fields.bytes("maxFileBytes"),
        fields.positive("maxFileRows"));
  }

  private Map<String, String> formatOptions(RequestFields fields, Optional<Format> format) {
    Map<String, String> options = new LinkedHashMap<>();
    for (FormatOption option : Formats.options()) {
      String name = option.name();
      Optional<JsonNode> node = fields.get(name);
      boolean mayBeBoolean = option.choices().contains("true");
      if (node.isPresent()
          && !node.get().isTextual()
          && !(mayBeBoolean && node.get().isBoolean())) {
        fields.wrong(name, mayBeBoolean ? "true or false" : "a string", node.get());
      } else if (node.isPresent()) {
        options.put(name, node.get().asText());
        requireOption(fields.pointer(name), name, node.get().asText(), format);
      }
    }
    return options;
  }

  /** Without a format of its own the document may be for any that takes the option. */
  private void requireOption(String pointer, String name, String value, Optional<Format> format) {
    List<Format> candidates =
        format
            .map(List::of)
            .orElseGet(
                () -> Formats.all().stream().filter(candidate -> candidate.takes(name)).toList());
    String problem = "";
    for (Format candidate : candidates) {
      Optional<String> found = Formats.problem(candidate, name, value);
      if (found.isEmpty()) {
        return;
      }
      problem = found.get();
    }
    problems.add(pointer, problem);
  }
}
