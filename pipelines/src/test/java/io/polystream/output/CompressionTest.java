package io.polystream.output;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.luben.zstd.ZstdInputStream;
import io.polystream.error.PolyStreamException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.zip.CRC32C;
import java.util.zip.Inflater;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

@Timeout(600)
class CompressionTest {
  private static final int GZIP_HEADER_BYTES = 10;
  private static final int GZIP_TRAILER_BYTES = 8;

  @ParameterizedTest
  @EnumSource(Compression.Method.class)
  void anyPartsByAnyReadersAreOneStream(Compression.Method method) throws Exception {
    Compression compression = Compression.of(method, OptionalInt.empty());
    Random random = new Random(7);
    for (int round = 0; round < 25; round++) {
      List<List<byte[]>> partitions = new ArrayList<>();
      for (int i = random.nextInt(9); i >= 0; i--) {
        List<byte[]> rows = new ArrayList<>();
        for (int row = random.nextInt(4) * random.nextInt(40); row > 0; row--) {
          rows.add(row(random));
        }
        partitions.add(rows);
      }
      RecordingOutput file = new RecordingOutput("[", ",\n", "]\n", compression);
      write(file, compression, partitions, 1 + random.nextInt(4));
      ExportFile ended = file.end();
      byte[] expected = joined(partitions);
      assertThat(decompress(method, file.toByteArray())).isEqualTo(expected);
      CRC32C crc = new CRC32C();
      crc.update(file.toByteArray());
      assertThat(ended.crc32c()).isEqualTo((int) crc.getValue());
      assertThat(ended.bytes()).isEqualTo(file.toByteArray().length);
    }
  }

  /** Some that shrink, some that do not, some larger than every buffer. */
  private static byte[] row(Random random) {
    byte[] row = new byte[random.nextInt(100) == 0 ? 300_000 : random.nextInt(2000)];
    if (random.nextBoolean()) {
      random.nextBytes(row);
    }
    return row;
  }

  @ParameterizedTest
  @EnumSource(Compression.Method.class)
  void aFileWithoutRowsHasWhatStandsAroundThem(Compression.Method method) throws Exception {
    Compression compression = Compression.of(method, OptionalInt.empty());
    for (String preamble : List.of("", "id,name\r\n", "wide,".repeat(50_000))) {
      RecordingOutput file = new RecordingOutput(preamble, "", "", compression);
      write(file, compression, List.of(List.of(), List.of()), 1);
      file.end();
      assertThat(decompress(method, file.toByteArray())).asString(UTF_8).isEqualTo(preamble);
    }
  }

  @Test
  void nothingIsWrittenBeforeTheFirstRow() throws Exception {
    Compression gzip = Compression.of(Compression.Method.GZIP, OptionalInt.empty());
    RecordingOutput file = new RecordingOutput("id\n", "", "", gzip);
    write(file, gzip, List.of(List.of(), List.of()), 1);
    assertThat(file.toByteArray()).isEmpty();
  }

  @Test
  void levelsMatter() throws Exception {
    Random random = new Random(3);
    List<byte[]> rows = new ArrayList<>();
    for (int i = 0; i < 3000; i++) {
      rows.add(("Description of record " + random.nextInt(100_000) + "\n").getBytes(UTF_8));
    }
    for (Compression.Method method : List.of(Compression.Method.GZIP, Compression.Method.ZSTD)) {
      assertThat(size(method, 9, rows)).isLessThan(size(method, 1, rows));
    }
  }

  private static int size(Compression.Method method, int level, List<byte[]> rows)
      throws Exception {
    Compression compression = new Compression(method, level);
    RecordingOutput file = new RecordingOutput("", "", "", compression);
    write(file, compression, List.of(rows), 1);
    file.end();
    return file.toByteArray().length;
  }

