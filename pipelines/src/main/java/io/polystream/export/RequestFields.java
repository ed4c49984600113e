package io.polystream.export;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Collection;
import java.util.HashSet;
import java.util.Iterator;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;

/** The members of one object of a request document. What is of the wrong type becomes a problem. */
final class RequestFields {
  private static final int SCHEMA_VERSION = 1;

  private final ObjectNode object;
  private final String pointer;
  private final RequestProblems problems;
  private final Set<String> refused = new HashSet<>();

  RequestFields(ObjectNode object, String pointer, RequestProblems problems) {
    this.object = object;
    this.pointer = pointer;
    this.problems = problems;
  }

  String pointer(String name) {
    return RequestProblems.below(pointer, name);
  }

  Optional<JsonNode> get(String name) {
    return Optional.ofNullable(object.get(name));
  }

  /** Makes a problem of a member, if there is one of the name. */
  void refuse(String name, String why) {
    if (object.has(name)) {
      refused.add(name);
      problems.add(pointer(name), why);
    }
  }

  /**
   * Makes a problem of every member of another name.
   *
   * @param what what has these members, for people
   */
  void refuseOthers(Collection<String> names, String what) {
    for (Iterator<String> found = object.fieldNames(); found.hasNext(); ) {
      String name = found.next();
      if (!names.contains(name) && !refused.contains(name)) {
        problems.add(pointer(name), "unknown field: " + what + " has " + String.join(", ", names));
      }
    }
  }

  /** Makes a problem of a version that is not the one there is. */
  void requireVersion() {
    get("schemaVersion")
        .filter(node -> !node.isIntegralNumber() || !node.asText().equals("" + SCHEMA_VERSION))
        .ifPresent(node -> wrong("schemaVersion", "" + SCHEMA_VERSION, node));
  }

  /** A member that has to be there. */
  Optional<JsonNode> require(String name) {
    Optional<JsonNode> found = get(name);
    if (found.isEmpty()) {
      problems.add(pointer(name), "is missing");
    }
    return found;
  }

  Optional<String> text(String name) {
    return get(name).flatMap(node -> text(name, node));
  }

  Optional<String> requiredText(String name) {
    return require(name).flatMap(node -> text(name, node));
  }

  private Optional<String> text(String name, JsonNode node) {
    if (!node.isTextual()) {
      return wrong(name, "a string", node);
    }
    if (node.textValue().isBlank()) {
      problems.add(pointer(name), "is empty");
      return Optional.empty();
    }
    return Optional.of(node.textValue());
  }

  /** The text of a file's name. */
  Optional<String> path(String name) {
    Optional<String> text = text(name);
    if (text.filter(path -> path.indexOf('\0') >= 0).isPresent()) {
      problems.add(pointer(name), "a path cannot have the character U+0000 in it");
      return Optional.empty();
    }
    return text;
  }

  Optional<Boolean> truth(String name) {
    return get(name)
        .flatMap(
            node ->
                node.isBoolean()
                    ? Optional.of(node.booleanValue())
                    : wrong(name, "true or false", node));
  }

  OptionalLong positive(String name) {
    Optional<JsonNode> node = get(name);
    if (node.isEmpty()) {
      return OptionalLong.empty();
    }
    if (!node.get().isIntegralNumber()
        || !node.get().canConvertToLong()
        || node.get().longValue() < 1) {
      wrong(name, "a whole number of 1 or more", node.get());
      return OptionalLong.empty();
    }
    return OptionalLong.of(node.get().longValue());
  }

  /** A whole number within bounds, both included. */
  OptionalInt between(String name, int least, int most) {
    Optional<JsonNode> node = get(name);
    if (node.isEmpty()) {
      return OptionalInt.empty();
    }
    if (!node.get().isIntegralNumber()
        || !node.get().canConvertToInt()
        || node.get().intValue() < least
        || node.get().intValue() > most) {
      wrong(name, "a whole number from " + least + " to " + most, node.get());
      return OptionalInt.empty();
    }
    return OptionalInt.of(node.get().intValue());
  }

  /** A number of bytes, or a text with a unit, as {@link ByteSize} reads it; at least one. */
  OptionalLong bytes(String name) {
    Optional<JsonNode> node = get(name);
    if (node.isEmpty() || !node.get().isTextual()) {
      return positive(name);
    }
    Optional<Long> bytes =
        problems.attempt(pointer(name), () -> ByteSize.parse(node.get().textValue()));
    if (bytes.isPresent() && bytes.get() < 1) {
      problems.add(pointer(name), "must be 1 byte or more, not " + bytes.get());
      return OptionalLong.empty();
    }
    return bytes.map(OptionalLong::of).orElseGet(OptionalLong::empty);
  }

  Optional<ObjectNode> object(String name) {
    return get(name)
        .flatMap(
            node ->
                node instanceof ObjectNode found
                    ? Optional.of(found)
                    : wrong(name, "an object", node));
  }

  <T> Optional<T> wrong(String name, String wanted, JsonNode found) {
    problems.add(pointer(name), "must be " + wanted + ", not " + RequestProblems.shown(found));
    return Optional.empty();
  }
}
