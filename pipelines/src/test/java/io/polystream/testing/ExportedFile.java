package io.polystream.testing;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.polystream.export.ExportSummary;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.Reader;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.StreamSupport;
import java.util.zip.CRC32C;
import java.util.zip.Checksum;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVRecord;
import org.apache.commons.csv.QuoteMode;

/** A finished export: its file, its manifest, and readers that share no code with PolyStream. */
public record ExportedFile(Path path, JsonNode manifest, ExportSummary summary) {
  /** Numbers keep their digits; no limits, for a cell may have 100 MB. */
  private static final JsonMapper JSON =
      JsonMapper.builder(
              JsonFactory.builder()
                  .streamReadConstraints(
                      StreamReadConstraints.builder()
                          .maxStringLength(Integer.MAX_VALUE)
                          .maxNumberLength(Integer.MAX_VALUE)
                          .maxNestingDepth(10_000)
                          .build())
                  .build())
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
          .build();

  /** A NULL is an empty field, an empty string a quoted one. */
  private static final CSVFormat CSV =
      CSVFormat.RFC4180
          .builder()
          .setNullString("")
          .setQuoteMode(QuoteMode.ALL_NON_NULL)
          .setIgnoreEmptyLines(false)
          .get();

  public long rows() {
    return manifest.path("rows").asLong();
  }

  /** Page ranges or one; not to be confused with parts. */
  public int partitions() {
    return manifest.path("partitions").asInt();
  }

  public boolean limited() {
    return manifest.path("limited").asBoolean();
  }

  public List<String> warnings() {
    return texts(manifest.path("warnings"));
  }

  private static List<String> texts(JsonNode array) {
    return StreamSupport.stream(array.spliterator(), false).map(JsonNode::asText).toList();
  }

  /** The whole file as text. */
  public String text() throws IOException {
    return Files.readString(path, UTF_8);
  }

  /** The names of the file's columns. */
  public List<String> csvHeader() throws IOException {
    return csvRecords().get(0);
  }

  /** Rows of a CSV file with a header; NULL is null. */
  public List<List<String>> csvRows() throws IOException {
    List<List<String>> records = csvRecords();
    return records.subList(1, records.size());
  }

  private List<List<String>> csvRecords() throws IOException {
    List<List<String>> records = new ArrayList<>();
    forEachCsvRecord(records::add);
    return records;
  }

  /** Records of a CSV file one after another, the header first; NULL is null. */
  public void forEachCsvRecord(Consumer<List<String>> action) throws IOException {
    try (Reader reader = Files.newBufferedReader(path, UTF_8)) {
      for (CSVRecord csvRecord : CSV.parse(reader)) {
        action.accept(Arrays.asList(csvRecord.values()));
      }
    }
  }

  /** One column of a CSV file with a header. */
  public List<String> csvColumn(String name) throws IOException {
    int column = csvHeader().indexOf(name);
    assertThat(column).as("column " + name).isNotNegative();
    return csvRows().stream().map(row -> row.get(column)).toList();
  }

  /** Rows of a JSON file: objects with numbers as they are written. */
  public List<JsonNode> jsonRows() throws IOException {
    JsonNode rows = json(Files.readAllBytes(path));
    assertThat(rows.isArray()).isTrue();
    return StreamSupport.stream(rows.spliterator(), false).toList();
  }

  /** Rows of a JSON or NDJSON file one after another, for files that are too large to hold. */
  public void forEachJsonRow(Consumer<JsonNode> action) throws IOException {
    try (MappingIterator<JsonNode> rows =
        JSON.readerFor(JsonNode.class).readValues(path.toFile())) {
      rows.forEachRemaining(action);
    }
  }

  /** Reads JSON without losing a digit. */
  public static JsonNode json(byte[] text) throws IOException {
    return JSON.readTree(text);
  }

  /**
   * Compares what summary and manifest say with the file's own bytes: lengths, rows, checksums of
   * the file and of every part, and that parts and what joins them are all there is.
   */
  void requireWhole() throws IOException {
    long bytes = Files.size(path);
    assertThat(manifest.at("/files/0/name").asText()).isEqualTo(path.getFileName().toString());
    assertThat(manifest.at("/files/0/bytes").asLong()).as("bytes in the manifest").isEqualTo(bytes);
    assertThat(summary.bytes()).as("bytes in the summary").isEqualTo(bytes);
    assertThat(summary.rows()).as("rows in the summary").isEqualTo(rows());
    assertThat(summary.limited()).isEqualTo(limited());
    assertThat(summary.partitions()).isEqualTo(partitions());
    requireParts(bytes);
  }

