package io.polystream.output;

import com.github.luben.zstd.Zstd;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.zip.CRC32;

/**
 * What makes one compressed file of parts that were compressed apart: what stands around them, and
 * how the few bytes between them are written. Used by one thread at a time.
 */
sealed interface Container {
  byte[] NOTHING = {};

  /** What more than its bytes anything here can need: a header, a stored block, a frame. */
  int mostExtraBytes();

  /** The file's first bytes. */
  byte[] begin();

  /** Bytes that belong to no part, as they stand in the file. */
  byte[] whole(byte[] plain);

  /** Takes note of a part that was compressed by a reader. */
  void part(Part part);

  /** The file's last bytes. */
  byte[] end();

  /** Nothing around anything. */
  final class Plain implements Container {
    @Override
    public int mostExtraBytes() {
      return 0;
    }

    @Override
    public byte[] begin() {
      return NOTHING;
    }

    @Override
    public byte[] whole(byte[] plain) {
      return plain;
    }

    @Override
    public void part(Part part) {}

    @Override
    public byte[] end() {
      return NOTHING;
    }
  }

  /** RFC 1952: one member, whose checksum is combined from those of what it holds. */
  final class GzipMember implements Container {
    /** Section 2.3: magic, deflate, no flags, no time, no hints, unknown system. */
    private static final byte[] HEADER = {0x1f, (byte) 0x8b, 8, 0, 0, 0, 0, 0, 0, (byte) 0xff};

    /** A last block without anything in it: RFC 1951 section 3.2.6, fixed codes, end of block. */
    private static final byte[] LAST_BLOCK = {3, 0};

    /** RFC 1951 section 3.2.4. */
    private static final int MOST_STORED_BYTES = 65_535;

    private static final int STORED_BLOCK_HEADER_BYTES = 5;

    private int crc32;
    private long plainBytes;

    @Override
    public int mostExtraBytes() {
      return 64;
    }

    @Override
    public byte[] begin() {
      return HEADER.clone();
    }

    @Override
    public byte[] whole(byte[] plain) {
      CRC32 crc = new CRC32();
      crc.update(plain);
      add((int) crc.getValue(), plain.length);
      int blocks = (plain.length + MOST_STORED_BYTES - 1) / MOST_STORED_BYTES;
      ByteBuffer stored =
          ByteBuffer.allocate(plain.length + blocks * STORED_BLOCK_HEADER_BYTES)
              .order(ByteOrder.LITTLE_ENDIAN);
      for (int from = 0; from < plain.length; from += MOST_STORED_BYTES) {
        int length = Math.min(MOST_STORED_BYTES, plain.length - from);
        stored.put((byte) 0).putShort((short) length).putShort((short) ~length);
        stored.put(plain, from, length);
      }
      return stored.array();
    }

    @Override
    public void part(Part part) {
      add(part.plainCrc32(), part.plainBytes());
    }

    private void add(int crc, long bytes) {
      crc32 = CrcCombination.CRC32.combine(crc32, crc, bytes);
      plainBytes += bytes;
    }

    @Override
    public byte[] end() {
      return ByteBuffer.allocate(LAST_BLOCK.length + 2 * Integer.BYTES)
          .order(ByteOrder.LITTLE_ENDIAN)
          .put(LAST_BLOCK)
          .putInt(crc32)
          .putInt((int) plainBytes)
          .array();
    }
  }

  /** Frames follow one another (RFC 8878 section 3); a file without any is none. */
  final class ZstdFrames implements Container {
    private final int level;
    private boolean hasFrames;

    ZstdFrames(int level) {
      this.level = level;
    }

    @Override
    public int mostExtraBytes() {
      return 64;
    }

    @Override
    public byte[] begin() {
      return NOTHING;
    }

    @Override
    public byte[] whole(byte[] plain) {
      hasFrames |= plain.length > 0;
      return plain.length == 0 ? NOTHING : Zstd.compress(plain, level);
    }

    @Override
    public void part(Part part) {
      hasFrames |= part.bytes() > 0;
    }

    @Override
    public byte[] end() {
      return hasFrames ? NOTHING : Zstd.compress(NOTHING, level);
    }
  }
}
