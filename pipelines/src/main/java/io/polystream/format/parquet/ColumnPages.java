package io.polystream.format.parquet;

import io.polystream.row.ByteSink;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.zip.CRC32;
import org.apache.parquet.bytes.BytesInput;
import org.apache.parquet.column.Encoding;
import org.apache.parquet.column.page.DictionaryPage;
import org.apache.parquet.column.page.PageWriter;
import org.apache.parquet.column.statistics.SizeStatistics;
import org.apache.parquet.column.statistics.Statistics;
import org.apache.parquet.format.DataPageHeader;
import org.apache.parquet.format.DictionaryPageHeader;
import org.apache.parquet.format.PageHeader;
import org.apache.parquet.format.PageType;
import org.apache.parquet.format.Util;
import org.apache.parquet.internal.column.columnindex.ColumnIndex;
import org.apache.parquet.internal.column.columnindex.ColumnIndexBuilder;
import org.apache.parquet.internal.column.columnindex.OffsetIndex;
import org.apache.parquet.internal.column.columnindex.OffsetIndexBuilder;
import org.apache.parquet.schema.PrimitiveType;

/**
 * The pages of one column of one row group: compressed, and kept until the group is written, since
 * a column's pages stand together. Not thread-safe.
 */
final class ColumnPages implements PageWriter {
  /** The bytes of a page before they are compressed; the columns of a reader share it. */
  static final class PageBuffer extends ByteArrayOutputStream {
    PageBuffer(int bytes) {
      super(bytes);
    }

    byte[] array() {
      return buf;
    }
  }

  private final PageCompressor compressor;
  private final PageBuffer plain;
  private final Optional<TextBounds> texts;
  private final List<byte[]> pages = new ArrayList<>();
  private final Set<Encoding> encodings = EnumSet.noneOf(Encoding.class);
  private final List<Encoding> dataPageEncodings = new ArrayList<>();
  private final OffsetIndexBuilder offsetIndex = OffsetIndexBuilder.getBuilder();
  private final ColumnIndexBuilder columnIndex;
  private final Statistics<?> statistics;
  private byte[] dictionaryPage = new byte[0];
  private Encoding dictionaryEncoding;
  private boolean hasBounds;
  private long values;
  private long plainBytes;
  private long bytes;

  ColumnPages(
      StoredType type, PrimitiveType columnType, PageCompressor compressor, PageBuffer plain) {
    this.compressor = compressor;
    this.plain = plain;
    texts =
        type.bounds() == StoredType.Bounds.EXACT
            ? Optional.empty()
            : Optional.of(new TextBounds(columnType));
    hasBounds = type.bounds() != StoredType.Bounds.NONE;
    columnIndex =
        hasBounds
            ? ColumnIndexBuilder.getBuilder(columnType, TextBounds.BOUND_BYTES)
            : ColumnIndexBuilder.getNoOpBuilder();
    statistics = Statistics.createStats(columnType);
  }

  /** Where values have to be told of; empty when parquet-java keeps the bounds. */
  Optional<TextBounds> texts() {
    return texts;
  }

  @Override
  public void writePage(
      BytesInput page,
      int valueCount,
      int rowCount,
      Statistics<?> exact,
      SizeStatistics sizes,
      Encoding repetitionLevels,
      Encoding definitionLevels,
      Encoding pageValues)
      throws IOException {
    Statistics<?> ofPage = texts.isPresent() ? texts.get().take() : exact;
    addStatistics(ofPage, valueCount);
    DataPageHeader header =
        new DataPageHeader(
            valueCount, inFile(pageValues), inFile(definitionLevels), inFile(repetitionLevels));
    byte[] compressed = compress(page, PageType.DATA_PAGE, header, null);
    pages.add(compressed);
    offsetIndex.add(compressed.length, rowCount);
    values += valueCount;
    encodings.add(repetitionLevels);
    encodings.add(definitionLevels);
    encodings.add(pageValues);
    dataPageEncodings.add(pageValues);
  }

  private void addStatistics(Statistics<?> ofPage, int valueCount) {
    columnIndex.add(ofPage);
    if (ofPage.hasNonNullValue() || ofPage.getNumNulls() == valueCount) {
      statistics.mergeStatistics(ofPage);
    } else {
      // Values without bounds: then the column has none, or readers would leave them out.
      hasBounds = false;
      statistics.incrementNumNulls(ofPage.getNumNulls());
    }
  }

