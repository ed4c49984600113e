package io.polystream.export;

import static io.polystream.error.PolyStreamException.configuration;
import static java.util.stream.Collectors.joining;
import static java.util.stream.Collectors.toSet;

import com.fasterxml.jackson.databind.JsonNode;
import io.polystream.error.PolyStreamException;
import io.polystream.error.Problem;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/** What is wrong with a document, each problem with its JSON Pointer (RFC 6901). */
final class RequestProblems {
  /** Enough to find them all in three tries; a document of nothing but mistakes has too many. */
  private static final int MOST_NAMED = 50;

  private static final int MOST_SHOWN_CHARACTERS = 60;

  private final List<Problem> problems = new ArrayList<>();

  private static String inWords(Problem problem, Map<String, Integer> lines) {
    String where = problem.pointer().isEmpty() ? "the whole" : problem.pointer();
    return line(problem, lines).map(line -> "line " + line + ": ").orElse("")
        + where
        + ": "
        + problem.text();
  }

  /** That of what is missing is that of what it is missing in. */
  private static Optional<Integer> line(Problem problem, Map<String, Integer> lines) {
    for (String at = problem.pointer(); !at.isEmpty(); at = parent(at)) {
      if (lines.containsKey(at)) {
        return Optional.of(lines.get(at));
      }
    }
    return Optional.empty();
  }

  void add(String pointer, String problem) {
    problems.add(new Problem(pointer, problem));
  }

  void addAll(List<Problem> others) {
    problems.addAll(others);
  }

  /** The result of something that may fail, or empty with what it failed with as a problem. */
  <T> Optional<T> attempt(String pointer, Supplier<T> parsing) {
    try {
      return Optional.of(parsing.get());
    } catch (PolyStreamException e) {
      if (e.problems().isEmpty()) {
        add(pointer, e.getMessage());
      }
      addAll(e.problems());
      return Optional.empty();
    }
  }

  /** The same for what makes no sense after any problem before it. */
  <T> Optional<T> attemptNext(String pointer, Supplier<T> parsing) {
    return areNone() ? attempt(pointer, parsing) : Optional.empty();
  }

  boolean areNone() {
    return problems.isEmpty();
  }

  /** Where the problems are that {@link #toException} names. */
  Set<String> pointers() {
    return named().stream().map(Problem::pointer).collect(toSet());
  }

  /** All of it as one failure, in no document's name. */
  PolyStreamException toException() {
    return configuration(
        named().stream().map(Problem::toString).collect(joining("; ")) + more(), named());
  }

  /**
   * All of it as one failure.
   *
   * @param what what they are the problems of
   * @param lines of pointers, as far as they are known
   */
  PolyStreamException toException(String what, Map<String, Integer> lines) {
    return configuration(
        what
            + ": "
            + named().stream().map(problem -> inWords(problem, lines)).collect(joining("; "))
            + more(),
        named());
  }

  private String more() {
    int more = problems.size() - MOST_NAMED;
    return more > 0 ? "; and " + more + " more" : "";
  }

  private List<Problem> named() {
    return problems.subList(0, Math.min(problems.size(), MOST_NAMED));
  }

  /** The pointer to a member. */
  static String below(String pointer, String name) {
    return pointer + "/" + name.replace("~", "~0").replace("/", "~1");
  }

  static String below(String pointer, int index) {
    return pointer + "/" + index;
  }

  /** The pointer to what something is a member of; empty for the whole. */
  static String parent(String pointer) {
    return pointer.substring(0, Math.max(0, pointer.lastIndexOf('/')));
  }

  /** What a value is, without saying which. */
  static String type(JsonNode value) {
    return switch (value.getNodeType()) {
      case OBJECT -> "an object";
      case ARRAY -> "an array";
      case STRING -> "a string";
      case NUMBER -> "a number";
      case BOOLEAN -> "true or false";
      default -> "null";
    };
  }

  /** A value of the document, shortened; of what has members the type, for they may be secrets. */
  static String shown(JsonNode value) {
    if (value.isObject() || value.isArray()) {
      return type(value);
    }
    String text = value.toString();
    return text.length() <= MOST_SHOWN_CHARACTERS
        ? text
        : text.substring(0, MOST_SHOWN_CHARACTERS) + "…";
  }
}
