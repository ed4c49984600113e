package io.polystream.output;

import io.polystream.row.ByteSink;
import java.io.IOException;
import java.util.zip.CRC32;

/** Compresses what is written, a buffer at a time. */
final class CompressingSink extends PartSink {
  private static final int BUFFER_BYTES = 64 * 1024;

  private final PartCompressor compressor;
  private final ByteSink compressed;
  private final CRC32 crc = new CRC32();
  private long handedOnBytes;

  /**
   * @param compressor closed with this
   */
  CompressingSink(PartCompressor compressor, ByteSink compressed) {
    super(BUFFER_BYTES);
    this.compressor = compressor;
    this.compressed = compressed;
  }

  @Override
  void beginPart() {
    position = 0;
    handedOnBytes = 0;
    crc.reset();
  }

  @Override
  void endPart() throws IOException {
    if (plainBytes() > 0) {
      makeRoom();
      compressor.endPart(compressed);
    }
  }

  @Override
  long plainBytes() {
    return handedOnBytes + position;
  }

  @Override
  int plainCrc32() {
    return (int) crc.getValue();
  }

  @Override
  protected void makeRoom() throws IOException {
    int length = position;
    crc.update(buffer, 0, length);
    compressor.compress(buffer, 0, length, compressed);
    handedOnBytes += length;
    position = 0;
  }

  @Override
  public void close() {
    compressor.close();
  }
}
