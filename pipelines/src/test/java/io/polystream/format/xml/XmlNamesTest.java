package io.polystream.format.xml;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.io.JsonStringEncoder;
import io.polystream.row.ByteBuilder;
import io.polystream.testing.XmlReader;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.junit.jupiter.api.Test;
import org.w3c.dom.DOMException;
import org.w3c.dom.Document;

class XmlNamesTest {
  /** What names look like escapes with, and what is escaped. */
  private static final int[] ALPHABET =
      "__xxX00041FfxmlML :.-aé\u0300\u0132\ufffe🐘\ud83d\udc18".codePoints().toArray();

  private static final int[] HALVES = {0xD83D, 0xDC18};

  /** Above it there are two long runs only; to ask a parser takes long. */
  private static final int AFTER_MOST = 0x3200;

  /** The first number that is no character's. */
  private static final int AFTER_ALL = 0x110000;

  @Test
  void noTwoNamesAreMappedToOne() {
    Random random = new Random(1);
    Map<String, String> names = new HashMap<>();
    for (int i = 0; i < 50_000; i++) {
      String name = randomName(random);
      String mapped = XmlNames.of(name);
      String other = names.put(mapped, name);
      if (other != null) {
        assertThat(other).as(mapped).isEqualTo(name);
      }
    }
    assertThat(names).hasSizeGreaterThan(10_000);
  }

  @Test
  void unmappingGivesTheNameBack() {
    Random random = new Random(2);
    for (int i = 0; i < 10_000; i++) {
      String name = randomName(random);
      assertThat(XmlReader.unmapped(XmlNames.of(name))).isEqualTo(name);
    }
  }

  @Test
  void whatIsMappedIsANameForAParser() throws ParserConfigurationException {
    Document document = document();
    Random random = new Random(3);
    for (int i = 0; i < 1_000; i++) {
      String mapped = XmlNames.of(randomName(random));
      assertThat(isName(document, mapped)).as(mapped).isTrue();
      assertThat(mapped).doesNotMatch("(?i)xml.*").doesNotContain(":");
    }
  }

  /** The JDK's parsers hold on to the fourth edition. */
  @Test
  void theCharactersOfNamesAreThoseOfTheFourthEdition() throws ParserConfigurationException {
    Document document = document();
    for (int c = 0; c < AFTER_ALL; c++) {
      if (c < AFTER_MOST || c % 499 == 0 || isBesideABorder(c)) {
        boolean follows = c != ':' && isName(document, "a" + Character.toString(c));
        boolean begins = follows && isName(document, Character.toString(c));
        if (NameCharacters.canBegin(c) != begins || NameCharacters.canFollow(c) != follows) {
          throw new AssertionError(
              String.format("U+%04X: begins: %s, follows: %s", c, begins, follows));
        }
      }
    }
  }

  private static boolean isBesideABorder(int c) {
    boolean follows = NameCharacters.canFollow(c);
    return follows != NameCharacters.canFollow(c - 1) || follows != NameCharacters.canFollow(c + 1);
  }

  @Test
  void theFifthEditionAllowsThemToo() {
    for (int c = 0; c < AFTER_ALL; c++) {
      boolean begins = isFifthEditionStart(c);
      if ((NameCharacters.canBegin(c) && !begins)
          || (NameCharacters.canFollow(c) && !begins && !isFifthEditionPart(c))) {
        throw new AssertionError(String.format("U+%04X is in no name", c));
      }
    }
  }

  @Test
  void aKeyIsMappedAsAColumnOfThatNameIs() throws IOException {
    KeyNames keys = new KeyNames();
    Random random = new Random(4);
    for (int i = 0; i < 10_000; i++) {
      String name = randomName(random);
      byte[] json = escaped(name, random).getBytes(UTF_8);
      ByteBuilder mapped = new ByteBuilder(16);
      keys.write(json, 0, json.length, mapped);
      assertThat(new String(mapped.toByteArray(), UTF_8)).isEqualTo(XmlNames.of(name));
    }
  }

  /** Sometimes more of it than has to be; halves of surrogate pairs cannot stand in UTF-8. */
  private static String escaped(String name, Random random) {
    if (random.nextBoolean()) {
      StringBuilder units = new StringBuilder();
      name.chars().forEach(unit -> units.append(String.format("\\u%04x", unit)));
      return units.toString();
    }
    StringBuilder json = new StringBuilder();
    name.codePoints()
        .forEach(
            c ->
                json.append(
                    Character.getType(c) == Character.SURROGATE
                        ? String.format("\\u%04X", c)
                        : new String(
                            JsonStringEncoder.getInstance().quoteAsString(Character.toString(c)))));
    return json.toString();
  }

  private static String randomName(Random random) {
    StringBuilder name = new StringBuilder();
    for (int length = random.nextInt(9); length > 0; length--) {
      name.appendCodePoint(
          random.nextInt(20) == 0
              ? HALVES[random.nextInt(HALVES.length)]
              : ALPHABET[random.nextInt(ALPHABET.length)]);
    }
    return name.toString();
  }

  private static Document document() throws ParserConfigurationException {
    return DocumentBuilderFactory.newDefaultInstance().newDocumentBuilder().newDocument();
  }

  private static boolean isName(Document document, String name) {
    try {
      document.createElement(name);
      return true;
    } catch (DOMException notAName) {
      return false;
    }
  }

  /** XML 1.0 fifth edition production 4, without the colon. */
  private static boolean isFifthEditionStart(int c) {
    return (c >= 'A' && c <= 'Z')
        || c == '_'
        || (c >= 'a' && c <= 'z')
        || (c >= 0xC0 && c <= 0xD6)
        || (c >= 0xD8 && c <= 0xF6)
        || (c >= 0xF8 && c <= 0x2FF)
        || (c >= 0x370 && c <= 0x37D)
        || (c >= 0x37F && c <= 0x1FFF)
        || (c >= 0x200C && c <= 0x200D)
        || (c >= 0x2070 && c <= 0x218F)
        || (c >= 0x2C00 && c <= 0x2FEF)
        || (c >= 0x3001 && c <= 0xD7FF)
        || (c >= 0xF900 && c <= 0xFDCF)
        || (c >= 0xFDF0 && c <= 0xFFFD)
        || (c >= 0x10000 && c <= 0xEFFFF);
  }

  /** Production 4a: what else it may have. */
  private static boolean isFifthEditionPart(int c) {
    return c == '-'
        || c == '.'
        || (c >= '0' && c <= '9')
        || c == 0xB7
        || (c >= 0x300 && c <= 0x36F)
        || (c >= 0x203F && c <= 0x2040);
  }
}
