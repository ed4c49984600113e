package io.polystream.format.xml;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.polystream.row.ByteBuilder;
import java.io.IOException;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JsonElementsTest {
  private static final String[] SCALARS = {
    "null",
    "true",
    "false",
    "0",
    "-1.5e+10",
    "\"\"",
    "\"a\"",
    "\"\\\\\"",
    "\"\\\"\"",
    "\"<&>\\r\"",
    "\"\\ud83d\\udc18\"",
    "\"\\ud83dx\"",
    "\"x\\u0001\"",
    "\"\ufffe\uffff🐘\"",
    "\"\\ufffe]]>\"",
  };
  private static final String[] KEYS = {
    "", "a", "key", "item_0", "a b", "\\\"", "\\\\", "\\u00e9", "é", "\\ud83d", "xml", "_x_", "🐘"
  };

  private final XmlText text = new XmlText(true);
  private final JsonElements elements = new JsonElements(text);

  @ParameterizedTest
  @ValueSource(ints = {10_000, 1_000_000})
  void arraysMayBeAsDeepAsTheyLike(int levels) throws IOException {
    assertThat(written("[".repeat(levels) + "]".repeat(levels)))
        .isEqualTo("<c>" + "<item_0>".repeat(levels - 1) + "</item_0>".repeat(levels - 1) + "</c>");
  }

  @ParameterizedTest
  @ValueSource(ints = {10_000, 100_000})
  void objectsMayBeAsDeepAsTheyLike(int levels) throws IOException {
    assertThat(written("{\"k\":[1,{\"a b\":".repeat(levels) + "2" + "}]}".repeat(levels)))
        .isEqualTo(
            "<c>"
                + "<k><item_0>1</item_0><item_1><a_x0020_b>".repeat(levels)
                + "2"
                + "</a_x0020_b></item_1></k>".repeat(levels)
                + "</c>");
  }

  @Test
  void aNameInTheMiddleIsKnownAtItsEnd() throws IOException {
    assertThat(written("{\"a\":{\"b\":[{\"c\":{}},{\"d\":{\"e\":[[]]}}],\"f\":null,\"g\":1}}"))
        .isEqualTo(
            "<c><a><b><item_0><c></c></item_0><item_1><d><e><item_0></item_0></e></d></item_1></b>"
                + "<f xsi:nil=\"true\"/><g>1</g></a></c>");
  }

  @Test
  void aKeyMayBeLongerThanAnyBuffer() throws IOException {
    String plain = "k".repeat(300_000);
    assertThat(written("{\"" + plain + "\":1}"))
        .isEqualTo("<c><" + plain + ">1</" + plain + "></c>");
    String mapped = "_x0020_".repeat(100_000);
    assertThat(written("{\"" + "\\u0020".repeat(100_000) + "\":1}"))
        .isEqualTo("<c><" + mapped + ">1</" + mapped + "></c>");
  }

  @Test
  void howTheTextIsSplitDoesNotShow() throws IOException {
    Random random = new Random(5);
    for (int i = 0; i < 300; i++) {
      String json = randomValue(random, 4);
      text.beginPart();
      String whole = written(json);
      long replaced = text.replacedCharacters();
      text.beginPart();
      assertThat(writtenInPieces(json, random)).as(json).isEqualTo(whole);
      assertThat(text.replacedCharacters()).as(json).isEqualTo(replaced);
    }
  }

  @Test
  void aStringWithEscapesMayBeLongerThanWhatIsUnescapedInOneGo() throws IOException {
    String json = "\"" + "abc\\\\\\\"\\ud83d\\udc18\\u00e9".repeat(5_000) + "\"";
    assertThat(written(json)).isEqualTo("<c>" + "abc\\\"🐘é".repeat(5_000) + "</c>");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "[", "{\"a\"", "{\"a\":", "\"a", "[1", "{\"a\":1", "[1,", "{1", "1]"})
  void halfAValueIsADefect(String json) throws IOException {
    assertThatIllegalStateException().isThrownBy(() -> written(json));
    assertThat(written("[1]")).isEqualTo("<c><item_0>1</item_0></c>");
  }

  private String written(String json) throws IOException {
    ByteBuilder sink = new ByteBuilder(64);
    byte[] bytes = json.getBytes(UTF_8);
    begin(sink);
    elements.write(bytes, 0, bytes.length, sink);
    elements.end(sink);
    return new String(sink.toByteArray(), UTF_8);
  }

  private String writtenInPieces(String json, Random random) throws IOException {
    ByteBuilder sink = new ByteBuilder(1);
    byte[] bytes = json.getBytes(UTF_8);
    int most = 1 + random.nextInt(10);
    begin(sink);
    for (int from = 0; from < bytes.length; ) {
      int length = Math.min(bytes.length - from, random.nextInt(most + 1));
      // As in a source's buffer: what came before is gone, what follows is somebody else's.
      byte[] piece = new byte[length + 2];
      piece[0] = '"';
      piece[length + 1] = '"';
      System.arraycopy(bytes, from, piece, 1, length);
      elements.write(piece, 1, length, sink);
      from += length;
    }
    elements.end(sink);
    return new String(sink.toByteArray(), UTF_8);
  }

  private void begin(ByteBuilder sink) throws IOException {
    text.begin();
    elements.begin(new byte[] {'c'}, sink);
  }

  private static String randomValue(Random random, int depth) {
    int kind = depth == 0 ? 2 : random.nextInt(4);
    if (kind >= 2) {
      return SCALARS[random.nextInt(SCALARS.length)];
    }
    StringBuilder json = new StringBuilder(kind == 0 ? "[" : "{");
    int size = random.nextInt(13);
    for (int i = 0; i < size; i++) {
      if (i > 0) {
        json.append(',');
      }
      if (kind == 1) {
        json.append('"').append(KEYS[random.nextInt(KEYS.length)]).append("\":");
      }
      json.append(randomValue(random, depth - 1));
    }
    return json.append(kind == 0 ? ']' : '}').toString();
  }
}
