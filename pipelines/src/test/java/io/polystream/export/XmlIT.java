package io.polystream.export;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.polystream.error.ErrorKind;
import io.polystream.testing.ExportedFile;
import io.polystream.testing.PostgresExtension;
import io.polystream.testing.TestExport;
import java.io.IOException;
import java.nio.file.Files;
import java.sql.SQLException;
import java.util.Map;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.w3c.dom.Document;
import org.xml.sax.SAXException;

/** What XML makes of a real table: characters it cannot have, names it cannot have, deep JSON. */
class XmlIT {
  @RegisterExtension static final PostgresExtension postgres = new PostgresExtension();

  private static TestExport export(String table) {
    return TestExport.of(postgres, table).format("xml");
  }

  private static Document dom(ExportedFile file)
      throws IOException, ParserConfigurationException, SAXException {
    return DocumentBuilderFactory.newDefaultInstance()
        .newDocumentBuilder()
        .parse(file.path().toFile());
  }

  /** In 40,000 rows, so that parts of several readers are added up. */
  @Test
  void replacedCharactersAreCountedOverAllParts() throws Exception {
    postgres.execute(
        "CREATE TABLE dirty AS SELECT n AS id, 'a' || chr(1) || chr(65535) || 'é' AS text,"
            + " repeat('x', 300) AS filler FROM generate_series(1, 40000) n");

    ExportedFile file = export("dirty").columns("id,text").run();

    assertThat(file.partitions()).isGreaterThan(1);
    assertThat(file.summary().replacedCharacters()).isEqualTo(80_000);
    assertThat(file.manifest().path("replacedCharacters").asLong()).isEqualTo(80_000);
    assertThat(dom(file).getElementsByTagName("text").item(39_999).getTextContent())
        .isEqualTo("a\uFFFD\uFFFDé");
  }

  @Test
  void orTheyFailTheExport() throws SQLException {
    postgres.execute(
        "CREATE TABLE bell AS SELECT n AS id, 'ding' || repeat(chr(7), n / 3) AS sound"
            + " FROM generate_series(1, 3) n");

    assertThat(
            export("bell")
                .formatOptions(Map.of("xmlInvalidChars", "fail"))
                .failsWith(ErrorKind.QUERY))
        .hasMessageStartingWith(
            "column \"sound\", in the row that begins with id = 3: a value has the character U+0007,"
                + " which XML 1.0 cannot have; ");
  }

  @Test
  void whateverAColumnIsCalledIsAName() throws Exception {
    postgres.execute(
        "CREATE TABLE hostile AS SELECT 1 AS \"<a b='1'>&\", 2 AS \"xml\", 3 AS \"x:y\", 4 AS"
            + " \"7\", 5 AS \"é 🐘\", 6 AS \"_x0020_\", 7 AS \" \"");

    ExportedFile file = export("hostile").run();

    var cells = dom(file).getDocumentElement().getElementsByTagName("*");
    assertThat(cells.getLength()).isEqualTo(8);
    for (int i = 1; i < 8; i++) {
      assertThat(cells.item(i).getTextContent()).isEqualTo(Integer.toString(i));
    }
  }

  @Test
  void documentsTenThousandLevelsDeepComeThrough() throws Exception {
    postgres.execute(
        "SET max_stack_depth = '7MB'; CREATE TABLE deep AS SELECT"
            + " (repeat('[', 10000) || repeat(']', 10000))::json AS list,"
            + " (repeat('{\"k\":', 5000) || '1' || repeat('}', 5000))::json AS object");

    String text = Files.readString(export("deep").run().path(), UTF_8);

    assertThat(text.split("<item_0>", -1)).hasSize(10_000);
    assertThat(text.split("<k>", -1)).hasSize(5001);
    assertThat(text).contains("<k>1</k>").endsWith("</records>\n");
  }
}
