package io.polystream.source.postgresql;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.polystream.row.ByteBuilder;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.Arrays;

/** Makes values as a server sends them, and decodes them. */
final class Decoded {
  /** Makes a value's bytes, big-endian as all of PostgreSQL's binary forms. */
  @FunctionalInterface
  interface Message {
    void writeTo(DataOutputStream out) throws IOException;
  }

  private Decoded() {}

  static byte[] bytes(Message message) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    message.writeTo(new DataOutputStream(bytes));
    return bytes.toByteArray();
  }

  static String binary(CellDecoder decoder, Message message) throws IOException {
    return decode(decoder, bytes(message));
  }

  static String text(CellDecoder decoder, String value) throws IOException {
    return decode(decoder, value.getBytes(UTF_8));
  }

  /** With other bytes before and behind, which must not show. */
  static String decode(CellDecoder decoder, byte[] value) throws IOException {
    byte[] around = new byte[3 + value.length + 5];
    Arrays.fill(around, (byte) '7');
    System.arraycopy(value, 0, around, 3, value.length);
    ByteBuilder text = new ByteBuilder(1);
    text.write((byte) '<');
    decoder.decode(around, 3, value.length, text);
    return new String(text.toByteArray(), UTF_8).substring(1);
  }

  /** numeric_send: the value's digits in groups of four, as the server would group them. */
  static byte[] numeric(String value) throws IOException {
    boolean negative = value.startsWith("-");
    String unsigned = negative ? value.substring(1) : value;
    int point = unsigned.indexOf('.');
    String whole = point < 0 ? unsigned : unsigned.substring(0, point);
    String fraction = point < 0 ? "" : unsigned.substring(point + 1);
    String padded =
        "0".repeat((4 - whole.length() % 4) % 4)
            + whole
            + fraction
            + "0".repeat((4 - fraction.length() % 4) % 4);
    int weight = (whole.length() + 3) / 4 - 1;
    int from = 0;
    int to = padded.length();
    // Groups of zeros are left out at both ends.
    while (from < to && padded.startsWith("0000", from)) {
      from += 4;
      weight--;
    }
    while (to > from && padded.startsWith("0000", to - 4)) {
      to -= 4;
    }
    int first = from;
    int groups = (to - from) / 4;
    int finalWeight = groups == 0 ? 0 : weight;
    return bytes(
        out -> {
          out.writeShort(groups);
          out.writeShort(finalWeight);
          out.writeShort(negative ? 0x4000 : 0);
          out.writeShort(fraction.length());
          for (int i = 0; i < groups; i++) {
            out.writeShort(Integer.parseInt(padded.substring(first + 4 * i, first + 4 * i + 4)));
          }
        });
  }
}
