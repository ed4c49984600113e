package io.polystream.format.parquet;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.polystream.row.ByteSink;
import io.polystream.row.Footer;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Collections;
import java.util.List;
import org.apache.parquet.format.ColumnChunk;
import org.apache.parquet.format.ColumnIndex;
import org.apache.parquet.format.ColumnOrder;
import org.apache.parquet.format.SchemaElement;
import org.apache.parquet.format.TypeDefinedOrder;
import shaded.parquet.org.apache.thrift.TException;
import shaded.parquet.org.apache.thrift.protocol.TField;
import shaded.parquet.org.apache.thrift.protocol.TList;
import shaded.parquet.org.apache.thrift.protocol.TProtocol;
import shaded.parquet.org.apache.thrift.protocol.TStruct;

/**
 * The end of a file (parquet-format, README.md, "File format"): the column indexes of all groups,
 * their offset indexes, the metadata, its length and the magic bytes. Written group by group, so
 * that it takes the memory of one: 1,600 columns in 100 groups were 90 MB as objects. So the fields
 * of {@code FileMetaData} (parquet.thrift) are written one by one.
 */
final class ParquetFooter implements Footer {
  /** At a file's both ends. */
  static final byte[] MAGIC = "PAR1".getBytes(US_ASCII);

  private static final int FILE_VERSION = 1;

  /** Numbers of the fields, in parquet.thrift. */
  private static final short VERSION_FIELD = 1;

  private static final short SCHEMA_FIELD = 2;
  private static final short ROWS_FIELD = 3;
  private static final short GROUPS_FIELD = 4;
  private static final short CREATED_BY_FIELD = 6;
  private static final short COLUMN_ORDERS_FIELD = 7;

  /** Types of Thrift; parquet-java's copy of it has no names for them. */
  private static final byte I32 = 8;

  private static final byte I64 = 10;
  private static final byte STRING = 11;
  private static final byte STRUCT = 12;
  private static final byte LIST = 15;

  /** Where a column's two indexes are, and how long, up to 128 MiB: fields of 8, 5, 8, 5 bytes. */
  private static final int MOST_INDEX_PLACES_BYTES = 26;

  private static final int COLUMN_ORDER_BYTES = 3;

  /** The metadata's own fields, if their numbers are long, its length and the magic bytes. */
  private static final int MOST_OTHER_BYTES = 42;

  private final ParquetLayout layout;
  private final String createdBy;
  private final long schemaBytes;

  ParquetFooter(ParquetLayout layout, String createdBy) {
    this.layout = layout;
    this.createdBy = createdBy;
    schemaBytes = schemaBytes(layout);
  }

  private static long schemaBytes(ParquetLayout layout) {
    CountingStream counted = new CountingStream(new DiscardingSink());
    try {
      for (SchemaElement element : layout.schemaElements()) {
        CompactThrift.write(element, counted);
      }
    } catch (IOException e) {
      throw new IllegalStateException("nothing can fail here", e);
    }
    return counted.count;
  }

  @Override
  public long mostBytes(long entries, long bytesOfEntries) {
    // Nothing that an entry has is longer in the file.
    long ofColumns =
        (entries * MOST_INDEX_PLACES_BYTES + COLUMN_ORDER_BYTES) * layout.columns().size();
    return bytesOfEntries + ofColumns + schemaBytes + createdBy.length() + MOST_OTHER_BYTES;
  }

  @Override
  public void write(long fileOffset, Iterable<Entry> entries, ByteSink sink) throws IOException {
    CountingStream output = new CountingStream(sink);
    Totals totals = writeColumnIndexes(entries, output);
    long offsetIndexesAt = fileOffset + output.count;
    for (Entry entry : entries) {
      for (var index : RowGroupEntry.at(entry.partOffset(), entry.bytes()).offsetIndexes()) {
        output.write(RowGroupEntry.bytesOf(index));
      }
    }
    long metadataAt = output.count;
    try {
      writeMetadata(entries, totals, fileOffset, offsetIndexesAt, CompactThrift.to(output));
    } catch (TException e) {
      throw new IOException(e);
    }
    writeInt(Math.toIntExact(output.count - metadataAt), output);
    output.write(MAGIC);
  }

  private record Totals(int groups, long rows) {}

