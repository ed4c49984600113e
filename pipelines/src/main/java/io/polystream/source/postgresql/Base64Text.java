package io.polystream.source.postgresql;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.polystream.row.ByteSink;
import java.io.IOException;

/**
 * Base64 as RFC 4648 section 4 has it, without line breaks, into a sink; {@code java.util.Base64}
 * would make an array per cell.
 */
final class Base64Text {
  private static final byte[] ALPHABET =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".getBytes(US_ASCII);

  private Base64Text() {}

  static void write(byte[] bytes, int offset, int length, ByteSink text) throws IOException {
    int end = offset + length;
    int i = offset;
    for (; i + 2 < end; i += 3) {
      int group = (bytes[i] & 0xFF) << 16 | (bytes[i + 1] & 0xFF) << 8 | (bytes[i + 2] & 0xFF);
      text.write(ALPHABET[group >> 18]);
      text.write(ALPHABET[(group >> 12) & 63]);
      text.write(ALPHABET[(group >> 6) & 63]);
      text.write(ALPHABET[group & 63]);
    }
    if (i < end) {
      boolean two = i + 1 < end;
      int group = (bytes[i] & 0xFF) << 16 | (two ? (bytes[i + 1] & 0xFF) << 8 : 0);
      text.write(ALPHABET[group >> 18]);
      text.write(ALPHABET[(group >> 12) & 63]);
      text.write(two ? ALPHABET[(group >> 6) & 63] : (byte) '=');
      text.write((byte) '=');
    }
  }
}
