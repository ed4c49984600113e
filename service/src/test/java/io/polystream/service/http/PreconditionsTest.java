package io.polystream.service.http;

import static io.polystream.service.http.Preconditions.Outcome.FAILED;
import static io.polystream.service.http.Preconditions.Outcome.NOT_MODIFIED;
import static io.polystream.service.http.Preconditions.Outcome.PROCEED;
import static org.assertj.core.api.Assertions.assertThat;

import io.polystream.service.http.Preconditions.Outcome;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** RFC 9110 section 13, for requests that read. */
class PreconditionsTest {
  private static final String BEFORE = "Sun, 06 Nov 1994 08:49:36 GMT";
  private static final String EXACTLY = "Sun, 06 Nov 1994 08:49:37 GMT";
  private static final String AFTER = "Sun, 06 Nov 1994 08:49:38 GMT";

  private static final Preconditions FILE =
      new Preconditions("\"right\"", Instant.parse("1994-11-06T08:49:37Z"));

  private static Outcome evaluate(String... namesAndValues) {
    Map<String, String> headers =
        namesAndValues.length == 4
            ? Map.of(namesAndValues[0], namesAndValues[1], namesAndValues[2], namesAndValues[3])
            : namesAndValues.length == 2 ? Map.of(namesAndValues[0], namesAndValues[1]) : Map.of();
    return FILE.evaluate(name -> Optional.ofNullable(headers.get(name)));
  }