  private static Totals writeColumnIndexes(Iterable<Entry> entries, OutputStream output)
      throws IOException {
    int groups = 0;
    long rows = 0;
    for (Entry entry : entries) {
      RowGroupEntry group = RowGroupEntry.at(entry.partOffset(), entry.bytes());
      groups++;
      rows += group.group().getNum_rows();
      for (ColumnIndex index : group.columnIndexes()) {
        if (index != null) {
          output.write(RowGroupEntry.bytesOf(index));
        }
      }
    }
    return new Totals(groups, rows);
  }

  private void writeMetadata(
      Iterable<Entry> entries,
      Totals totals,
      long columnIndexesAt,
      long offsetIndexesAt,
      TProtocol protocol)
      throws TException, IOException {
    protocol.writeStructBegin(new TStruct("FileMetaData"));
    protocol.writeFieldBegin(new TField("version", I32, VERSION_FIELD));
    protocol.writeI32(FILE_VERSION);
    protocol.writeFieldEnd();
    List<SchemaElement> schema = layout.schemaElements();
    protocol.writeFieldBegin(new TField("schema", LIST, SCHEMA_FIELD));
    protocol.writeListBegin(new TList(STRUCT, schema.size()));
    for (SchemaElement element : schema) {
      element.write(protocol);
    }
    protocol.writeListEnd();
    protocol.writeFieldEnd();
    protocol.writeFieldBegin(new TField("num_rows", I64, ROWS_FIELD));
    protocol.writeI64(totals.rows());
    protocol.writeFieldEnd();
    protocol.writeFieldBegin(new TField("row_groups", LIST, GROUPS_FIELD));
    protocol.writeListBegin(new TList(STRUCT, totals.groups()));
    writeGroups(entries, columnIndexesAt, offsetIndexesAt, protocol);
    protocol.writeListEnd();
    protocol.writeFieldEnd();
    protocol.writeFieldBegin(new TField("created_by", STRING, CREATED_BY_FIELD));
    protocol.writeString(createdBy);
    protocol.writeFieldEnd();
    int columns = layout.columns().size();
    protocol.writeFieldBegin(new TField("column_orders", LIST, COLUMN_ORDERS_FIELD));
    protocol.writeListBegin(new TList(STRUCT, columns));
    for (ColumnOrder order :
        Collections.nCopies(columns, ColumnOrder.TYPE_ORDER(new TypeDefinedOrder()))) {
      order.write(protocol);
    }
    protocol.writeListEnd();
    protocol.writeFieldEnd();
    protocol.writeFieldStop();
    protocol.writeStructEnd();
  }

  private static void writeGroups(
      Iterable<Entry> entries, long columnIndexesAt, long offsetIndexesAt, TProtocol protocol)
      throws TException, IOException {
    long columnIndexAt = columnIndexesAt;
    long offsetIndexAt = offsetIndexesAt;
    for (Entry entry : entries) {
      RowGroupEntry group = RowGroupEntry.at(entry.partOffset(), entry.bytes());
      List<ColumnChunk> chunks = group.group().getColumns();
      for (int i = 0; i < chunks.size(); i++) {
        ColumnChunk chunk = chunks.get(i);
        ColumnIndex columnIndex = group.columnIndexes().get(i);
        if (columnIndex != null) {
          int length = RowGroupEntry.bytesOf(columnIndex).length;
          chunk.setColumn_index_offset(columnIndexAt);
          chunk.setColumn_index_length(length);
          columnIndexAt += length;
        }
        int length = RowGroupEntry.bytesOf(group.offsetIndexes().get(i)).length;
        chunk.setOffset_index_offset(offsetIndexAt);
        chunk.setOffset_index_length(length);
        offsetIndexAt += length;
      }
      group.group().write(protocol);
    }
  }

  private static void writeInt(int value, OutputStream output) throws IOException {
    for (int shift = 0; shift < Integer.SIZE; shift += Byte.SIZE) {
      output.write(value >>> shift);
    }
  }

  /** Into a sink, and counts. */
  private static final class CountingStream extends OutputStream {
    private final ByteSink sink;
    private long count;

    CountingStream(ByteSink sink) {
      this.sink = sink;
    }

    @Override
    public void write(int value) throws IOException {
      sink.write((byte) value);
      count++;
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      sink.write(bytes, offset, length);
      count += length;
    }
  }

  private static final class DiscardingSink extends ByteSink {
    DiscardingSink() {
      super(1024);
    }

    @Override
    protected void makeRoom() {
      position = 0;
    }
  }
}
