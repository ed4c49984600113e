package io.polystream.output.deflate;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.polystream.row.ByteSink;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.Random;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import java.util.zip.Inflater;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class DeflateEncoderTest {
  /** More than the window has, so that it moves. */
  private static final int LONG_PART_BYTES = 700_000;

  /** Bytes of one kind each: what blocks are stored, matched or coded for. */
  private enum Kind {
    NOISE {
      @Override
      void fill(byte[] bytes, Random random) {
        random.nextBytes(bytes);
      }
    },
    ONE_BYTE {
      @Override
      void fill(byte[] bytes, Random random) {
        Arrays.fill(bytes, (byte) 'a');
      }
    },
    FEW_LETTERS {
      @Override
      void fill(byte[] bytes, Random random) {
        for (int i = 0; i < bytes.length; i++) {
          bytes[i] = (byte) ('a' + Math.abs(random.nextGaussian()) * 4);
        }
      }
    },
    ROWS {
      @Override
      void fill(byte[] bytes, Random random) {
        byte[] rows = rows(bytes.length / 50 + 1, random);
        System.arraycopy(rows, 0, bytes, 0, bytes.length);
      }
    },
    COPIES_AT_ALL_DISTANCES {
      @Override
      void fill(byte[] bytes, Random random) {
        int at = 0;
        while (at < bytes.length) {
          int length = Math.min(1 + random.nextInt(400), bytes.length - at);
          int distance = 1 + random.nextInt(1 << (1 + random.nextInt(16)));
          for (int end = at + length; at < end; at++) {
            bytes[at] =
                distance <= at && length % 3 > 0
                    ? bytes[at - distance]
                    : (byte) random.nextInt(256);
          }
        }
      }
    },
    FIBONACCI {
      @Override
      void fill(byte[] bytes, Random random) {
        int at = 0;
        int earlier = 1;
        int count = 1;
        for (int letter = 0; at < bytes.length; letter++) {
          for (int i = 0; i < count && at < bytes.length; i++) {
            bytes[at++] = (byte) letter;
          }
          count += earlier;
          earlier = count - earlier;
        }
        for (int i = bytes.length - 1; i > 0; i--) {
          int other = random.nextInt(i + 1);
          byte swapped = bytes[i];
          bytes[i] = bytes[other];
          bytes[other] = swapped;
        }
      }
    };

    abstract void fill(byte[] bytes, Random random);
  }

  private static byte[] rows(int count, Random random) {
    StringBuilder rows = new StringBuilder();
    for (int i = 0; i < count; i++) {
      rows.append(i)
          .append(",2026-02-15 10:00:")
          .append(10 + random.nextInt(50))
          .append(",Record_")
          .append(i)
          .append(",\"{\"\"category\"\": \"\"")
          .append((char) ('A' + i % 5))
          .append("\"\"}\",")
          .append(random.nextInt())
          .append("\r\n");
    }
    return rows.toString().getBytes(UTF_8);
  }

  private static final class Bytes extends ByteSink {
    private final ByteArrayOutputStream all = new ByteArrayOutputStream();

    Bytes() {
      super(1000);
    }

    @Override
    protected void makeRoom() {
      all.write(buffer, 0, position);
      position = 0;
    }

    byte[] toByteArray() {
      makeRoom();
      return all.toByteArray();
    }
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  void whatIsEncodedIsReadAgain(Kind kind) throws Exception {
    Random random = new Random(3);
    for (int level = 1; level <= 9; level++) {
      DeflateEncoder encoder = new DeflateEncoder(level);
      for (int round = 0; round < 12; round++) {
        boolean isLong = round == 0 && level % 5 == 1;
        int length = isLong ? LONG_PART_BYTES : random.nextInt(1 << (1 + random.nextInt(17)));
        byte[] plain = new byte[length];
        kind.fill(plain, random);
        byte[] encoded = encodedInPieces(encoder, plain, random);
        // A part alone: each looks back at nothing before itself.
        assertThat(inflated(encoded, length)).isEqualTo(plain);
      }
    }
  }

  private static byte[] encodedInPieces(DeflateEncoder encoder, byte[] plain, Random random)
      throws IOException {
    Bytes sink = new Bytes();
    int from = 0;
    while (from < plain.length) {
      int length = Math.min(1 + random.nextInt(200_000), plain.length - from);
      encoder.encode(plain, from, length, sink);
      from += length;
    }
    encoder.endPart(sink);
    return sink.toByteArray();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 6, 9})
  void whatCannotBeCompressedGrowsByAFewBytesABlock(int level) throws Exception {
    byte[] noise = new byte[300_000];
    Kind.NOISE.fill(noise, new Random(5));
    Bytes sink = new Bytes();
    DeflateEncoder encoder = new DeflateEncoder(level);
    encoder.encode(noise, 0, noise.length, sink);
    encoder.endPart(sink);
    assertThat(sink.toByteArray().length).isBetween(noise.length, noise.length + 100);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8, 9})
  void rowsTakeNoMoreBytesThanWithZlibsLevel(int level) throws Exception {
    byte[] rows = rows(20_000, new Random(9));
    Bytes sink = new Bytes();
    DeflateEncoder encoder = new DeflateEncoder(level);
    encoder.encode(rows, 0, rows.length, sink);
    encoder.endPart(sink);
    assertThat(sink.toByteArray().length).isLessThan((int) (1.03 * zlibBytes(rows, level)));
  }

  /** Another encoding is a change that users can see: checksums of exports are compared. */
  @ParameterizedTest
  @CsvSource({"1, 3826487338", "6, 1876231650", "9, 647064036"})
  void theSameBytesAreEncodedAlikeOnEveryMachine(int level, long crc32) throws Exception {
    byte[] rows = rows(5_000, new Random(21));
    Bytes sink = new Bytes();
    DeflateEncoder encoder = new DeflateEncoder(level);
    encoder.encode(rows, 0, rows.length, sink);
    encoder.endPart(sink);
    CRC32 crc = new CRC32();
    crc.update(sink.toByteArray());
    assertThat(crc.getValue()).isEqualTo(crc32);
  }

  private static int zlibBytes(byte[] plain, int level) {
    Deflater zlib = new Deflater(level, true);
    zlib.setInput(plain);
    zlib.finish();
    int bytes = zlib.deflate(new byte[plain.length + 1000]);
    zlib.end();
    return bytes;
  }

  private static byte[] inflated(byte[] encoded, int length) throws DataFormatException {
    Inflater inflater = new Inflater(true);
    inflater.setInput(encoded);
    byte[] plain = new byte[length + 1];
    int read = 0;
    int more;
    do {
      more = inflater.inflate(plain, read, plain.length - read);
      read += more;
    } while (more > 0);
    assertThat(inflater.getRemaining()).isZero();
    inflater.end();
    return Arrays.copyOf(plain, read);
  }
}
