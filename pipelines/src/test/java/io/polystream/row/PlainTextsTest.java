package io.polystream.row;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PlainTextsTest {
  /** JSON values and what text formats write of them. */
  private static final Map<String, String> TEXTS =
      Map.ofEntries(
          Map.entry("\"\"", ""),
          Map.entry("\"A\"", "A"),
          Map.entry("\"é🐘\"", "é🐘"),
          Map.entry("\"a\\\"b\\\\c\\/d\\b\\f\\n\\r\\te\"", "a\"b\\c/d\b\f\n\r\te"),
          Map.entry("\"\\u0041\\u00e9\\u20AC\\ud83d\\udc18!\"", "Aé€🐘!"),
          Map.entry("\"\\\\u0041\"", "\\u0041"),
          Map.entry("\"\\ud83d\"", "\\ud83d"),
          Map.entry("\"\\ud83dx\"", "\\ud83dx"),
          Map.entry("\"\\ud83d\\n\"", "\\ud83d\n"),
          Map.entry("\"\\udc18\\ud83d\"", "\\udc18\\ud83d"),
          Map.entry("\"\\ud83d\\ud83d\\udc18\"", "\\ud83d🐘"),
          Map.entry("\"\\ud83d\\u0041\"", "\\ud83dA"),
          Map.entry("\"\\u0000\\u001f\"", "\0\u001f"),
          Map.entry("1.50", "1.50"),
          Map.entry("true", "true"),
          Map.entry("{\"a\":\"\\n\"}", "{\"a\":\"\\n\"}"),
          Map.entry("[\"x\"]", "[\"x\"]"));

  @Test
  void aStringIsItsCharactersAndAnythingElseItsText() throws IOException {
    PlainTexts texts = new PlainTexts(List.of(new Column("c", Kind.JSON_PATH)));
    for (Map.Entry<String, String> entry : TEXTS.entrySet()) {
      assertThat(texts.text(new OneCell(entry.getKey()), 0)).hasToString(entry.getValue());
      for (int chunk = 1; chunk < 8; chunk++) {
        try (InputStream text = texts.openText(new OneCell(entry.getKey(), chunk), 0)) {
          assertThat(new String(text.readAllBytes(), UTF_8)).isEqualTo(entry.getValue());
        }
      }
    }
  }

  @Test
  void otherKindsAreWrittenAsTheyAre() throws IOException {
    PlainTexts texts = new PlainTexts(List.of(new Column("c", Kind.JSON)));
    assertThat(texts.text(new OneCell("\"a\\n\""), 0)).hasToString("\"a\\n\"");
    try (InputStream text = texts.openText(new OneCell("\"a\\n\""), 0)) {
      assertThat(new String(text.readAllBytes(), UTF_8)).isEqualTo("\"a\\n\"");
    }
  }

  /** A row of one column. */
  private static final class OneCell implements Row {
    private final byte[] text;
    private final int chunkBytes;

    OneCell(String text) {
      this(text, Integer.MAX_VALUE);
    }

    /**
     * @param chunkBytes how much a read gives at most
     */
    OneCell(String text, int chunkBytes) {
      this.text = ("<" + text + ">").getBytes(UTF_8);
      this.chunkBytes = chunkBytes;
    }

    @Override
    public boolean isNull(int column) {
      return false;
    }

    @Override
    public boolean isOversize(int column) {
      return chunkBytes < Integer.MAX_VALUE;
    }

    @Override
    public boolean hasOversizeCells() {
      return chunkBytes < Integer.MAX_VALUE;
    }

    @Override
    public Utf8Slice text(int column) {
      return new Utf8Slice().at(text, 1, text.length - 2);
    }

    @Override
    public InputStream openText(int column) {
      return new ByteArrayInputStream(text, 1, text.length - 2) {
        @Override
        public synchronized int read(byte[] target, int offset, int length) {
          return super.read(target, offset, Math.min(chunkBytes, length));
        }
      };
    }
  }
}
