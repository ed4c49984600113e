package io.polystream.output;

import io.polystream.row.ByteSink;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/**
 * Where one reader writes the partitions of its lane: {@code begin (beginRow bytes)* end}, over and
 * over, the bytes into {@link #sink}. Parts that end before the partition has the turn wait in a
 * buffer; a part larger than that is written through, once it has the turn. Not thread-safe.
 */
public final class PartWriter implements AutoCloseable {
  /**
   * Thrown when a partition turns out to hold more rows than the limit leaves for it. Nothing of it
   * is in the output; {@link #restart} and read it again, at most {@link #maxRows} rows.
   */
  public static final class RowLimitReached extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private RowLimitReached() {
      super("the row limit cuts this partition", null, false, false);
    }
  }

  private final OrderedAppender appender;
  private final byte[] separator;
  private final PartLimits limits;
  private final PartBuffer encoded;
  private final PartSink sink;
  private final List<PlacedPart> placed = new ArrayList<>();

  /** Ended, still in the buffer, one behind the other from its beginning. */
  private final List<Part> waiting = new ArrayList<>();

  private int partition;
  private boolean hasTurn;
  private long partitionRows;

  /** Those of the partition that the appender does not know of yet. */
  private long unknownRows;

  private boolean anyAppended;

  // The open part.
  private int piece;
  private long pieceRows;
  private boolean writesThrough;

  PartWriter(
      OrderedAppender appender,
      byte[] separator,
      Compression compression,
      PartLimits limits,
      int bufferBytes) {
    this.appender = appender;
    this.separator = separator;
    this.limits = limits;
    encoded = new PartBuffer(bufferBytes, this::bufferIsFull);
    sink =
        compression.method() == Compression.Method.NONE
            ? encoded
            : new CompressingSink(compression.newCompressor(), encoded);
  }

  /** Where the bytes of rows go; the same one as long as this is open. */
  public ByteSink sink() {
    return sink;
  }

  /** Begins a partition; partitions come in ascending order. */
  public void begin(int newPartition) {
    partition = newPartition;
    hasTurn = appender.isTurn(newPartition);
    beginAgain();
  }

  /** Begins the same partition again, with nothing written of it. */
  public void restart() {
    if (anyAppended) {
      throw new IllegalStateException("partition " + partition + " is in the output already");
    }
    beginAgain();
  }

  private void beginAgain() {
    encoded.clear();
    waiting.clear();
    partitionRows = 0;
    unknownRows = 0;
    anyAppended = false;
    piece = 0;
    beginPiece();
  }

  private void beginPiece() {
    encoded.beginPart();
    sink.beginPart();
    pieceRows = 0;
    writesThrough = false;
  }

  /** Waits until everything before this partition is in the output. */
  public void awaitTurn() {
    if (!hasTurn) {
      appender.awaitTurn(partition);
      hasTurn = true;
      if (unknownRows > appender.remainingRows()) {
        throw new RowLimitReached();
      }
    }
  }

  /**
   * The most rows this partition may have, when rows are limited: exact when it has the turn, too
   * many before.
   */
  public OptionalLong maxRows() {
    return appender.rowsAreLimited()
        ? OptionalLong.of(partitionRows - unknownRows + appender.remainingRows())
        : OptionalLong.empty();
  }

  /** Whether the output has all the rows it may have, and the source is known to have more. */
  public boolean isOutputFull() {
    return appender.isFull();
  }

  /** Rows begun in this partition. */
  public long rows() {
    return partitionRows;
  }

  /** Says that the source has a row more than {@link #maxRows}. */
  public void noteRowsBeyondLimit() {
    appender.noteRowsBeyondLimit();
  }

  /** To be called before each row's bytes. */
  public void beginRow() throws IOException {
    if (pieceRows > 0) {
      if (sink.plainBytes() >= limits.plainBytes() || pieceRows >= limits.rows()) {
        endPiece();
        piece++;
        beginPiece();
      } else {
        sink.write(separator);
      }
    }
    pieceRows++;
    partitionRows++;
    unknownRows++;
  }

  private void endPiece() throws IOException {
    long plainBytes = sink.plainBytes();
    sink.endPart();
    if (sink != encoded) {
      encoded.endPart();
    }
    Part part =
        new Part(
            partition,
            piece,
            encoded.openBytes(),
            pieceRows,
            encoded.crc32c(),
            plainBytes,
            sink.plainCrc32());
    if (writesThrough) {
      appender.append(encoded.buffer(), encoded.openFrom(), encoded.heldBytes());
      encoded.clear();
      end(part);
    } else {
      waiting.add(part);
    }
  }

  private void end(Part part) {
    placed.add(appender.end(part));
    unknownRows -= part.rows();
  }

  private void bufferIsFull() {
    awaitTurn();
    if (waiting.isEmpty()) {
      writeThrough();
    } else {
      appendWaiting();
    }
  }

  /** The open part alone fills the buffer. */
  private void writeThrough() {
    anyAppended = true;
    if (!writesThrough) {
      appender.begin(encoded.heldBytes(), pieceRows);
      writesThrough = true;
    }
    appender.append(encoded.buffer(), encoded.openFrom(), encoded.heldBytes());
    encoded.dropOpen();
  }

  private void appendWaiting() {
    anyAppended = true;
    int from = 0;
    for (Part part : waiting) {
      appender.begin(part.bytes(), part.rows());
      appender.append(encoded.buffer(), from, (int) part.bytes());
      end(part);
      from += (int) part.bytes();
    }
    waiting.clear();
    encoded.dropEnded();
  }

  /** Ends the partition: waits for its turn, writes what is left and lets the next one have it. */
  public void end() throws IOException {
    endPiece();
    awaitTurn();
    encoded.beginPart();
    appendWaiting();
    hasTurn = false;
    appender.passTurn();
  }

  /** The parts written so far, in order. */
  public List<PlacedPart> parts() {
    return List.copyOf(placed);
  }

  /** Frees what compresses. */
  @Override
  public void close() {
    sink.close();
  }
}
