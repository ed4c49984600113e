package io.polystream.format.parquet;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.polystream.row.Utf8Slice;
import java.util.Arrays;
import org.apache.parquet.column.ColumnWriter;
import org.apache.parquet.io.api.Binary;

/** Bytes that were written as letters and digits. */
final class BinaryValues {
  private static final byte[] BASE64 = base64Digits();

  private byte[] decoded = new byte[64];

  private static byte[] base64Digits() {
    byte[] alphabet =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".getBytes(US_ASCII);
    byte[] digits = new byte[128];
    for (byte i = 0; i < alphabet.length; i++) {
      digits[alphabet[i]] = i;
    }
    return digits;
  }

  /** RFC 4648 section 4, with padding and without line breaks. */
  void base64(Utf8Slice text, ColumnWriter column, int repetition, int definition) {
    byte[] bytes = text.bytes();
    int end = text.offset() + text.length();
    reserve(text.length() / 4 * 3);
    int length = 0;
    for (int i = text.offset(); i < end; i += 4) {
      int bits =
          (BASE64[bytes[i]] << 18)
              | (BASE64[bytes[i + 1]] << 12)
              | (BASE64[bytes[i + 2]] << 6)
              | BASE64[bytes[i + 3]];
      decoded[length] = (byte) (bits >> 16);
      decoded[length + 1] = (byte) (bits >> 8);
      decoded[length + 2] = (byte) bits;
      length += 3;
    }
    if (length > 0 && bytes[end - 1] == '=') {
      length -= bytes[end - 2] == '=' ? 2 : 1;
    }
    write(length, column, repetition, definition);
  }

  /** 32 hexadecimal digits in groups. */
  void uuid(Utf8Slice text, ColumnWriter column, int repetition, int definition) {
    byte[] bytes = text.bytes();
    int end = text.offset() + text.length();
    Arrays.fill(decoded, 0, text.length(), (byte) 0);
    int digits = 0;
    for (int i = text.offset(); i < end; i++) {
      if (bytes[i] != '-') {
        int digit = Character.digit(bytes[i], 16);
        decoded[digits / 2] |= (byte) (digits % 2 == 0 ? digit << 4 : digit);
        digits++;
      }
    }
    write(digits / 2, column, repetition, definition);
  }

  private void reserve(int length) {
    if (decoded.length < length) {
      decoded = new byte[Math.max(length, Math.multiplyExact(decoded.length, 2))];
    }
  }

  private void write(int length, ColumnWriter column, int repetition, int definition) {
    column.write(Binary.fromReusedByteArray(decoded, 0, length), repetition, definition);
  }
}
