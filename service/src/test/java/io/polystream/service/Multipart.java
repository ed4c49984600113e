package io.polystream.service;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** An answer of {@code multipart/byteranges} (RFC 2046 section 5.1) taken apart. */
final class Multipart {
  private static final Pattern TYPE =
      Pattern.compile("multipart/byteranges; ?boundary=\"?([^\"; ]{1,70})\"?");

  /**
   * One part.
   *
   * @param headers by lower-case names
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Part(Map<String, String> headers, byte[] body) {}

  private Multipart() {}

  static List<Part> parts(HttpResponse<byte[]> response) {
    String type = response.headers().firstValue("Content-Type").orElseThrow();
    Matcher boundary = TYPE.matcher(type);
    assertThat(boundary.matches()).as(type).isTrue();
    // Bytes as characters, one each.
    String text = "\r\n" + new String(response.body(), ISO_8859_1).replaceFirst("^\r\n", "");
    String delimiter = "\r\n--" + boundary.group(1);
    String[] pieces = text.split(Pattern.quote(delimiter), -1);
    assertThat(pieces[0]).as("before the first part").isEmpty();
    assertThat(pieces[pieces.length - 1]).as("after the last part").isIn("--\r\n", "--");
    List<Part> parts = new ArrayList<>();
    for (String piece : Arrays.asList(pieces).subList(1, pieces.length - 1)) {
      int end = piece.indexOf("\r\n\r\n");
      assertThat(piece).startsWith("\r\n");
      parts.add(new Part(headers(piece.substring(2, end)), bytes(piece.substring(end + 4))));
    }
    return parts;
  }

  private static byte[] bytes(String text) {
    return text.getBytes(ISO_8859_1);
  }

  private static Map<String, String> headers(String text) {
    Map<String, String> headers = new TreeMap<>();
    for (String line : text.split("\r\n", -1)) {
      int colon = line.indexOf(':');
      headers.put(
          line.substring(0, colon).toLowerCase(Locale.ROOT), line.substring(colon + 1).strip());
    }
    return headers;
  }
}
