package io.polystream.format;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.polystream.row.Row;
import io.polystream.row.Utf8Slice;
import java.io.ByteArrayInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.List;

/**
 * A row over texts that are there, as strict as a source's: what it handed out is gone at the next
 * call, and it answers only what may be asked.
 */
final class ArrayRow implements Row {
  /** Around each text, so that an offset that is not 0 is always under test. */
  private static final byte[] BEFORE = "\"<".getBytes(UTF_8);

  private static final byte[] AFTER = ">\"".getBytes(UTF_8);

  private final List<String> cells;
  private final boolean oversize;
  private final Utf8Slice slice = new Utf8Slice();
  private byte[] handedOut = new byte[0];

  /**
   * @param cells null for NULL
   * @param oversize whether cells say that they are too large to hold
   */
  ArrayRow(List<String> cells, boolean oversize) {
    this.cells = cells;
    this.oversize = oversize;
  }

  @Override
  public boolean isNull(int column) {
    takeBack();
    return cells.get(column) == null;
  }

  @Override
  public boolean isOversize(int column) {
    takeBack();
    return oversize && cells.get(column) != null;
  }

  @Override
  public boolean hasOversizeCells() {
    return oversize;
  }

  @Override
  public Utf8Slice text(int column) {
    takeBack();
    if (oversize || cells.get(column) == null) {
      throw new IllegalStateException("column " + column + " is null or oversize");
    }
    byte[] text = cells.get(column).getBytes(UTF_8);
    handedOut = new byte[BEFORE.length + text.length + AFTER.length];
    System.arraycopy(BEFORE, 0, handedOut, 0, BEFORE.length);
    System.arraycopy(text, 0, handedOut, BEFORE.length, text.length);
    System.arraycopy(AFTER, 0, handedOut, BEFORE.length + text.length, AFTER.length);
    return slice.at(handedOut, BEFORE.length, text.length);
  }

  @Override
  public InputStream openText(int column) {
    takeBack();
    if (!oversize || cells.get(column) == null) {
      throw new IllegalStateException("column " + column + " is null or not oversize");
    }
    return new OneByteAtATime(cells.get(column).getBytes(UTF_8));
  }

  private void takeBack() {
    Arrays.fill(handedOut, (byte) '?');
  }

  /** Every border between two reads lies somewhere bad: inside a character, beside a quote. */
  private static final class OneByteAtATime extends FilterInputStream {
    OneByteAtATime(byte[] bytes) {
      super(new ByteArrayInputStream(bytes));
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
      return super.read(target, offset, Math.min(1, length));
    }
  }
}
