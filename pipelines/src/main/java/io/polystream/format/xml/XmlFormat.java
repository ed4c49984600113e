package io.polystream.format.xml;

import static io.polystream.error.PolyStreamException.configuration;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.polystream.format.Encoding;
import io.polystream.format.Format;
import io.polystream.format.FormatOption;
import io.polystream.row.Column;
import java.util.List;
import java.util.Map;

/** XML: one element per row, a line each, NULL as xsi:nil, json and arrays as nested elements. */
public final class XmlFormat implements Format {
  private static final String ROOT = "xmlRoot";
  private static final String RECORD = "xmlRecord";
  private static final String INVALID_CHARACTERS = "xmlInvalidChars";
  private static final byte[] NOTHING = {};

  @Override
  public String name() {
    return "xml";
  }

  @Override
  public String extension() {
    return "xml";
  }

  @Override
  public String contentType() {
    return "application/xml";
  }

  @Override
  public List<FormatOption> options() {
    return List.of(
        FormatOption.of(ROOT, "name", "xml: the outermost element. Default: records."),
        FormatOption.of(RECORD, "name", "xml: the element of a row. Default: record."),
        FormatOption.oneOf(
            INVALID_CHARACTERS,
            List.of("replace", "fail"),
            "xml: what happens to characters that XML cannot have: U+FFFD stands for them, or the"
                + " export fails. Default: replace."));
  }

  @Override
  public Encoding encoding(List<Column> columns, Map<String, String> options) {
    String root = elementName(ROOT, options, "records");
    String record = elementName(RECORD, options, "record");
    boolean replaces = replaces(options.getOrDefault(INVALID_CHARACTERS, "replace"));
    List<Column> fixed = List.copyOf(columns);
    return Encoding.of(
        ("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<"
                + root
                + " xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\">\n")
            .getBytes(UTF_8),
        NOTHING,
        ("</" + root + ">\n").getBytes(UTF_8),
        () -> new XmlEncoder(fixed, record, replaces));
  }

  private static String elementName(String option, Map<String, String> options, String otherwise) {
    String value = options.getOrDefault(option, otherwise);
    if (!XmlNames.of(value).equals(value)) {
      throw configuration(
          "must be a name as XML has it, of letters, digits, _ - and ., with a letter or _ in front,"
              + " and not beginning with xml, such as "
              + otherwise
              + ", not \""
              + value
              + "\"");
    }
    return value;
  }

  private static boolean replaces(String value) {
    return switch (value) {
      case "replace" -> true;
      case "fail" -> false;
      default -> throw configuration("must be replace or fail, not \"" + value + "\"");
    };
  }
}
