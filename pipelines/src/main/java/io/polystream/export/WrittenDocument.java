package io.polystream.export;

import static io.polystream.error.PolyStreamException.configuration;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.polystream.error.PolyStreamException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Map;

/**
 * A document as somebody wrote it, in JSON or in YAML: bounded, without duplicate keys, numbers
 * with all their digits. Not thread-safe.
 */
final class WrittenDocument {
  /** Deeper than any filter may be nested. */
  static final int MOST_LEVELS = 100;

  /** A tree of them is a few megabytes; a list of values may have a hundred thousand. */
  private static final int MOST_TOKENS = 200_000;

  /** JSON as documents have it. */
  static final JsonMapper JSON =
      exact(
          JsonMapper.builder(
              JsonFactory.builder()
                  .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                  .streamReadConstraints(
                      StreamReadConstraints.builder()
                          .maxNestingDepth(MOST_LEVELS)
                          .maxTokenCount(MOST_TOKENS)
                          .build())
                  .build()));

  private final String name;
  private final byte[] bytes;
  private final boolean isYaml;

  /** In what a document may be written. */
  enum Syntax {
    JSON,
    /** JSON when it begins like an object or an array of JSON's, else YAML. */
    JSON_OR_YAML
  }

  private WrittenDocument(String name, byte[] bytes, boolean isYaml) {
    this.name = name;
    this.bytes = bytes;
    this.isYaml = isYaml;
  }

  /**
   * Reads a document to its end.
   *
   * @param name what it is called in errors
   * @param mostBytes the longest there may be
   */
  static WrittenDocument read(InputStream document, String name, int mostBytes, Syntax syntax) {
    try {
      byte[] bytes = document.readNBytes(mostBytes + 1);
      if (bytes.length > mostBytes) {
        throw configuration(name + ": a document has at most " + mostBytes + " bytes");
      }
      return new WrittenDocument(
          name, bytes, syntax == Syntax.JSON_OR_YAML && !beginsLikeJson(bytes));
    } catch (IOException e) {
      throw PolyStreamException.storage("cannot read " + name, e);
    }
  }

  private static boolean beginsLikeJson(byte[] bytes) {
    for (byte b : bytes) {
      if (!Character.isWhitespace(b)) {
        return b == '{' || b == '[';
      }
    }
    return true;
  }

  /** Reads numbers with all their digits, for columns hold more than a double does. */
  static JsonMapper exact(JsonMapper.Builder mapper) {
    return mapper
        .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
        .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
        .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
        .build();
  }

  /**
   * What it says, parsed.
   *
   * @throws PolyStreamException of kind {@code CONFIGURATION} with the line of what is neither
   */
  JsonNode tree() {
    try {
      return isYaml ? YamlSyntax.tree(bytes) : JSON.readTree(bytes);
    } catch (JsonProcessingException e) {
      String place =
          e.getLocation() == null || e.getLocation().getLineNr() < 1
              ? ""
              : "line "
                  + e.getLocation().getLineNr()
                  + ", column "
                  + e.getLocation().getColumnNr()
                  + ": ";
      String problem = isYaml ? YamlSyntax.problem(e) : inOurWords(e.getOriginalMessage());
      throw configuration(
          name + ": " + place + "not " + syntaxName() + " as it should be: " + problem);
    } catch (IOException e) {
      throw configuration(name + ": not " + syntaxName() + " in UTF-8: " + e.getMessage());
    }
  }

  /** Without the library's advice to those who program with it. */
  private static String inOurWords(String problem) {
    return problem
        .replaceFirst(" \\(start marker at .*", " that begins before")
        .replaceFirst(": enable '?`?JsonReadFeature\\..*", ": write it as a string")
        .replaceFirst(
            " exceeds the maximum allowed \\((\\d+), from `?StreamReadConstraints.*",
            " exceeds the most there may be, $1");
  }

  private String syntaxName() {
    return isYaml ? "YAML" : "JSON";
  }

  /** The failure that names the problems; in YAML, which is written by hand, with their lines. */
  PolyStreamException refusal(RequestProblems problems) {
    return problems.toException(
        name, isYaml ? YamlSyntax.lines(bytes, problems.pointers()) : Map.of());
  }
}
