package io.polystream.source.postgresql;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.polystream.row.Kind;
import io.polystream.source.postgresql.Decoded.Message;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Arrays as array_send and array_out (utils/adt/arrayfuncs.c) make them. */
class ArrayValuesTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final BinaryValues binary = new BinaryValues();
  private final TextValues text = new TextValues();

  private final ArrayValues texts = array(Kind.TEXT, CellDecoder.VERBATIM);

  @Test
  void anEmptyArrayIsEmptyInBothForms() throws IOException {
    byte[] none = Decoded.bytes(ArrayValuesTest::writeEmpty);
    assertThat(Decoded.decode(texts::binary, none)).isEqualTo("[]");
    assertThat(Decoded.text(texts::text, "{}")).isEqualTo("[]");
  }

  @Test
  void binaryElementsAreDecoded() throws IOException {
    assertThat(binary(array(Kind.NUMBER, binary::int4), elements(new int[] {3}, i -> ofInt(i - 1))))
        .isEqualTo("[-1,0,1]");
    assertThat(
            binary(
                array(Kind.BOOLEAN, BinaryValues::bool),
                elements(new int[] {2}, i -> new byte[] {(byte) i})))
        .isEqualTo("[false,true]");
    assertThat(
            binary(
                array(Kind.TEMPORAL, binary::date),
                elements(new int[] {2}, i -> ofInt(i == 0 ? 0 : Integer.MAX_VALUE))))
        .isEqualTo("[\"2000-01-01\",\"infinity\"]");
    assertThat(
            binary(
                array(Kind.BINARY, Base64Text::write), elements(new int[] {2}, i -> new byte[i])))
        .isEqualTo("[\"\",\"AA==\"]");
  }

  /** Kind TEXT, but not text as it comes. */
  @Test
  void binaryElementsThatBecomeTextAreDecodedToo() throws IOException {
    assertThat(
            binary(
                array(Kind.TEXT, BinaryValues::uuid),
                elements(new int[] {1}, i -> "ABCDEFGHIJKLMNO\"".getBytes(UTF_8))))
        .isEqualTo("[\"41424344-4546-4748-494a-4b4c4d4e4f22\"]");
  }

  @Test
  void numbersThatAreNoneAreStringsInBothForms() throws IOException {
    ArrayValues numbers = array(Kind.NUMBER, binary::numeric);
    byte[] notANumber = Decoded.bytes(out -> out.writeLong(0x0000_0000_C000_0000L));
    assertThat(
            binary(
                numbers,
                elements(new int[] {2}, i -> i == 0 ? notANumber : Decoded.numeric("-1.10"))))
        .isEqualTo("[\"NaN\",-1.10]");
    assertThat(
            Decoded.text(
                array(Kind.NUMBER, CellDecoder.VERBATIM)::text,
                "{NaN,Infinity,-Infinity,NULL,-1.10,1e+20,5e-324}"))
        .isEqualTo("[\"NaN\",\"Infinity\",\"-Infinity\",null,-1.10,1e+20,5e-324]");
  }

  @Test
  void moreDimensionsAreNested() throws IOException {
    ArrayValues numbers = array(Kind.NUMBER, binary::int4);
    assertThat(binary(numbers, elements(new int[] {2, 3}, ArrayValuesTest::ofInt)))
        .isEqualTo("[[0,1,2],[3,4,5]]");
    assertThat(binary(numbers, elements(new int[] {2, 1, 2}, ArrayValuesTest::ofInt)))
        .isEqualTo("[[[0,1]],[[2,3]]]");
    assertThat(Decoded.text(array(Kind.NUMBER, CellDecoder.VERBATIM)::text, "{{1,2},{3,NULL}}"))
        .isEqualTo("[[1,2],[3,null]]");
  }

  @Test
  void lowerBoundsAreLeftOut() throws IOException {
    ArrayValues numbers = array(Kind.NUMBER, CellDecoder.VERBATIM);
    assertThat(Decoded.text(numbers::text, "[0:2]={1,2,3}")).isEqualTo("[1,2,3]");
    assertThat(Decoded.text(numbers::text, "[-2:-1][3:4]={{1,2},{3,4}}"))
        .isEqualTo("[[1,2],[3,4]]");
  }

  @Test
  void nullIsToldFromTheWordAndFromWhatBeginsLikeIt() throws IOException {
    assertThat(Decoded.text(texts::text, "{NULL,\"NULL\",NUTS,NULLS,NUL,N,\"\",null}"))
        .isEqualTo("[null,\"NULL\",\"NUTS\",\"NULLS\",\"NUL\",\"N\",\"\",\"null\"]");
    assertThat(
            binary(
                texts,
                elements(
                    new int[] {3},
                    i -> new byte[][] {null, "NULL".getBytes(UTF_8), new byte[0]}[i])))
        .isEqualTo("[null,\"NULL\",\"\"]");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{\"a b\",\"c,d\",\"{e}\"}     | [\"a b\",\"c,d\",\"{e}\"]",
        "{\"say \\\"hi\\\"\"}          | [\"say \\\"hi\\\"\"]",
        "{\"back\\\\slash\",\"\\\\\\\"\"} | [\"back\\\\slash\",\"\\\\\\\"\"]",
        "{\"\\\\\"}                    | [\"\\\\\"]",
        "{é,🐘}                        | [\"é\",\"🐘\"]",
        "{{\"}\",\"{\"},{\",\",x}}     | [[\"}\",\"{\"],[\",\",\"x\"]]",
        "{a:b,c;d}                     | [\"a:b\",\"c;d\"]"
      })
  void quotedElementsHaveTheirEscapesTakenOut(String value, String expected) throws IOException {
    assertThat(Decoded.text(texts::text, value)).isEqualTo(expected);
  }

  @Test
  void controlCharactersOfElementsAreEscaped() throws IOException {
    assertThat(Decoded.text(texts::text, "{\"a\nb\",\"\t\",\u0001}"))
        .isEqualTo("[\"a\\nb\",\"\\t\",\"\\u0001\"]");
  }

  @Test
  void boxesAreDividedBySemicolons() throws IOException {
    ArrayValues boxes = new ArrayValues(Kind.TEXT, CellDecoder.VERBATIM, (byte) ';');
    assertThat(Decoded.text(boxes::text, "{(3,4),(1,2);NULL;(1,1),(0,0)}"))
        .isEqualTo("[\"(3,4),(1,2)\",null,\"(1,1),(0,0)\"]");
  }

  @Test
  void otherKindsOfElementsAreDecodedFromText() throws IOException {
    assertThat(Decoded.text(array(Kind.BOOLEAN, TextValues::bool)::text, "{t,f,NULL}"))
        .isEqualTo("[true,false,null]");
    assertThat(
            Decoded.text(
                array(Kind.TEMPORAL, text::date)::text,
                "{\"2026-02-15 10:00:01.5+00\",infinity,\"0044-03-15 00:00:00+00 BC\"}"))
        .isEqualTo("[\"2026-02-15T10:00:01.5Z\",\"infinity\",\"-0043-03-15T00:00:00Z\"]");
    assertThat(Decoded.text(array(Kind.BINARY, text::hex)::text, "{\"\\\\x\",\"\\\\x00ff10\"}"))
        .isEqualTo("[\"\",\"AP8Q\"]");
    assertThat(
            Decoded.text(
                array(Kind.JSON, CellDecoder.VERBATIM)::text, "{\"{\\\"a\\\":1}\",\"null\",1}"))
        .isEqualTo("[{\"a\":1},null,1]");
  }

  @Test
  void oneInstanceServesRowAfterRow() throws IOException {
    assertThat(Decoded.text(texts::text, "{a}")).isEqualTo("[\"a\"]");
    assertThat(binary(texts, elements(new int[] {1}, i -> new byte[] {'b'}))).isEqualTo("[\"b\"]");
    assertThat(Decoded.text(texts::text, "{}")).isEqualTo("[]");
    assertThat(binary(texts, elements(new int[] {1}, i -> new byte[] {'c'}))).isEqualTo("[\"c\"]");
  }

  @Test
  void randomTextsAreTheSameFromBothForms() throws IOException {
    Random random = new Random(1);
    for (int i = 0; i < 2000; i++) {
      List<String> elements = new ArrayList<>();
      for (int n = 1 + random.nextInt(5); n > 0; n--) {
        elements.add(random.nextInt(5) == 0 ? null : randomText(random));
      }
      String expected = JSON.writeValueAsString(elements);
      assertThat(Decoded.text(texts::text, arrayOut(elements))).isEqualTo(expected);
      assertThat(
              binary(
                  texts,
                  elements(
                      new int[] {elements.size()},
                      n -> elements.get(n) == null ? null : elements.get(n).getBytes(UTF_8))))
          .isEqualTo(expected);
    }
  }

  private static String randomText(Random random) {
    String[] pieces = {"NULL", "a", "\"", "\\", ",", "{", "}", " ", "é", "\n", ";", "'"};
    StringBuilder text = new StringBuilder();
    for (int i = random.nextInt(4); i > 0; i--) {
      text.append(pieces[random.nextInt(pieces.length)]);
    }
    return text.toString();
  }

  /** array_out: quotes only where they are needed. */
  private static String arrayOut(List<String> elements) {
    StringBuilder text = new StringBuilder("{");
    for (String element : elements) {
      text.append(text.length() > 1 ? "," : "");
      if (element == null) {
        text.append("NULL");
      } else if (element.isEmpty()
          || element.equalsIgnoreCase("NULL")
          || element.matches("(?s).*[\"\\\\{},\\s].*")) {
        text.append('"').append(element.replaceAll("[\"\\\\]", "\\\\$0")).append('"');
      } else {
        text.append(element);
      }
    }
    return text.append('}').toString();
  }

  private static ArrayValues array(Kind kind, CellDecoder element) {
    return new ArrayValues(kind, element, (byte) ',');
  }

  private static String binary(ArrayValues values, Message message) throws IOException {
    return Decoded.binary(values::binary, message);
  }

  /** The bytes of one element by its place in the order of storage, or null. */
  @FunctionalInterface
  private interface Element {
    byte[] at(int index) throws IOException;
  }

  private static Message elements(int[] sizes, Element element) {
    return out -> {
      out.writeInt(sizes.length);
      out.writeInt(1); // there may be nulls
      out.writeInt(25); // the element type's object id
      int count = 1;
      for (int size : sizes) {
        out.writeInt(size);
        out.writeInt(-3); // the lower bound
        count *= size;
      }
      for (int i = 0; i < count; i++) {
        byte[] bytes = element.at(i);
        out.writeInt(bytes == null ? -1 : bytes.length);
        if (bytes != null) {
          out.write(bytes);
        }
      }
    };
  }

  private static void writeEmpty(DataOutputStream out) throws IOException {
    out.writeInt(0);
    out.writeInt(0);
    out.writeInt(25);
  }

  private static byte[] ofInt(int value) throws IOException {
    return Decoded.bytes(out -> out.writeInt(value));
  }
}
