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
import org.yaml.snakeyaml.error.MarkedYAMLException;

/**
 * YAML as far as JSON goes: no aliases, no merging, no types but JSON's. The only class that knows
 * the library, so that nobody loads it who has no YAML.
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

  /** What the parser would take for the text of its name. */
  private static final class WithoutAliases extends JsonParserDelegate {
    WithoutAliases(YAMLParser parser) {
      super(parser);
    }

    @Override
    public JsonToken nextToken() throws IOException {
      JsonToken token = super.nextToken();
      if (token != null && ((YAMLParser) delegate).isCurrentAlias()) {
        throw new JsonParseException(this, "write the value itself instead of an alias (*name)");
      }
      return token;
    }

    @Override
    public String nextFieldName() throws IOException {
      return nextToken() == JsonToken.FIELD_NAME ? currentName() : null;
    }
  }

  static JsonNode tree(byte[] document) throws IOException {
    try (JsonParser parser = new WithoutAliases(YAML.createParser(document))) {
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
