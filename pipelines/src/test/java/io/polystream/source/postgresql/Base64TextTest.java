package io.polystream.source.postgresql;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.Base64;
import java.util.Random;
import org.junit.jupiter.api.Test;

class Base64TextTest {
  @Test
  void everyLengthIsWhatTheJdkWrites() throws IOException {
    Random random = new Random(1);
    for (int length = 0; length < 300; length++) {
      byte[] bytes = new byte[length];
      random.nextBytes(bytes);
      assertThat(Decoded.decode(Base64Text::write, bytes))
          .isEqualTo(Base64.getEncoder().encodeToString(bytes));
    }
  }

  @Test
  void everyByteIsWhatTheJdkWrites() throws IOException {
    for (int value = 0; value < 256; value++) {
      for (byte[] bytes :
          new byte[][] {{(byte) value}, {0, (byte) value}, {(byte) value, -1, (byte) value}}) {
        assertThat(Decoded.decode(Base64Text::write, bytes))
            .isEqualTo(Base64.getEncoder().encodeToString(bytes));
      }
    }
  }
}
