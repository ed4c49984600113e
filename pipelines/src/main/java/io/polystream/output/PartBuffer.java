package io.polystream.output;

import java.io.IOException;
import java.util.zip.CRC32C;

/**
 * The encoded bytes that one reader holds: parts that have ended, and behind them the open one.
 * When it is full its owner makes room: see {@link PartWriter}. Not thread-safe.
 */
final class PartBuffer extends PartSink {
  /** What a partition has once it is encoded, about. */
  static final int USUAL_BYTES = 4 * 1024 * 1024;

  /** Empties the buffer at least by a byte. */
  @FunctionalInterface
  interface Owner {
    void bufferIsFull() throws IOException;
  }

  private final Owner owner;
  private final CRC32C crc = new CRC32C();

  /** Where the open part's bytes begin in the buffer. */
  private int openFrom;

  /** How many bytes of the open part have left the buffer. */
  private long goneBytes;

  PartBuffer(int bufferBytes, Owner owner) {
    super(bufferBytes);
    this.owner = owner;
  }

  @Override
  protected void makeRoom() throws IOException {
    owner.bufferIsFull();
  }

  @Override
  void beginPart() {
    openFrom = position;
    goneBytes = 0;
    crc.reset();
  }

  @Override
  void endPart() {
    crc.update(buffer, openFrom, position - openFrom);
  }

  @Override
  long plainBytes() {
    return openBytes();
  }

  @Override
  int plainCrc32() {
    return 0;
  }

  /** Bytes of the open part, wherever they are. */
  long openBytes() {
    return goneBytes + position - openFrom;
  }

  /** Those of them that are in the buffer, from {@link #openFrom}. */
  int heldBytes() {
    return position - openFrom;
  }

  int openFrom() {
    return openFrom;
  }

  /** CRC-32C of the part that has ended. */
  int crc32c() {
    return (int) crc.getValue();
  }

  /** Forgets the parts that have ended; the open one's bytes move to the front. */
  void dropEnded() {
    System.arraycopy(buffer, openFrom, buffer, 0, position - openFrom);
    position -= openFrom;
    openFrom = 0;
  }

  /** Forgets the open part's bytes in the buffer, which are somewhere else now. */
  void dropOpen() {
    crc.update(buffer, openFrom, position - openFrom);
    goneBytes += position - openFrom;
    position = openFrom;
  }

  /** Forgets everything. */
  void clear() {
    position = 0;
    beginPart();
  }

  @Override
  public void close() {
    // Memory is all it has.
  }
}