  @Override
  public void writeDictionaryPage(DictionaryPage page) throws IOException {
    dictionaryEncoding = page.getEncoding();
    encodings.add(dictionaryEncoding);
    dictionaryPage =
        compress(
            page.getBytes(),
            PageType.DICTIONARY_PAGE,
            null,
            new DictionaryPageHeader(page.getDictionarySize(), inFile(dictionaryEncoding)));
  }

  /** The page as it stands in the file. */
  private byte[] compress(
      BytesInput page, PageType pageType, DataPageHeader data, DictionaryPageHeader dictionary)
      throws IOException {
    plain.reset();
    page.writeAllTo(plain);
    int length = compressor.compress(plain.array(), plain.size());
    CRC32 crc = new CRC32();
    crc.update(compressor.compressed(), 0, length);
    PageHeader header = new PageHeader(pageType, plain.size(), length);
    header.setCrc((int) crc.getValue());
    if (data != null) {
      header.setData_page_header(data);
    } else {
      header.setDictionary_page_header(dictionary);
    }
    ByteArrayOutputStream headerBytes = new ByteArrayOutputStream(64);
    Util.writePageHeader(header, headerBytes);
    byte[] whole = new byte[headerBytes.size() + length];
    System.arraycopy(headerBytes.toByteArray(), 0, whole, 0, headerBytes.size());
    System.arraycopy(compressor.compressed(), 0, whole, headerBytes.size(), length);
    plainBytes += headerBytes.size() + plain.size();
    bytes += whole.length;
    return whole;
  }

  static org.apache.parquet.format.Encoding inFile(Encoding encoding) {
    return org.apache.parquet.format.Encoding.valueOf(encoding.name());
  }

  /** Writes the pages, the dictionary first. */
  void writeTo(ByteSink sink) throws IOException {
    sink.write(dictionaryPage);
    for (byte[] page : pages) {
      sink.write(page);
    }
  }

  /** Bytes of the dictionary's page, 0 when there is none. */
  int dictionaryBytes() {
    return dictionaryPage.length;
  }

  /** Of the dictionary's page, or null. */
  Encoding dictionaryEncoding() {
    return dictionaryEncoding;
  }

  /** One for each data page. */
  List<Encoding> dataPageEncodings() {
    return dataPageEncodings;
  }

  Set<Encoding> encodings() {
    return encodings;
  }

  long values() {
    return values;
  }

  /** Of all pages with their headers, before compression. */
  long plainBytes() {
    return plainBytes;
  }

  /** Of all pages with their headers. */
  long bytes() {
    return bytes;
  }

  /** Of the whole column of the group; see {@link #hasBounds}. */
  Statistics<?> statistics() {
    return statistics;
  }

  /** Whether the least and the greatest value are known. */
  boolean hasBounds() {
    return hasBounds;
  }

  /** Null when bounds are not known. */
  ColumnIndex columnIndex() {
    return hasBounds ? columnIndex.build() : null;
  }

  /**
   * @param offset of the first data page
   */
  OffsetIndex offsetIndex(long offset) {
    return offsetIndex.build(offset);
  }

  /** How much memory it has, about. */
  @Override
  public long getMemSize() {
    return bytes;
  }

  @Override
  public long allocatedSize() {
    return bytes;
  }

  @Override
  public String memUsageString(String prefix) {
    return prefix + " " + bytes + " bytes";
  }

  @Deprecated
  @Override
  public void writePage(
      BytesInput page,
      int valueCount,
      Statistics<?> exact,
      Encoding repetitionLevels,
      Encoding definitionLevels,
      Encoding pageValues) {
    throw new UnsupportedOperationException("a page without its number of rows");
  }

  @Override
  public void writePage(
      BytesInput page,
      int valueCount,
      int rowCount,
      Statistics<?> exact,
      Encoding repetitionLevels,
      Encoding definitionLevels,
      Encoding pageValues)
      throws IOException {
    writePage(
        page, valueCount, rowCount, exact, null, repetitionLevels, definitionLevels, pageValues);
  }

  @Override
  public void writePageV2(
      int rowCount,
      int nullCount,
      int valueCount,
      BytesInput repetitionLevels,
      BytesInput definitionLevels,
      Encoding dataEncoding,
      BytesInput data,
      Statistics<?> exact) {
    throw new UnsupportedOperationException("pages of version 2");
  }
}
