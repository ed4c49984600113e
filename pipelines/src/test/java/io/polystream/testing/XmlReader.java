package io.polystream.testing;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import io.polystream.row.Column;
import io.polystream.row.Kind;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.xml.XMLConstants;
import javax.xml.stream.XMLInputFactory;
import javax.xml.stream.XMLStreamConstants;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;

/**
 * Reads the rows of an XML file with the JDK's parser, and makes of cells what XML leaves of them
 * with Jackson. Both write nested elements as JSON: objects, with strings and null inside.
 */
public final class XmlReader {
  /** In the JDK: names have 1000 characters at most unless it is told otherwise. */
  private static final String LONGEST_NAME =
      "http://www.oracle.com/xml/jaxp/properties/maxXMLNameLimit";

  private static final Pattern ESCAPE = Pattern.compile("_x([0-9A-F]{4}|[0-9A-F]{6})_");

  private static final JsonFactory JSON =
      JsonFactory.builder()
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNumberLength(Integer.MAX_VALUE)
                  .maxNameLength(Integer.MAX_VALUE)
                  .build())
          .build();

  private XmlReader() {}

  /** The cells of every row; NULL is null. */
  public static List<List<String>> read(
      List<Column> columns, String root, String record, byte[] file) throws IOException {
    List<List<String>> rows = new ArrayList<>();
    forEachRow(columns, root, record, new ByteArrayInputStream(file), rows::add);
    return rows;
  }

  /** The same, one row after another. */
  public static void forEachRow(
      List<Column> columns,
      String root,
      String record,
      InputStream file,
      Consumer<List<String>> action)
      throws IOException {
    XMLInputFactory factory = XMLInputFactory.newDefaultFactory();
    factory.setProperty(XMLInputFactory.SUPPORT_DTD, false);
    factory.setProperty(LONGEST_NAME, Integer.MAX_VALUE);
    try {
      XMLStreamReader reader = factory.createXMLStreamReader(file);
      assertThat(reader.getVersion()).isEqualTo("1.0");
      assertThat(reader.getCharacterEncodingScheme()).isEqualTo("UTF-8");
      reader.nextTag();
      reader.require(XMLStreamConstants.START_ELEMENT, null, root);
      while (reader.nextTag() == XMLStreamConstants.START_ELEMENT) {
        reader.require(XMLStreamConstants.START_ELEMENT, null, record);
        List<String> row = new ArrayList<>();
        for (Column column : columns) {
          reader.nextTag();
          assertThat(unmapped(reader.getLocalName())).isEqualTo(column.name());
          row.add(cell(reader, column.kind()));
        }
        reader.nextTag();
        reader.require(XMLStreamConstants.END_ELEMENT, null, record);
        action.accept(row);
      }
      assertThat(reader.next()).isEqualTo(XMLStreamConstants.END_DOCUMENT);
    } catch (XMLStreamException e) {
      throw new IOException(e);
    }
  }

  /** What {@link #read} makes of a cell. */
  public static String afterwards(Kind kind, String cell) throws IOException {
    if (cell == null || (kind.isJson() && cell.equals("null"))) {
      return null;
    }
    if (!kind.isJson()) {
      return characters(cell);
    }
    StringWriter flattened = new StringWriter();
    try (JsonParser parser = JSON.createParser(cell);
        JsonGenerator generator = JSON.createGenerator(flattened)) {
      parser.nextToken();
      flatten(parser, generator);
    }
    return flattened.toString();
  }

  /** The name that was mapped to an element's. */
  public static String unmapped(String element) {
    return element.equals("_x_")
        ? ""
        : ESCAPE
            .matcher(element)
            .replaceAll(
                escape ->
                    Matcher.quoteReplacement(
                        Character.toString(Integer.parseInt(escape.group(1), 16))));
  }

  private static String cell(XMLStreamReader reader, Kind kind)
      throws XMLStreamException, IOException {
    if (isNil(reader)) {
      assertThat(reader.next()).isEqualTo(XMLStreamConstants.END_ELEMENT);
      return null;
    }
    if (!kind.isJson()) {
      return reader.getElementText();
    }
    StringWriter json = new StringWriter();
    try (JsonGenerator generator = JSON.createGenerator(json)) {
      writeContent(reader, generator);
    }
    return json.toString();
  }

  private static boolean isNil(XMLStreamReader reader) {
    return "true"
        .equals(reader.getAttributeValue(XMLConstants.W3C_XML_SCHEMA_INSTANCE_NS_URI, "nil"));
  }

  private static void writeContent(XMLStreamReader reader, JsonGenerator generator)
      throws XMLStreamException, IOException {
    boolean nil = isNil(reader);
    boolean nested = false;
    StringBuilder text = new StringBuilder();
    while (reader.next() != XMLStreamConstants.END_ELEMENT) {
      if (reader.isStartElement()) {
        if (!nested) {
          generator.writeStartObject();
          nested = true;
        }
        generator.writeFieldName(unmapped(reader.getLocalName()));
        writeContent(reader, generator);
      } else {
        text.append(reader.getText());
      }
    }
    if (nested) {
      assertThat(text).isEmpty();
      generator.writeEndObject();
    } else if (nil) {
      assertThat(text).isEmpty();
      generator.writeNull();
    } else {
      generator.writeString(text.toString());
    }
  }

  private static void flatten(JsonParser parser, JsonGenerator generator) throws IOException {
    JsonToken token = parser.currentToken();
    if (token == JsonToken.VALUE_NULL) {
      generator.writeNull();
    } else if (!token.isStructStart()) {
      generator.writeString(characters(parser.getText()));
    } else if (parser.nextToken().isStructEnd()) {
      generator.writeString("");
    } else {
      generator.writeStartObject();
      for (int item = 0; !parser.currentToken().isStructEnd(); item++) {
        if (token == JsonToken.START_ARRAY) {
          generator.writeFieldName("item_" + item);
        } else {
          generator.writeFieldName(parser.currentName());
          parser.nextToken();
        }
        flatten(parser, generator);
        parser.nextToken();
      }
      generator.writeEndObject();
    }
  }

  /** Half of a surrogate pair is its escape, and what is none of XML's characters is U+FFFD. */
  private static String characters(String text) {
    StringBuilder characters = new StringBuilder();
    text.codePoints()
        .forEach(
            c -> {
              if (Character.getType(c) == Character.SURROGATE) {
                characters.append(String.format("\\u%04x", c));
              } else {
                characters.appendCodePoint(isXmlCharacter(c) ? c : 0xFFFD);
              }
            });
    return characters.toString();
  }

  private static boolean isXmlCharacter(int c) {
    return (c >= ' ' || c == '\t' || c == '\n' || c == '\r') && c != 0xFFFE && c != 0xFFFF;
  }
}
