package io.polystream.source;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.polystream.row.ByteBuilder;
import io.polystream.row.ByteSink;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class JsonCompactorTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{\"a\": 1, \"b\": [1, 2]}         | {\"a\":1,\"b\":[1,2]}",
        "\" a  b \"                        | \" a  b \"",
        "{\" a \" : \" b \"}               | {\" a \":\" b \"}",
        "\" \\\" : , \"                    | \" \\\" : , \"",
        "[\"\\\\\" , \"\\\\\\\" , \"]      | [\"\\\\\",\"\\\\\\\" , \"]",
        "{\"b\":1, \"a\":2, \"b\":1.10}    | {\"b\":1,\"a\":2,\"b\":1.10}",
        "[1e+20 , 1.10, -0.0, 1E400]       | [1e+20,1.10,-0.0,1E400]",
        "[true , false , null ]            | [true,false,null]",
        "\"\\u0020 \\u005c\"               | \"\\u0020 \\u005c\"",
        "[ ]                               | []",
        "{ }                               | {}",
        "12                                | 12"
      })
  void onlyWhiteSpaceBetweenTokensGoes(String text, String compact) throws IOException {
    assertThat(compacted(text)).isEqualTo(compact);
  }

  @Test
  void allFourWhiteSpacesGoAndNoOtherDoes() throws IOException {
    assertThat(compacted(" \t\r\n[\r\n\t1 ,\n\n2\t]\n ")).isEqualTo("[1,2]");
    // Not JSON's white space: PostgreSQL would not have let it in, and it is not for us to judge.
    assertThat(compacted("[1,\u000b2,\u00a03]")).isEqualTo("[1,\u000b2,\u00a03]");
  }

  @Test
  void anySplitIntoChunksGivesTheSame() throws IOException {
    String text = "{ \"a \\\" b\\\\\" : [ \"\\\\\\\" \" , \"é 🐘 \\u0020\" , 1.0 ] , \"\" : null }";
    byte[] bytes = text.getBytes(UTF_8);
    String compact = "{\"a \\\" b\\\\\":[\"\\\\\\\" \",\"é 🐘 \\u0020\",1.0],\"\":null}";
    for (int first = 0; first <= bytes.length; first++) {
      for (int second = first; second <= bytes.length; second++) {
        JsonCompactor compactor = new JsonCompactor();
        ByteBuilder sink = new ByteBuilder(1);
        compactor.write(bytes, 0, first, sink);
        compactor.write(bytes, first, second - first, sink);
        compactor.write(bytes, second, bytes.length - second, sink);
        assertThat(text(sink)).isEqualTo(compact);
      }
    }
  }

  @Test
  void whatEndsAStringIsKnownAcrossAChunksBorder() throws IOException {
    // A backslash, or the second of two, may be the last byte of a chunk of any size.
    for (int backslashes = 0; backslashes < 6; backslashes++) {
      for (int before = 4090; before < 4100; before++) {
        String string = "\"" + "x".repeat(before) + "\\\\".repeat(backslashes) + "\\\" \"";
        assertThat(compacted("[ " + string + " , " + string + " ]"))
            .isEqualTo("[" + string + "," + string + "]");
      }
    }
  }

  @Test
  void randomDocumentsAreWhatJacksonWritesWithoutSpaces() throws IOException {
    Random random = new Random(1);
    for (int i = 0; i < 2000; i++) {
      JsonNode document = randomValue(random, 4);
      byte[] pretty = pretty(document, random).getBytes(UTF_8);
      JsonCompactor compactor = new JsonCompactor();
      ByteBuilder sink = new ByteBuilder(16);
      for (int from = 0; from < pretty.length; ) {
        int length = Math.min(pretty.length - from, 1 + random.nextInt(40));
        compactor.write(pretty, from, length, sink);
        from += length;
      }
      assertThat(text(sink)).isEqualTo(JSON.writeValueAsString(document));
    }
  }

  @Test
  void resetBeginsANewTextWhateverCameBefore() throws IOException {
    JsonCompactor compactor = new JsonCompactor();
    compactor.write("\"not ended \\".getBytes(UTF_8), 0, 12, new ByteBuilder(16));
    compactor.reset();
    ByteBuilder sink = new ByteBuilder(16);
    compactor.write("[ \"\" , 1 ]".getBytes(UTF_8), 0, 10, sink);
    assertThat(text(sink)).isEqualTo("[\"\",1]");
  }

  @Test
  void aSinkHoweverSmallTakesTextHoweverLong() throws IOException {
    String element = "\"a b\"";
    byte[] text = ("[ " + element + (" , " + element).repeat(5000) + " ]").getBytes(UTF_8);
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    ByteSink small =
        new ByteSink(1) {
          @Override
          protected void makeRoom() {
            all.write(buffer, 0, position);
            position = 0;
          }
        };
    new JsonCompactor().write(text, 0, text.length, small);
    all.write(small.buffer(), 0, small.position());
    assertThat(all.toString(UTF_8)).isEqualTo("[" + element + ("," + element).repeat(5000) + "]");
  }

  private static String compacted(String text) throws IOException {
    byte[] bytes = ("?" + text + "?").getBytes(UTF_8);
    ByteBuilder sink = new ByteBuilder(16);
    new JsonCompactor().write(bytes, 1, bytes.length - 2, sink);
    return text(sink);
  }

  private static String text(ByteBuilder sink) {
    return new String(sink.toByteArray(), UTF_8);
  }

  private static JsonNode randomValue(Random random, int depth) {
    JsonNodeFactory nodes = JsonNodeFactory.instance;
    return switch (random.nextInt(depth > 0 ? 8 : 5)) {
      case 0 -> nodes.numberNode(random.nextLong() >> random.nextInt(64));
      case 1 -> nodes.numberNode(random.nextGaussian() * 1e6);
      case 2 -> nodes.booleanNode(random.nextBoolean());
      case 3 -> nodes.nullNode();
      case 4 -> nodes.textNode(randomText(random));
      case 5, 6 -> {
        ObjectNode object = nodes.objectNode();
        for (int i = random.nextInt(6); i > 0; i--) {
          object.set(randomText(random), randomValue(random, depth - 1));
        }
        yield object;
      }
      default -> {
        ArrayNode array = nodes.arrayNode();
        for (int i = random.nextInt(6); i > 0; i--) {
          array.add(randomValue(random, depth - 1));
        }
        yield array;
      }
    };
  }

  private static String randomText(Random random) {
    String[] pieces = {
      "\"", "\\", " ", "\n", "\t", ",", ":", "{", "]", "x", "é", "🐘", "\u0001", "/"
    };
    StringBuilder text = new StringBuilder();
    for (int i = random.nextInt(12); i > 0; i--) {
      text.append(pieces[random.nextInt(pieces.length)]);
    }
    return text.toString();
  }

  private static String pretty(JsonNode document, Random random) throws JsonProcessingException {
    DefaultIndenter indenter =
        new DefaultIndenter(
            new String[] {" ", "\t", ""}[random.nextInt(3)],
            new String[] {"\n", "\r\n", " "}[random.nextInt(3)]);
    DefaultPrettyPrinter printer = new DefaultPrettyPrinter();
    printer.indentArraysWith(indenter);
    printer.indentObjectsWith(indenter);
    return JSON.writer(printer).writeValueAsString(document);
  }
}
