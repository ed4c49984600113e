package io.polystream.output;

import com.github.luben.zstd.ZstdOutputStreamNoFinalizer;
import io.polystream.row.ByteSink;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;

/** A Zstandard frame (RFC 8878) with a checksum for each part. */
final class ZstdCompressor implements PartCompressor {
  /** From here on Zstandard's own tables are larger than all else together: 60 MB at level 19. */
  private static final int FIRST_LARGE_LEVEL = 10;

  /** 4 bytes for each of 2 to this power: as many places as a part has, about. */
  private static final int LARGE_LEVEL_TABLE_LOG = 20;

  private final ToSink target = new ToSink();
  private final ZstdOutputStreamNoFinalizer frames;

  ZstdCompressor(int level) {
    try {
      frames = new ZstdOutputStreamNoFinalizer(target, level);
      frames.setChecksum(true);
      frames.setCloseFrameOnFlush(true);
      if (level >= FIRST_LARGE_LEVEL) {
        frames.setHashLog(LARGE_LEVEL_TABLE_LOG);
        frames.setChainLog(LARGE_LEVEL_TABLE_LOG);
      }
    } catch (IOException impossible) {
      throw new UncheckedIOException(impossible);
    }
  }

  @Override
  public void compress(byte[] bytes, int offset, int length, ByteSink compressed)
      throws IOException {
    target.sink = compressed;
    frames.write(bytes, offset, length);
  }

  @Override
  public void endPart(ByteSink compressed) throws IOException {
    target.sink = compressed;
    frames.flush();
  }

  @Override
  public void close() {
    // What is unfinished is not wanted any more.
    target.sink = null;
    try {
      frames.close();
    } catch (IOException impossible) {
      throw new UncheckedIOException(impossible);
    }
  }

  private static final class ToSink extends OutputStream {
    private ByteSink sink;

    @Override
    public void write(int value) throws IOException {
      if (sink != null) {
        sink.write((byte) value);
      }
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      if (sink != null) {
        sink.write(bytes, offset, length);
      }
    }
  }
}