  @ParameterizedTest
  @CsvSource({
    "GZIP, 0, 'compression level of gzip must be 1 to 9, not 0'",
    "GZIP, 10, 'compression level of gzip must be 1 to 9, not 10'",
    "ZSTD, 20, 'compression level of zstd must be 1 to 19, not 20'",
    "NONE, 1, 'a compression level without a compression: choose one with --compression, or leave the level out'"
  })
  void levelsHaveBounds(Compression.Method method, int level, String message) {
    assertThatThrownBy(() -> new Compression(method, level))
        .isInstanceOf(PolyStreamException.class)
        .hasMessage(message);
  }

  @Test
  void aFileNameTellsTheCompression() {
    assertThat(Compression.Method.byFileName("a.csv.GZ")).contains(Compression.Method.GZIP);
    assertThat(Compression.Method.byFileName("a.zst")).contains(Compression.Method.ZSTD);
    assertThat(Compression.Method.byFileName("a.csv")).isEmpty();
    assertThat(Compression.Method.byFileName("gz")).isEmpty();
  }

  private static void write(
      RecordingOutput file, Compression compression, List<List<byte[]>> partitions, int lanes)
      throws Exception {
    OrderedAppender appender = new OrderedAppender(file.files(), OptionalLong.empty());
    ExecutorService readers = Executors.newFixedThreadPool(lanes);
    try {
      List<Future<Void>> running = new ArrayList<>();
      for (int lane = 0; lane < lanes; lane++) {
        int first = lane;
        running.add(
            readers.submit(
                () -> {
                  // Parts of some kilobytes in a buffer that is soon full.
                  try (PartWriter writer =
                      new PartWriter(
                          appender,
                          ",\n".getBytes(UTF_8),
                          compression,
                          new PartLimits(5000, 1000),
                          20_000)) {
                    for (int i = first; i < partitions.size(); i += lanes) {
                      writer.begin(i);
                      for (byte[] row : partitions.get(i)) {
                        PartWriting.write(writer, row);
                      }
                      PartWriting.end(writer);
                    }
                  }
                  return null;
                }));
      }
      for (Future<Void> lane : running) {
        lane.get();
      }
    } finally {
      readers.shutdownNow();
    }
  }

  private static byte[] joined(List<List<byte[]>> partitions) throws IOException {
    java.io.ByteArrayOutputStream all = new java.io.ByteArrayOutputStream();
    all.write('[');
    boolean first = true;
    for (List<byte[]> rows : partitions) {
      for (byte[] row : rows) {
        if (!first) {
          all.write(",\n".getBytes(UTF_8));
        }
        first = false;
        all.write(row);
      }
    }
    all.write("]\n".getBytes(UTF_8));
    return all.toByteArray();
  }

  private static byte[] decompress(Compression.Method method, byte[] file) throws Exception {
    return switch (method) {
      case NONE -> file;
      case GZIP -> oneMember(file);
      case ZSTD -> {
        try (InputStream frames = new ZstdInputStream(new ByteArrayInputStream(file))) {
          yield frames.readAllBytes();
        }
      }
    };
  }

  /** With one decompressor, which must come to the end just before the trailer. */
  private static byte[] oneMember(byte[] file) throws Exception {
    Inflater inflater = new Inflater(true);
    try {
      inflater.setInput(file, GZIP_HEADER_BYTES, file.length - GZIP_HEADER_BYTES);
      java.io.ByteArrayOutputStream plain = new java.io.ByteArrayOutputStream();
      byte[] buffer = new byte[10_000];
      while (!inflater.finished()) {
        int length = inflater.inflate(buffer);
        assertThat(length > 0 || inflater.finished()).as("the stream goes on").isTrue();
        plain.write(buffer, 0, length);
      }
      assertThat(inflater.getRemaining()).isEqualTo(GZIP_TRAILER_BYTES);
      try (InputStream checking =
          new java.util.zip.GZIPInputStream(new ByteArrayInputStream(file))) {
        assertThat(checking.readAllBytes()).isEqualTo(plain.toByteArray());
      }
      return plain.toByteArray();
    } finally {
      inflater.end();
    }
  }
}
