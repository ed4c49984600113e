package io.polystream.format;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.polystream.error.ErrorKind;
import io.polystream.error.PolyStreamException;
import io.polystream.row.ByteBuilder;
import io.polystream.row.Column;
import io.polystream.row.Kind;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import javax.xml.XMLConstants;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import javax.xml.stream.XMLInputFactory;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.xml.sax.SAXException;

/** What there is to XML besides its cases. */
class XmlDocumentTest {
  private static final Format XML = Formats.byName("xml");
  private static final List<Column> COLUMNS =
      List.of(
          new Column("id", Kind.NUMBER), new Column("a:b", Kind.TEXT), new Column("j", Kind.JSON));

  @Test
  void aTreeOfTheDocumentHasNamesValuesAndNil()
      throws IOException, ParserConfigurationException, SAXException {
    byte[] file =
        file(
            List.of("1", "a\r\n<b>&]]>", "{\"k\":[\"x\",null],\"xml\":{}}"),
            List.of("2", "", "null"));
    DocumentBuilderFactory factory = DocumentBuilderFactory.newDefaultNSInstance();
    Document document = factory.newDocumentBuilder().parse(new ByteArrayInputStream(file));
    assertThat(document.getXmlVersion()).isEqualTo("1.0");
    assertThat(document.getXmlEncoding()).isEqualTo("UTF-8");
    Element root = document.getDocumentElement();
    assertThat(root.getTagName()).isEqualTo("records");
    assertThat(root.getElementsByTagName("record").getLength()).isEqualTo(2);
    assertThat(element(root, "a_x003A_b", 0).getTextContent()).isEqualTo("a\r\n<b>&]]>");
    assertThat(element(root, "item_0", 0).getTextContent()).isEqualTo("x");
    assertThat(isNil(element(root, "item_1", 0))).isTrue();
    assertThat(element(root, "_x0078_ml", 0).getParentNode()).isSameAs(element(root, "j", 0));
    assertThat(isNil(element(root, "a_x003A_b", 1))).isFalse();
    assertThat(element(root, "a_x003A_b", 1).getTextContent()).isEmpty();
    assertThat(isNil(element(root, "j", 1))).isTrue();
  }

  @Test
  void aStreamOfADocumentMayBeTenThousandLevelsDeep() throws IOException, XMLStreamException {
    int levels = 10_000;
    String json = "{\"a\":[".repeat(levels / 2) + "\"x\"" + "]}".repeat(levels / 2);
    XMLInputFactory factory = XMLInputFactory.newDefaultFactory();
    // From 24 on Java allows 200 unless it is told otherwise.
    factory.setProperty("http://www.oracle.com/xml/jaxp/properties/maxElementDepth", "0");
    XMLStreamReader reader =
        factory.createXMLStreamReader(new ByteArrayInputStream(file(List.of("1", "", json))));
    int depth = 0;
    int deepest = 0;
    String innermost = null;
    while (reader.hasNext()) {
      reader.next();
      if (reader.isStartElement()) {
        depth++;
        deepest = Math.max(deepest, depth);
      } else if (reader.isEndElement()) {
        depth--;
      } else if (reader.isCharacters() && depth == levels + 3) {
        innermost = reader.getText();
      }
    }
    assertThat(deepest).isEqualTo(levels + 3);
    assertThat(innermost).isEqualTo("x");
  }

  @Test
  void charactersThatAreReplacedAreCountedByPart() throws IOException {
    RowEncoder encoder = encoder(Map.of());
    ByteBuilder sink = new ByteBuilder(1024);
    List<String> three = List.of("1", "\u0001\ufffe", "{\"k\":\"\\u0000\"}");
    for (boolean oversize : new boolean[] {false, true}) {
      encoder.beginPart();
      encoder.encode(new ArrayRow(three, oversize), sink);
      encoder.encode(new ArrayRow(List.of("1", "\uffff", "\"\ufffe\\ufffe\""), oversize), sink);
      assertThat(encoder.endPart(sink).replacedCharacters()).isEqualTo(6);
    }
    encoder.beginPart();
    encoder.encode(new ArrayRow(three, false), sink);
    // Given up.
    encoder.beginPart();
    encoder.encode(new ArrayRow(List.of("1", "\ufffd\t\r\n\u007f", "\"\ufffd\""), false), sink);
    assertThat(encoder.endPart(sink).replacedCharacters()).isZero();
    assertThat(encoder.endPart(sink).footerEntry()).isEmpty();
  }

