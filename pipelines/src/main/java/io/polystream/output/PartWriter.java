package io.polystream.output;

import io.polystream.row.ByteSink;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/**
 * Where one reader writes the partitions of its lane: {@code begin ((beginRow bytes)* endPart)+
 * end}, over and over, the bytes into {@link #sink}. Parts that end before the partition has the
 * turn wait in a buffer; a part larger than that is written through, once it has the turn. Not
 * thread-safe.
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

  /** A part that has ended, with what the file's footer has to know of it. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record EndedPart(Part part, byte[] footerEntry) {}

  private static final byte[] NO_ENTRY = {};

  private final OrderedAppender appender;
  private final byte[] separator;
  private final PartLimits limits;
  private final PartBuffer encoded;
  private final PartSink sink;
  private final List<PlacedPart> placed = new ArrayList<>();

  /** Ended, still in the buffer, one behind the other from its beginning. */
  private final List<EndedPart> waiting = new ArrayList<>();

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
    beginPart();
  }

  private void beginPart() {
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

  /**
   * Whether the open part has all the rows it should have.
   *
   * @param keptBytes of it that the encoder has not written yet
   */
  public boolean isPartFull(long keptBytes) {
    return pieceRows > 0
        && (sink.plainBytes() + keptBytes >= limits.plainBytes() || pieceRows >= limits.rows());
  }

  /** To be called before each row's bytes. */
  public void beginRow() throws IOException {
    if (pieceRows > 0) {
      sink.write(separator);
    }
    pieceRows++;
    partitionRows++;
    unknownRows++;
  }

  /**
   * Ends the open part, whose bytes are all written, and begins the next; the last one of a
   * partition is never written to.
   *
   * @param replacedCharacters how many characters of it the format could not hold
   * @param footerEntry what the file's footer has to know of it
   */
  public void endPart(long replacedCharacters, byte[] footerEntry) throws IOException {
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
            sink.plainCrc32(),
            replacedCharacters);
    EndedPart ended = new EndedPart(part, footerEntry);
    if (writesThrough) {
      appender.append(encoded.buffer(), encoded.openFrom(), encoded.heldBytes());
      encoded.clear();
      end(ended);
    } else {
      waiting.add(ended);
    }
    piece++;
    beginPart();
  }

  private void end(EndedPart ended) {
    placed.add(appender.end(ended.part(), ended.footerEntry()));
    unknownRows -= ended.part().rows();
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
      appender.begin(encoded.heldBytes(), pieceRows, 0);
      writesThrough = true;
    }
    appender.append(encoded.buffer(), encoded.openFrom(), encoded.heldBytes());
    encoded.dropOpen();
  }

  private void appendWaiting() {
    anyAppended = true;
    int from = 0;
    for (EndedPart ended : waiting) {
      Part part = ended.part();
      appender.begin(part.bytes(), part.rows(), ended.footerEntry().length);
      appender.append(encoded.buffer(), from, (int) part.bytes());
      end(ended);
      from += (int) part.bytes();
    }
    waiting.clear();
    encoded.dropEnded();
  }

  /** Writes nothing of a partition, as if it had no rows. */
  public void skip(int newPartition) throws IOException {
    begin(newPartition);
    endPart(0, NO_ENTRY);
    end();
  }

  /**
   * Ends the partition, whose parts have all ended: waits for its turn, writes what is left and
   * lets the next one have it.
   */
  public void end() {
    awaitTurn();
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
