package io.polystream.format.parquet;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.parquet.column.Encoding;
import org.apache.parquet.column.statistics.DoubleStatistics;
import org.apache.parquet.column.statistics.FloatStatistics;
import org.apache.parquet.format.BoundaryOrder;
import org.apache.parquet.format.ColumnChunk;
import org.apache.parquet.format.ColumnIndex;
import org.apache.parquet.format.ColumnMetaData;
import org.apache.parquet.format.OffsetIndex;
import org.apache.parquet.format.PageEncodingStats;
import org.apache.parquet.format.PageLocation;
import org.apache.parquet.format.PageType;
import org.apache.parquet.format.RowGroup;
import org.apache.parquet.format.SchemaElement;
import org.apache.parquet.format.Statistics;
import org.apache.parquet.format.Type;
import org.apache.parquet.format.Util;

/**
 * What the footer has to know of a row group: its metadata and the indexes of its columns, as if
 * the group began at {@link #FAR}. As bytes: the metadata, then column and offset index of one
 * column after another, all as the footer has them (compact Thrift).
 *
 * @param columnIndexes one for each column; null for a column whose bounds are not known
 * @param offsetIndexes one for each column
 */
record RowGroupEntry(
    RowGroup group, List<ColumnIndex> columnIndexes, List<OffsetIndex> offsetIndexes) {
  /**
   * Farther from the beginning than any file is long: numbers are as long as they are large, and so
   * no offset has fewer bytes in an entry than in the file.
   */
  private static final long FAR = 1L << 47;

  static RowGroupEntry of(
      ParquetLayout layout, ParquetCodec codec, ColumnPages[] pages, long rows) {
    List<ColumnChunk> chunks = new ArrayList<>();
    List<ColumnIndex> columnIndexes = new ArrayList<>();
    List<OffsetIndex> offsetIndexes = new ArrayList<>();
    long plainBytes = 0;
    long offset = FAR;
    for (int i = 0; i < pages.length; i++) {
      ColumnMetaData metadata = metadata(layout.columns().get(i), codec, pages[i], offset);
      ColumnChunk chunk = new ColumnChunk(0);
      chunk.setMeta_data(metadata);
      chunks.add(chunk);
      columnIndexes.add(columnIndex(pages[i].columnIndex()));
      offsetIndexes.add(offsetIndex(pages[i], metadata.getData_page_offset()));
      plainBytes += pages[i].plainBytes();
      offset += pages[i].bytes();
    }
    RowGroup group = new RowGroup(chunks, plainBytes, rows);
    group.setFile_offset(FAR);
    group.setTotal_compressed_size(offset - FAR);
    return new RowGroupEntry(group, columnIndexes, offsetIndexes);
  }

  private static ColumnMetaData metadata(
      ParquetColumn column, ParquetCodec codec, ColumnPages pages, long offset) {
    SchemaElement leaf = column.type().schemaElement();
    ColumnMetaData metadata =
        new ColumnMetaData(
            leaf.getType(),
            pages.encodings().stream().map(ColumnPages::inFile).toList(),
            column.path(),
            codec.inFile(),
            pages.values(),
            pages.plainBytes(),
            pages.bytes(),
            offset + pages.dictionaryBytes());
    if (pages.dictionaryBytes() > 0) {
      metadata.setDictionary_page_offset(offset);
    }
    metadata.setEncoding_stats(encodingStats(pages));
    metadata.setStatistics(statistics(leaf.getType(), pages));
    return metadata;
  }

  private static List<PageEncodingStats> encodingStats(ColumnPages pages) {
    List<PageEncodingStats> stats = new ArrayList<>();
    if (pages.dictionaryEncoding() != null) {
      stats.add(
          new PageEncodingStats(
              PageType.DICTIONARY_PAGE, ColumnPages.inFile(pages.dictionaryEncoding()), 1));
    }
    Map<Encoding, Integer> counts = new LinkedHashMap<>();
    pages.dataPageEncodings().forEach(encoding -> counts.merge(encoding, 1, Integer::sum));
    counts.forEach(
        (encoding, count) ->
            stats.add(
                new PageEncodingStats(PageType.DATA_PAGE, ColumnPages.inFile(encoding), count)));
    return stats;
  }

  private static Statistics statistics(Type type, ColumnPages pages) {
    org.apache.parquet.column.statistics.Statistics<?> known = pages.statistics();
    Statistics statistics = new Statistics();
    statistics.setNull_count(known.getNumNulls());
    if (!pages.hasBounds() || !known.hasNonNullValue()) {
      return statistics;
    }
    byte[] least = known.getMinBytes();
    byte[] greatest = known.getMaxBytes();
    if (type == Type.FLOAT) {
      FloatStatistics floats = (FloatStatistics) known;
      if (Float.isNaN(floats.getMin()) || Float.isNaN(floats.getMax())) {
        return statistics;
      }
    } else if (type == Type.DOUBLE) {
      DoubleStatistics doubles = (DoubleStatistics) known;
      if (Double.isNaN(doubles.getMin()) || Double.isNaN(doubles.getMax())) {
        return statistics;
      }
    }
    if (type == Type.FLOAT || type == Type.DOUBLE) {
      // parquet.thrift, ColumnOrder: a zero as bound stands for both zeros.
      setSignOfZero(least, true);
      setSignOfZero(greatest, false);
    }
    statistics.setMin_value(least);
    statistics.setMax_value(greatest);
    return statistics;
  }

  private static void setSignOfZero(byte[] littleEndian, boolean negative) {
    int last = littleEndian.length - 1;
    for (int i = 0; i < last; i++) {
      if (littleEndian[i] != 0) {
        return;
      }
    }
    if ((littleEndian[last] & 0x7F) == 0) {
      littleEndian[last] = (byte) (negative ? 0x80 : 0);
    }
  }

  private static ColumnIndex columnIndex(
      org.apache.parquet.internal.column.columnindex.ColumnIndex known) {
    if (known == null) {
      return null;
    }
    ColumnIndex index =
        new ColumnIndex(
            known.getNullPages(),
            known.getMinValues(),
            known.getMaxValues(),
            BoundaryOrder.valueOf(known.getBoundaryOrder().name()));
    index.setNull_counts(known.getNullCounts());
    return index;
  }

  private static OffsetIndex offsetIndex(ColumnPages pages, long offset) {
    org.apache.parquet.internal.column.columnindex.OffsetIndex known = pages.offsetIndex(offset);
    List<PageLocation> locations = new ArrayList<>();
    for (int page = 0; page < known.getPageCount(); page++) {
      locations.add(
          new PageLocation(
              known.getOffset(page),
              known.getCompressedPageSize(page),
              known.getFirstRowIndex(page)));
    }
    return new OffsetIndex(locations);
  }

  /** The same of a group that begins there. */
  static RowGroupEntry at(long offset, byte[] bytes) throws IOException {
    ByteArrayInputStream input = new ByteArrayInputStream(bytes);
    RowGroup group = CompactThrift.read(new RowGroup(), input);
    group.setFile_offset(offset);
    long moved = offset - FAR;
    List<ColumnIndex> columnIndexes = new ArrayList<>();
    List<OffsetIndex> offsetIndexes = new ArrayList<>();
    for (ColumnChunk chunk : group.getColumns()) {
      ColumnMetaData metadata = chunk.getMeta_data();
      metadata.setData_page_offset(metadata.getData_page_offset() + moved);
      if (metadata.isSetDictionary_page_offset()) {
        metadata.setDictionary_page_offset(metadata.getDictionary_page_offset() + moved);
      }
      columnIndexes.add(input.read() == 1 ? Util.readColumnIndex(input) : null);
      OffsetIndex offsetIndex = Util.readOffsetIndex(input);
      for (PageLocation location : offsetIndex.getPage_locations()) {
        location.setOffset(location.getOffset() + moved);
      }
      offsetIndexes.add(offsetIndex);
    }
    return new RowGroupEntry(group, columnIndexes, offsetIndexes);
  }

  byte[] toByteArray() throws IOException {
    ByteArrayOutputStream output = new ByteArrayOutputStream();
    CompactThrift.write(group, output);
    for (int i = 0; i < columnIndexes.size(); i++) {
      output.write(columnIndexes.get(i) == null ? 0 : 1);
      if (columnIndexes.get(i) != null) {
        Util.writeColumnIndex(columnIndexes.get(i), output);
      }
      Util.writeOffsetIndex(offsetIndexes.get(i), output);
    }
    return output.toByteArray();
  }

  static byte[] bytesOf(ColumnIndex index) throws IOException {
    ByteArrayOutputStream output = new ByteArrayOutputStream();
    Util.writeColumnIndex(index, output);
    return output.toByteArray();
  }

  static byte[] bytesOf(OffsetIndex index) throws IOException {
    ByteArrayOutputStream output = new ByteArrayOutputStream();
    Util.writeOffsetIndex(index, output);
    return output.toByteArray();
  }
}