  static Stream<Arguments> forbidden() {
    return Stream.of(
        Arguments.of(List.of("1", "x\u0001", "{}"), "a:b", "U+0001"),
        Arguments.of(List.of("1", "\ufffd\ufffe", "{}"), "a:b", "U+FFFE"),
        Arguments.of(List.of("1", "", "[\"\uffff\"]"), "j", "U+FFFF"),
        Arguments.of(List.of("1", "", "\"\\u0000\""), "j", "U+0000"));
  }

  @ParameterizedTest
  @MethodSource("forbidden")
  void charactersThatXmlCannotHaveFailTheExportByRequest(
      List<String> row, String column, String character) {
    for (boolean oversize : new boolean[] {false, true}) {
      assertThatThrownBy(
              () ->
                  encoder(Map.of("xmlInvalidChars", "fail"))
                      .encode(new ArrayRow(row, oversize), new ByteBuilder(16)))
          .isInstanceOfSatisfying(
              PolyStreamException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.QUERY))
          .hasMessage(
              "column \""
                  + column
                  + "\""
                  + (oversize ? "" : ", in the row that begins with id = 1")
                  + ": a value has the character "
                  + character
                  + ", which XML 1.0 cannot have; let U+FFFD stand for such characters with"
                  + " --xml-invalid-chars replace; leave the column out with --columns, or the"
                  + " row with --where, or choose another format");
    }
  }

  /** Nobody's terminal is given control characters. */
  @Test
  void aRowThatBeginsWithThemIsNotNamed() {
    List<Column> columns = List.of(new Column("a", Kind.TEXT), new Column("b", Kind.TEXT));
    RowEncoder encoder = XML.encoding(columns, Map.of("xmlInvalidChars", "fail")).encoders().get();
    assertThatThrownBy(
            () ->
                encoder.encode(new ArrayRow(List.of("\u001b[2J", "x"), false), new ByteBuilder(16)))
        .hasMessageStartingWith("column \"a\": a value has the character U+001B, which");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "a b", "1a", "a:b", "xml", "XMLx", "<a>", "-a", "_x0041_", "🐘", "a\n", "&a;"})
  void anElementOfANameThatIsNoneIsRefused(String name) {
    for (String option : List.of("xmlRoot", "xmlRecord")) {
      assertThatThrownBy(() -> XML.encoding(COLUMNS, Map.of(option, name)))
          .isInstanceOfSatisfying(
              PolyStreamException.class,
              e -> assertThat(e.kind()).isEqualTo(ErrorKind.CONFIGURATION))
          .hasMessage(
              "must be a name as XML has it, of letters, digits, _ - and ., with a letter or"
                  + " _ in front, and not beginning with xml, such as "
                  + (option.equals("xmlRoot") ? "records" : "record")
                  + ", not \""
                  + name
                  + "\"");
    }
  }

  @Test
  void nothingElseCanBecomeOfOtherCharacters() {
    assertThatThrownBy(() -> XML.encoding(COLUMNS, Map.of("xmlInvalidChars", "drop")))
        .isInstanceOf(PolyStreamException.class)
        .hasMessage("must be replace or fail, not \"drop\"");
  }

  private static RowEncoder encoder(Map<String, String> options) {
    return XML.encoding(COLUMNS, options).encoders().get();
  }

  @SafeVarargs
  private static byte[] file(List<String>... rows) throws IOException {
    Encoding encoding = XML.encoding(COLUMNS, Map.of());
    RowEncoder encoder = encoding.encoders().get();
    ByteBuilder sink = new ByteBuilder(1024);
    sink.write(encoding.preamble());
    for (List<String> row : rows) {
      encoder.encode(new ArrayRow(row, false), sink);
    }
    encoding.footer().write(sink.length(), List.of(), sink);
    assertThat(new String(sink.toByteArray(), UTF_8)).endsWith("</record>\n</records>\n");
    return sink.toByteArray();
  }

  private static Element element(Element root, String name, int index) {
    return (Element) root.getElementsByTagName(name).item(index);
  }

  private static boolean isNil(Element element) {
    return element
        .getAttributeNS(XMLConstants.W3C_XML_SCHEMA_INSTANCE_NS_URI, "nil")
        .equals("true");
  }
}