  @Test
  void withoutAnyTheRequestGoesOn() {
    assertThat(evaluate()).isEqualTo(PROCEED);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\"right\"",
        "*",
        " * ",
        "\"wrong\", \"right\"",
        "\"wrong\",\"right\"",
        "W/\"right\", \"right\"",
        "\"a,b\" , \"right\"",
        ", \"right\",",
      })
  void ifMatchHoldsWhenTheTagIsAmongThose(String tags) {
    assertThat(evaluate("If-Match", tags)).isEqualTo(PROCEED);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\"wrong\"",
        "\"wrong\", \"other\"",
        "right",
        "\"Right\"",
        "\"right \"",
        "\"a\"right\"",
        "",
        "\"*\"",
      })
  void ifMatchFailsWhenTheTagIsNotAmongThose(String tags) {
    assertThat(evaluate("If-Match", tags)).isEqualTo(FAILED);
  }

  @Test
  void ifMatchComparesStrongly() {
    assertThat(evaluate("If-Match", "W/\"right\"")).isEqualTo(FAILED);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\"right\"",
        "*",
        "\"wrong\", \"right\"",
        "\"wrong\",W/\"right\"",
        "W/\"wrong\" ,\t\"right\"",
      })
  void ifNoneMatchFindsTheTagAmongThose(String tags) {
    assertThat(evaluate("If-None-Match", tags)).isEqualTo(NOT_MODIFIED);
  }

  @Test
  void ifNoneMatchComparesWeakly() {
    assertThat(evaluate("If-None-Match", "W/\"right\"")).isEqualTo(NOT_MODIFIED);
  }

  @ParameterizedTest
  @ValueSource(strings = {"\"wrong\"", "\"wrong\", \"other\"", "right", "", "\"*\""})
  void ifNoneMatchLetsOthersGoOn(String tags) {
    assertThat(evaluate("If-None-Match", tags)).isEqualTo(PROCEED);
  }

  @Test
  void ifUnmodifiedSinceHoldsFromTheMomentOn() {
    assertThat(evaluate("If-Unmodified-Since", BEFORE)).isEqualTo(FAILED);
    assertThat(evaluate("If-Unmodified-Since", EXACTLY)).isEqualTo(PROCEED);
    assertThat(evaluate("If-Unmodified-Since", AFTER)).isEqualTo(PROCEED);
  }

  @Test
  void ifModifiedSinceHoldsUntilTheMoment() {
    assertThat(evaluate("If-Modified-Since", BEFORE)).isEqualTo(PROCEED);
    assertThat(evaluate("If-Modified-Since", EXACTLY)).isEqualTo(NOT_MODIFIED);
    assertThat(evaluate("If-Modified-Since", AFTER)).isEqualTo(NOT_MODIFIED);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "yesterday",
        "784111777",
        "1994-11-06T08:49:37Z",
        "Sat, 06 Nov 2094",
        "Sun, 06 Nov 2094 08:49:37 GMT",
        "Sat, 06 Nov 2094 25:49:37 GMT",
        "Sat, 06 Nov 2094 08:49:37 GMT, Sat, 06 Nov 2094 08:49:37 GMT",
      })
  void whatIsNoDateIsIgnored(String date) {
    assertThat(evaluate("If-Modified-Since", date)).isEqualTo(PROCEED);
    assertThat(evaluate("If-Unmodified-Since", date)).isEqualTo(PROCEED);
  }

  /** Section 5.6.7: all three must be understood. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "Sun, 06 Nov 1994 08:49:37 GMT",
        "Sunday, 06-Nov-94 08:49:37 GMT",
        "Sun Nov  6 08:49:37 1994"
      })
  void datesMayBeWrittenInThreeWays(String date) {
    assertThat(evaluate("If-Modified-Since", date)).isEqualTo(NOT_MODIFIED);
    assertThat(FILE.rangeCounts(Optional.of(date))).isTrue();
  }

  @Test
  void aYearOfTwoDigitsIsNotFarAhead() {
    int year = LocalDate.now(ZoneOffset.UTC).getYear();
    for (int distance : new int[] {-49, 0, 48}) {
      LocalDate date = LocalDate.of(year + distance, 11, 6);
      String text =
          DateTimeFormatter.ofPattern("EEEE, dd-MMM-yy", Locale.US).format(date) + " 00:00:00 GMT";
      Preconditions file =
          new Preconditions("\"right\"", date.atStartOfDay().toInstant(ZoneOffset.UTC));
      assertThat(file.rangeCounts(Optional.of(text))).as(text).isTrue();
    }
  }

  @Test
  void aTagGoesBeforeADate() {
    assertThat(evaluate("If-Match", "\"right\"", "If-Unmodified-Since", BEFORE)).isEqualTo(PROCEED);
    assertThat(evaluate("If-Match", "\"wrong\"", "If-Unmodified-Since", AFTER)).isEqualTo(FAILED);
    assertThat(evaluate("If-None-Match", "\"wrong\"", "If-Modified-Since", AFTER))
        .isEqualTo(PROCEED);
    assertThat(evaluate("If-None-Match", "\"right\"", "If-Modified-Since", BEFORE))
        .isEqualTo(NOT_MODIFIED);
  }

  @Test
  void whatMustHoldGoesBeforeWhatMustNot() {
    assertThat(evaluate("If-Match", "\"wrong\"", "If-None-Match", "\"right\"")).isEqualTo(FAILED);
    assertThat(evaluate("If-Match", "\"right\"", "If-None-Match", "\"right\""))
        .isEqualTo(NOT_MODIFIED);
    assertThat(evaluate("If-Unmodified-Since", BEFORE, "If-None-Match", "\"right\""))
        .isEqualTo(FAILED);
    assertThat(evaluate("If-Unmodified-Since", AFTER, "If-Modified-Since", AFTER))
        .isEqualTo(NOT_MODIFIED);
  }

  @Test
  void withoutIfRangeARangeCounts() {
    assertThat(FILE.rangeCounts(Optional.empty())).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"\"right\"", " \"right\" ", EXACTLY})
  void aRangeCountsOfTheVeryFile(String validator) {
    assertThat(FILE.rangeCounts(Optional.of(validator))).isTrue();
  }

  /** A list is none of the two things it may be: section 13.1.5. */
  @ParameterizedTest
  @ValueSource(strings = {"\"wrong\"", "W/\"right\"", "\"wrong\", \"right\"", "*", "", "right"})
  void aRangeDoesNotCountOfAnyOther(String validator) {
    assertThat(FILE.rangeCounts(Optional.of(validator))).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {BEFORE, AFTER, "yesterday"})
  void aDateHasToBeTheFiles(String date) {
    assertThat(FILE.rangeCounts(Optional.of(date))).isFalse();
  }
}
