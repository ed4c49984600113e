package io.polystream.interop;

import static org.assertj.core.api.Assertions.assertThat;

import io.polystream.output.Compression;
import io.polystream.testing.ExportedFile;
import io.polystream.testing.PostgresExtension;
import io.polystream.testing.TestExport;
import java.io.IOException;
import java.sql.SQLException;
import java.util.OptionalInt;
import javax.xml.bind.annotation.XmlAccessType;
import javax.xml.bind.annotation.XmlAccessorType;
import javax.xml.bind.annotation.XmlElement;
import javax.xml.bind.annotation.XmlRootElement;
import org.apache.beam.sdk.io.xml.XmlIO;
import org.apache.beam.sdk.transforms.MapElements;
import org.apache.beam.sdk.values.TypeDescriptors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Beam's own XmlIO reads what is in the database, in pieces of a file. */
class XmlIoIT {
  @RegisterExtension static final PostgresExtension postgres = new PostgresExtension();

  /** XmlIO writes a root of its own around the rows, by this name: it has to know the prefix. */
  private static final String ROOT =
      "records xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\"";

  private static final int ROWS = 20_000;

  /** As {@link Remark#line} has it. */
  private static final String LINES =
      "SELECT concat_ws('|', id, coalesce(body, 'null'), amount, coalesce(flag::text, 'null'))"
          + " FROM remarks";

  /** A row as JAXB has it. */
  @XmlRootElement(name = "record")
  @XmlAccessorType(XmlAccessType.NONE)
  static final class Remark {
    @XmlElement private long id;

    @XmlElement(nillable = true)
    private String body;

    @XmlElement private String amount;

    @XmlElement(nillable = true)
    private Boolean flag;

    String line() {
      return id + "|" + body + "|" + amount + "|" + flag;
    }
  }

  @BeforeAll
  static void fillTable() throws SQLException {
    postgres.execute(
        """
        CREATE TABLE remarks AS
        SELECT n AS id,
               CASE n %% 10 WHEN 0 THEN NULL WHEN 1 THEN '' WHEN 2 THEN ' a' || chr(9) || 'b '
                 WHEN 3 THEN E'two\\r\\nlines\\rand\\n' || n
                 WHEN 4 THEN 'a < b && c > d ]]> "e" ''f'''
                 WHEN 5 THEN '🐘é' || n WHEN 6 THEN '<record><id>1</id></record>' WHEN 7 THEN 'null '
                 ELSE md5(n::text) END AS body,
               (n * 7919 %% 100003 * 0.0001 - 5)::numeric(18,4) AS amount,
               NULLIF(n %% 3 = 0, n %% 9 = 0) AS flag
          FROM generate_series(1, %d) n"""
            .formatted(ROWS));
  }

  /**
   * Of texts of single-byte characters: XmlIO counts characters for bytes when it reads a file in
   * pieces, as its Javadoc says, and takes rows twice.
   */
  @Test
  void everyRowIsWhatPostgresHas() throws IOException, SQLException {
    String singleBytes = "octet_length(coalesce(body, '')) = length(coalesce(body, ''))";
    requireRows(
        TestExport.of(postgres, "remarks").where(singleBytes).format("xml").run(),
        LINES + " WHERE " + singleBytes);
  }

  @Test
  void everyRowOfACompressedFileIsWhatPostgresHas() throws IOException, SQLException {
    requireRows(
        TestExport.of(postgres, "remarks")
            .format("xml")
            .compression(Compression.of(Compression.Method.GZIP, OptionalInt.empty()))
            .run(),
        LINES);
  }

  private static void requireRows(ExportedFile file, String lines) throws SQLException {
    boolean compressed = file.manifest().path("compression").asText().equals("gzip");
    RowDigest found =
        RowDigest.ofPipeline(
            pipeline ->
                pipeline
                    .apply(
                        XmlIO.<Remark>read()
                            .from(file.path().toString())
                            .withRootElement(ROOT)
                            .withRecordElement("record")
                            .withRecordClass(Remark.class)
                            .withCompression(
                                compressed
                                    ? org.apache.beam.sdk.io.Compression.GZIP
                                    : org.apache.beam.sdk.io.Compression.UNCOMPRESSED))
                    .apply(MapElements.into(TypeDescriptors.strings()).via(Remark::line)));

    assertThat(found).isEqualTo(RowDigest.ofQuery(postgres, lines));
  }
}
