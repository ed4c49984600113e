package io.polystream.format.xml;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.polystream.format.EncodedPart;
import io.polystream.format.RefusedValue;
import io.polystream.format.RowEncoder;
import io.polystream.row.ByteSink;
import io.polystream.row.Column;
import io.polystream.row.Kind;
import io.polystream.row.Row;
import io.polystream.row.Utf8Slice;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;

/** Writes one row as one element with an element per column, NULL included, and the line's end. */
final class XmlEncoder implements RowEncoder {
  /** XML Schema 1.0 part 1 section 2.6.2: says that an element has no value. */
  static final byte[] NIL = " xsi:nil=\"true\"/>".getBytes(US_ASCII);

  private static final int CHUNK_BYTES = 64 * 1024;
  private static final byte[] NOTHING = {};

  private final byte[] recordStart;
  private final byte[] recordEnd;
  private final List<Column> columns;
  private final Kind[] kinds;
  private final byte[][] names;
  private final byte[][] starts;
  private final byte[][] ends;
  private final byte[][] nils;
  private final XmlText text;
  private final JsonElements json;

  /**
   * @param record the element of a row, a name that XML allows
   * @param replaces whether characters that XML does not allow are replaced, or refused
   */
  XmlEncoder(List<Column> columns, String record, boolean replaces) {
    this.columns = columns;
    recordStart = ("<" + record + ">").getBytes(UTF_8);
    recordEnd = ("</" + record + ">\n").getBytes(UTF_8);
    int count = columns.size();
    kinds = new Kind[count];
    names = new byte[count][];
    starts = new byte[count][];
    ends = new byte[count][];
    nils = new byte[count][];
    for (int i = 0; i < count; i++) {
      kinds[i] = columns.get(i).kind();
      String name = XmlNames.of(columns.get(i).name());
      names[i] = name.getBytes(UTF_8);
      starts[i] = ("<" + name + ">").getBytes(UTF_8);
      ends[i] = ("</" + name + ">").getBytes(UTF_8);
      nils[i] = ("<" + name + new String(NIL, US_ASCII)).getBytes(UTF_8);
    }
    text = new XmlText(replaces);
    json = new JsonElements(text);
  }

  @Override
  public void beginPart() {
    text.beginPart();
  }

  @Override
  public void encode(Row row, ByteSink sink) throws IOException {
    sink.write(recordStart);
    for (int column = 0; column < kinds.length; column++) {
      if (row.isNull(column)) {
        sink.write(nils[column]);
      } else {
        try {
          writeCell(row, column, sink);
        } catch (XmlText.Forbidden e) {
          throw RefusedValue.of(row, columns, column, e.getMessage());
        }
      }
    }
    sink.write(recordEnd);
  }

  private void writeCell(Row row, int column, ByteSink sink) throws IOException {
    if (row.isOversize(column)) {
      writeOversize(row, column, sink);
    } else {
      Utf8Slice value = row.text(column);
      begin(column, sink);
      write(column, value.bytes(), value.offset(), value.length(), sink);
      end(column, sink);
    }
  }

  private void writeOversize(Row row, int column, ByteSink sink) throws IOException {
    byte[] chunk = new byte[CHUNK_BYTES];
    begin(column, sink);
    try (InputStream value = row.openText(column)) {
      for (int length = value.read(chunk); length >= 0; length = value.read(chunk)) {
        write(column, chunk, 0, length, sink);
      }
    }
    end(column, sink);
  }

  private void begin(int column, ByteSink sink) throws IOException {
    text.begin();
    if (kinds[column].isJson()) {
      json.begin(names[column], sink);
    } else {
      sink.write(starts[column]);
    }
  }

  private void write(int column, byte[] bytes, int offset, int length, ByteSink sink)
      throws IOException {
    switch (kinds[column]) {
      case JSON, JSON_PATH, ARRAY -> json.write(bytes, offset, length, sink);
      case TEXT -> text.write(bytes, offset, length, sink);
      case NUMBER, BOOLEAN, TEMPORAL, BINARY -> sink.write(bytes, offset, length);
    }
  }

  private void end(int column, ByteSink sink) throws IOException {
    if (kinds[column].isJson()) {
      json.end(sink);
    } else {
      sink.write(ends[column]);
    }
  }

  @Override
  public EncodedPart endPart(ByteSink sink) {
    long replaced = text.replacedCharacters();
    return replaced == 0 ? EncodedPart.PLAIN : new EncodedPart(replaced, NOTHING);
  }
}
