package io.polystream.export;

import com.fasterxml.jackson.core.JsonParseException;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.util.JsonParserDelegate;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLParser;
import java.io.IOException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.yaml.snakeyaml.error.MarkedYAMLException;

/**
 * YAML as far as JSON goes: no aliases, no merging, no types but JSON's, and these as JSON writes
 * them: to YAML 1.1, which the parser knows, {@code 010} is eight and {@code off} is false. The
 * only class that knows the library, so that nobody loads it who has no YAML.
 */
final class YamlSyntax {
  private static final YAMLFactory YAML =
      YAMLFactory.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .streamReadConstraints(
              StreamReadConstraints.builder().maxNestingDepth(WrittenDocument.MOST_LEVELS).build())
          .build();

  private static final JsonMapper JSON = WrittenDocument.exact(JsonMapper.builder());

  private YamlSyntax() {}

  /** RFC 8259 section 6. */
  private static final Pattern JSON_NUMBER =
      Pattern.compile("-?(0|[1-9][0-9]*)(\\.[0-9]+)?([eE][+-]?[0-9]+)?");

  /** Refuses what the parser would take for something else than was meant. */
  private static final class Strict extends JsonParserDelegate {
    Strict(YAMLParser parser) {
      super(parser);
    }

    @Override
    public JsonToken nextToken() throws IOException {
      JsonToken token = super.nextToken();
      if (token != null && ((YAMLParser) delegate).isCurrentAlias()) {
        throw new JsonParseException(this, "write the value itself instead of an alias (*name)");
      }
      if (token != null && (token.isNumeric() || token.isBoolean())) {
        requireJson(token.isBoolean(), getText());
      }
      return token;
    }

    private void requireJson(boolean isBoolean, String text) throws JsonParseException {
      if (isBoolean ? !text.matches("true|false") : !JSON_NUMBER.matcher(text).matches()) {
        throw new JsonParseException(
            this,
            text
                + " may mean something else: write "
                + (isBoolean ? "true or false" : "a number as JSON has it, such as 8 or 0.5")
                + ", or a string in quotes");
      }
    }

    @Override
    public String nextFieldName() throws IOException {
      return nextToken() == JsonToken.FIELD_NAME ? currentName() : null;
    }
  }

  static JsonNode tree(byte[] document) throws IOException {
    try (JsonParser parser = new Strict(YAML.createParser(document))) {
      JsonNode tree = JSON.readTree(parser);
      return tree == null ? MissingNode.getInstance() : tree;
    }
  }

  /** What the parser found, without the text around it, which may hold a password. */
  static String problem(JsonProcessingException e) {
    return e.getCause() instanceof MarkedYAMLException marked
        ? marked.getProblem()
        : e.getOriginalMessage();
  }

  /**
   * On which lines, from 1, things are written.
   *
   * @param wanted their pointers; what they are members of is looked for, too
   */
  static Map<String, Integer> lines(byte[] document, Set<String> wanted) {
    Set<String> looked = new HashSet<>();
    for (String pointer : wanted) {
      for (String at = pointer; !at.isEmpty(); at = RequestProblems.parent(at)) {
        looked.add(at);
      }
    }
    Map<String, Integer> lines = new HashMap<>();
    try (JsonParser parser = YAML.createParser(document)) {
      while (parser.nextToken() != null) {
        String pointer = parser.getParsingContext().pathAsPointer().toString();
        if (looked.contains(pointer)) {
          lines.putIfAbsent(pointer, parser.currentTokenLocation().getLineNr());
        }
      }
    } catch (IOException unreadable) {
      // It was read before; without lines the pointers have to do.
    }
    return lines;
  }
}