  private void requireParts(long fileBytes) throws IOException {
    CRC32C whole = new CRC32C();
    StringBuilder between = new StringBuilder();
    long offset = 0;
    long rows = 0;
    int partition = -1;
    try (InputStream file = new BufferedInputStream(Files.newInputStream(path))) {
      for (JsonNode part : manifest.path("parts")) {
        String what = "part " + part;
        long partOffset = part.path("offset").asLong();
        assertThat(partOffset).as(what + " begins after the one before").isNotNegative();
        if (part.path("bytes").asLong() > 0) {
          between.append(new String(take(file, partOffset - offset, whole), UTF_8)).append('|');
        } else {
          assertThat(part.path("rows").asLong()).as(what).isZero();
          partOffset = offset;
        }
        CRC32C crc = new CRC32C();
        pass(file, part.path("bytes").asLong(), whole, crc);
        assertThat(hex(crc)).as(what).isEqualTo(part.path("crc32c").asText());
        offset = partOffset + part.path("bytes").asLong();
        rows += part.path("rows").asLong();
        assertThat(part.path("partition").asInt()).as(what).isBetween(partition, partition + 1);
        partition = part.path("partition").asInt();
      }
      between.append(new String(take(file, fileBytes - offset, whole), UTF_8));
      assertThat(file.read()).as("bytes behind the last part").isNegative();
    }
    assertThat(rows).as("rows of all parts").isEqualTo(rows());
    assertThat(partition + 1).as("partitions in the manifest").isEqualTo(partitions());
    assertThat(hex(whole)).as("CRC-32C").isEqualTo(manifest.at("/files/0/crc32c").asText());
    assertThat((int) whole.getValue()).isEqualTo(summary.files().get(0).crc32c());
    if (manifest.path("compression").asText().equals("none")) {
      requireJoints(between.toString());
    }
  }

  /** What lies outside the parts, a bar for each part that has rows. */
  private void requireJoints(String between) throws IOException {
    String format = manifest.path("format").asText();
    if (format.equals("json")) {
      assertThat(between).matches("\\[(\\|(,\n\\|)*)?\\]\n");
    } else if (format.equals("ndjson")) {
      assertThat(between).matches("\\|*");
    } else if (format.equals("xml")) {
      assertThat(between).matches("<\\?xml [^>]+\\?>\n<records [^>]+>\n\\|*</records>\n");
    } else if (format.equals("parquet")) {
      assertThat(between).matches("(?s)PAR1\\|*.*PAR1");
    } else {
      int firstPart = between.indexOf('|');
      String header = firstPart < 0 ? between : between.substring(0, firstPart);
      assertThat(between.substring(header.length())).as("between parts").matches("\\|*");
      boolean hasHeader = !manifest.at("/formatOptions/header").asText().equals("false");
      if (hasHeader) {
        List<String> targets = new ArrayList<>();
        manifest.path("columns").forEach(column -> targets.add(column.path("target").asText()));
        assertThat(headerNames(format, header)).isEqualTo(targets);
      } else {
        assertThat(header).isEmpty();
      }
    }
  }

  private static List<String> headerNames(String format, String header) throws IOException {
    if (format.equals("tsv")) {
      List<List<String>> lines = TsvReader.read(new StringReader(header));
      assertThat(lines).hasSize(1);
      return lines.get(0);
    }
    List<CSVRecord> records = CSVFormat.RFC4180.parse(new StringReader(header)).getRecords();
    assertThat(records).hasSize(1);
    return Arrays.asList(records.get(0).values());
  }

  private static byte[] take(InputStream file, long count, Checksum whole) throws IOException {
    assertThat(count).as("bytes between parts").isBetween(0L, 1L << 20);
    byte[] bytes = file.readNBytes((int) count);
    assertThat(bytes).hasSize((int) count);
    whole.update(bytes);
    return bytes;
  }

  private static void pass(InputStream file, long count, Checksum whole, Checksum part)
      throws IOException {
    byte[] buffer = new byte[64 * 1024];
    long left = count;
    while (left > 0) {
      int read = file.read(buffer, 0, (int) Math.min(buffer.length, left));
      assertThat(read).as("bytes of a part").isPositive();
      whole.update(buffer, 0, read);
      part.update(buffer, 0, read);
      left -= read;
    }
  }

  private static String hex(CRC32C crc) {
    return String.format(java.util.Locale.ROOT, "%08x", crc.getValue());
  }
}
