package io.polystream.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.polystream.error.ErrorKind;
import io.polystream.error.PolyStreamException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class QuotedTextTest {
  @Test
  void namesEndAtADelimiterOrAtTheEnd() {
    QuotedText text = new QuotedText("columns", "id:ID,name");
    assertThat(text.next(":,")).isEqualTo(new QuotedText.Token("id", false));
    assertThat(text.skip(',')).isFalse();
    assertThat(text.skip(':')).isTrue();
    assertThat(text.next(":,")).isEqualTo(new QuotedText.Token("ID", false));
    assertThat(text.atEnd()).isFalse();
    assertThat(text.skip(',')).isTrue();
    assertThat(text.next(":,")).isEqualTo(new QuotedText.Token("name", false));
    assertThat(text.skip(',')).isFalse();
    assertThat(text.atEnd()).isTrue();
    assertThat(text.next(":,")).isEqualTo(new QuotedText.Token("", false));
  }

  @Test
  void quotesProtectDelimiters() {
    QuotedText text = new QuotedText("table", "\"a.b\".\"c\"");
    assertThat(text.next(".")).isEqualTo(new QuotedText.Token("a.b", true));
    assertThat(text.skip('.')).isTrue();
    assertThat(text.next(".")).isEqualTo(new QuotedText.Token("c", true));
    assertThat(text.atEnd()).isTrue();
  }

  @Test
  void aQuoteInsideQuotesIsWrittenTwice() {
    assertThat(new QuotedText("table", "\"say \"\"hi\"\"\"").next("."))
        .isEqualTo(new QuotedText.Token("say \"hi\"", true));
    assertThat(new QuotedText("table", "\"\"\"\"").next("."))
        .isEqualTo(new QuotedText.Token("\"", true));
    assertThat(new QuotedText("table", "\"\"").next(".")).isEqualTo(new QuotedText.Token("", true));
  }

  @Test
  void aQuoteInsideAnUnquotedNameIsPartOfIt() {
    assertThat(new QuotedText("table", "5\"disk").next("."))
        .isEqualTo(new QuotedText.Token("5\"disk", false));
  }

  @ParameterizedTest
  @ValueSource(strings = {"\"abc", "\"", "\"abc\"\"", "\"abc\"\"\"\"x"})
  void aMissingClosingQuoteIsRefused(String input) {
    assertThatThrownBy(() -> new QuotedText("table", input).next("."))
        .isInstanceOfSatisfying(
            PolyStreamException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.CONFIGURATION))
        .hasMessage("table " + input + ": the closing quote is missing");
  }

  @Test
  void textAfterAClosingQuoteIsRefused() {
    assertThatThrownBy(() -> new QuotedText("columns", "\"a\"b,c").next(":,"))
        .isInstanceOf(PolyStreamException.class)
        .hasMessage(
            "columns \"a\"b,c: after a closing quote comes a delimiter, not 'b'; write a quote"
                + " inside a name twice");
  }
}
