package io.polystream.format.parquet;

import io.polystream.error.PolyStreamException;
import io.polystream.format.EncodedPart;
import io.polystream.format.RefusedValue;
import io.polystream.format.RowEncoder;
import io.polystream.format.parquet.ListValues.Listener;
import io.polystream.row.ByteSink;
import io.polystream.row.Column;
import io.polystream.row.ColumnType;
import io.polystream.row.Kind;
import io.polystream.row.PlainTexts;
import io.polystream.row.Row;
import io.polystream.row.Utf8Slice;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.apache.parquet.column.ColumnDescriptor;
import org.apache.parquet.column.ColumnWriteStore;
import org.apache.parquet.column.ColumnWriter;
import org.apache.parquet.column.impl.ColumnWriteStoreV1;

/**
 * Encodes a part as a row group: rows go to the columns' writers, whose compressed pages are
 * written when the part ends.
 */
final class RowGroupEncoder implements RowEncoder {
  /** A value is in memory several times while its page is compressed. */
  static final int MOST_CELL_BYTES = 8 * 1024 * 1024;

  private static final Listener NOBODY =
      new Listener() {
        @Override
        public void element(Utf8Slice text) {}

        @Override
        public void nullElement() {}
      };

  private final List<Column> columns;
  private final ParquetLayout layout;
  private final ParquetCodec codec;
  private final PageCompressor compressor;
  private final ColumnPages.PageBuffer plainPage = new ColumnPages.PageBuffer(256 * 1024);
  private final PlainTexts texts;
  private final Utf8Slice oversize = new Utf8Slice();
  private final ValueWriter[] values;
  private final ListValues[] lists;
  private final Listener[] listeners;
  private final ColumnWriter[] writers;
  private final ColumnPages[] pages;
  private ColumnWriteStore store;
  private long rows;
  private long keptBytes;

  RowGroupEncoder(List<Column> columns, ParquetLayout layout, ParquetCodec codec) {
    this.columns = columns;
    this.layout = layout;
    this.codec = codec;
    compressor = codec.newCompressor();
    texts = new PlainTexts(columns);
    int count = columns.size();
    values = new ValueWriter[count];
    lists = new ListValues[count];
    listeners = new Listener[count];
    writers = new ColumnWriter[count];
    pages = new ColumnPages[count];
    for (int i = 0; i < count; i++) {
      ParquetColumn column = layout.columns().get(i);
      values[i] = column.type().writers().get();
      if (column.isList()) {
        lists[i] = new ListValues(values[i], columns.get(i).elementKind() == Kind.JSON);
      }
    }
  }

  @Override
  public void beginPart() {
    release();
    List<ColumnDescriptor> leaves = layout.columnTypes().getColumns();
    for (int i = 0; i < pages.length; i++) {
      ParquetColumn column = layout.columns().get(i);
      ColumnDescriptor leaf = leaves.get(i);
      pages[i] = new ColumnPages(column.type(), leaf.getPrimitiveType(), compressor, plainPage);
      listeners[i] = listener(column.type().bounds(), pages[i].texts());
    }
    store =
        new ColumnWriteStoreV1(
            layout.columnTypes(),
            leaf -> pages[Integer.parseInt(leaf.getPath()[0].substring(1))],
            layout.properties());
    for (int i = 0; i < writers.length; i++) {
      writers[i] = store.getColumnWriter(leaves.get(i));
    }
    rows = 0;
    keptBytes = 0;
  }

  private static Listener listener(StoredType.Bounds bounds, Optional<TextBounds> texts) {
    if (texts.isEmpty()) {
      return NOBODY;
    }
    TextBounds told = texts.get();
    return new Listener() {
      @Override
      public void element(Utf8Slice text) {
        if (bounds == StoredType.Bounds.TEXT) {
          told.add(text);
        }
      }

      @Override
      public void nullElement() {
        told.addNull();
      }
    };
  }

  @Override
  public void encode(Row row, ByteSink sink) throws IOException {
    for (int i = 0; i < writers.length; i++) {
      if (row.isNull(i)) {
        writers[i].writeNull(0, 0);
        listeners[i].nullElement();
      } else {
        write(row, i);
      }
    }
    store.endRecord();
    rows++;
  }

  private void write(Row row, int column) throws IOException {
    Utf8Slice text = row.isOversize(column) ? oversize(row, column) : texts.text(row, column);
    if (text.length() > MOST_CELL_BYTES) {
      throw tooLarge(row, column);
    }
    keptBytes += text.length() + Integer.BYTES;
    try {
      if (lists[column] != null) {
        lists[column].write(text, writers[column], listeners[column]);
      } else {
        values[column].write(text, writers[column], 0, 1);
        listeners[column].element(text);
      }
    } catch (ValueWriter.NotStorable e) {
      String why = e.getMessage() + remedyFor(columns.get(column).type());
      throw RefusedValue.of(row, columns, column, why);
    }
  }

  /** Of columns whose numbers may be of any size somebody has said of what size they are. */
  private static String remedyFor(ColumnType type) {
    ColumnType values = type instanceof ColumnType.Array array ? array.element() : type;
    return values == ColumnType.Simple.NUMBER
        ? "; give another --parquet-decimal, or none to have numbers as text"
        : "";
  }

  private Utf8Slice oversize(Row row, int column) throws IOException {
    try (InputStream text = texts.openText(row, column)) {
      byte[] bytes = text.readNBytes(MOST_CELL_BYTES + 1);
      return oversize.at(bytes, 0, bytes.length);
    }
  }

  private PolyStreamException tooLarge(Row row, int column) throws IOException {
    return RefusedValue.of(
        row,
        columns,
        column,
        "a value has more than "
            + MOST_CELL_BYTES / (1024 * 1024)
            + " MiB of text, more than a Parquet file gets here");
  }

  @Override
  public long keptBytes() {
    return keptBytes;
  }

  @Override
  public EncodedPart endPart(ByteSink sink) throws IOException {
    EncodedPart part = EncodedPart.PLAIN;
    if (rows > 0) {
      store.flush();
      for (ColumnPages column : pages) {
        column.writeTo(sink);
      }
      part = new EncodedPart(0, RowGroupEntry.of(layout, codec, pages, rows).toByteArray());
    }
    release();
    return part;
  }

  /** Frees the part's memory, which nobody needs while the reader waits for its turn. */
  private void release() {
    if (store != null) {
      store.close();
      store = null;
      Arrays.fill(writers, null);
      Arrays.fill(pages, null);
    }
  }
}
