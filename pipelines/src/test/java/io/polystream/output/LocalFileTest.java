package io.polystream.output;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.polystream.error.ErrorKind;
import io.polystream.error.PolyStreamException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class LocalFileTest {
  private static final int MEBIBYTE = 1 << 20;

  @TempDir Path directory;

  @Test
  void allBytesAreThereWhenSomeWentToTheDiskBefore() throws Exception {
    Path path = directory.resolve("data");
    byte[] bytes = new byte[MEBIBYTE];
    new Random(1).nextBytes(bytes);
    CRC32C written = new CRC32C();
    try (LocalFile file = new LocalFile(path, "data", new ChannelWriter())) {
      for (int i = 0; i < 200; i++) {
        bytes[i]++;
        written.update(bytes);
        file.append(bytes, 0, bytes.length);
      }
      file.complete(200L * MEBIBYTE);
    }
    CRC32C read = new CRC32C();
    read.update(Files.readAllBytes(path));
    assertThat(read.getValue()).isEqualTo(written.getValue());
  }

  /** As the kernel has it: of the same bytes another call hears of success. */
  @Test
  void bytesThatDidNotReachTheDiskFailTheFileThoughLaterOnesDo() throws Exception {
    byte[] bytes = new byte[MEBIBYTE];
    Path path = directory.resolve("data");
    FailingOnceDisk disk = new FailingOnceDisk();
    try (LocalFile file = new LocalFile(disk, path, "out.csv", new ChannelWriter())) {
      for (int i = 0; i < 70; i++) {
        file.append(bytes, 0, bytes.length);
      }
      assertThat(disk.failed.await(10, TimeUnit.SECONDS)).as("bytes went to the disk").isTrue();
      assertThatThrownBy(() -> file.complete(70L * MEBIBYTE))
          .isInstanceOfSatisfying(
              PolyStreamException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.STORAGE))
          .hasMessageContaining("cannot write out.csv: Input/output error");
    }
  }

  @Test
  void aFileThatIsNotWantedIsClosedWhileItsBytesGoToTheDisk() throws Exception {
    byte[] bytes = new byte[MEBIBYTE];
    try (LocalFile file = new LocalFile(directory.resolve("data"), "data", new ChannelWriter())) {
      for (int i = 0; i < 65; i++) {
        file.append(bytes, 0, bytes.length);
      }
    }
    Files.delete(directory.resolve("data"));
  }

  @Test
  void aFileShorterThanWhatWasWrittenIsNotComplete() throws Exception {
    try (LocalFile file = new LocalFile(directory.resolve("data"), "data", new ChannelWriter())) {
      file.append(new byte[10], 0, 10);
      assertThatThrownBy(() -> file.complete(11))
          .isInstanceOfSatisfying(
              PolyStreamException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.STORAGE))
          .hasMessageContaining("10 bytes where 11 were written");
    }
  }
}
