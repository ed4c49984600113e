package io.polystream.format.parquet;

import com.github.luben.zstd.Zstd;
import io.polystream.row.ByteBuilder;
import java.io.IOException;
import java.util.zip.CRC32;
import java.util.zip.Deflater;

/** Compresses pages, one after another, into a buffer of its own. Not thread-safe. */
abstract class PageCompressor {
  /** Where the last page's compressed bytes are, from 0 on. */
  protected byte[] compressed = new byte[0];

  /** Compresses the first {@code length} bytes; returns how many bytes they have become. */
  abstract int compress(byte[] bytes, int length) throws IOException;

  final byte[] compressed() {
    return compressed;
  }

  /** Makes room for so many bytes, which forgets what was there. */
  protected final void reserve(long bytes) {
    if (compressed.length < bytes) {
      compressed = new byte[Math.toIntExact(bytes)];
    }
  }

  /** As they are. */
  static final class Stored extends PageCompressor {
    @Override
    int compress(byte[] bytes, int length) {
      compressed = bytes;
      return length;
    }
  }

  /** Raw Snappy blocks, without frames. */
  static final class Snappy extends PageCompressor {
    @Override
    int compress(byte[] bytes, int length) throws IOException {
      reserve(org.xerial.snappy.Snappy.maxCompressedLength(length));
      return org.xerial.snappy.Snappy.compress(bytes, 0, length, compressed, 0);
    }
  }

  /** One frame for each page, at the level that zstd has as its usual one. */
  static final class Zstandard extends PageCompressor {
    private static final int LEVEL = 3;

    @Override
    int compress(byte[] bytes, int length) {
      reserve(Zstd.compressBound(length));
      return (int)
          Zstd.compressByteArray(compressed, 0, compressed.length, bytes, 0, length, LEVEL);
    }
  }

  /** One gzip member (RFC 1952) for each page, by the JDK's zlib at its usual level. */
  static final class Gzip extends PageCompressor {
    /** Section 2.3: magic, deflate, no flags, no time, no hints, unknown system. */
    private static final byte[] HEADER = {0x1f, (byte) 0x8b, 8, 0, 0, 0, 0, 0, 0, (byte) 0xff};

    private static final int CHUNK_BYTES = 16 * 1024;

    private final CRC32 crc = new CRC32();

    @Override
    int compress(byte[] bytes, int length) throws IOException {
      ByteBuilder page = new ByteBuilder(length / 3 + 64);
      page.write(HEADER);
      Deflater deflater = new Deflater(Deflater.DEFAULT_COMPRESSION, true);
      try {
        deflater.setInput(bytes, 0, length);
        deflater.finish();
        while (!deflater.finished()) {
          page.reserve(CHUNK_BYTES);
          int room = page.buffer().length - page.position();
          int count = deflater.deflate(page.buffer(), page.position(), room);
          page.advanceTo(page.position() + count);
        }
      } finally {
        deflater.end();
      }
      crc.reset();
      crc.update(bytes, 0, length);
      writeInt((int) crc.getValue(), page);
      writeInt(length, page);
      compressed = page.buffer();
      return page.length();
    }

    private static void writeInt(int value, ByteBuilder page) throws IOException {
      for (int shift = 0; shift < Integer.SIZE; shift += Byte.SIZE) {
        page.write((byte) (value >>> shift));
      }
    }
  }
}
