package io.polystream.service.http;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.temporal.ChronoField;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Conditional requests (RFC 9110 section 13).
 *
 * @param etag strong, with its quotes
 * @param lastModified in whole seconds
 */
record Preconditions(String etag, Instant lastModified) {
  private static final Pattern ENTITY_TAG = Pattern.compile("(W/)?(\"[^\"]*\")");

  /** Two digits of a year mean one that is less than 50 years away (section 5.6.7). */
  private static final int YEARS_BACK = 50;

  /** What is to be done with a request that reads. */
  enum Outcome {
    PROCEED,
    /** 304. */
    NOT_MODIFIED,
    /** 412. */
    FAILED
  }

  /**
   * In the order of section 13.2.2.
   *
   * @param header a request's header by its name
   */
  Outcome evaluate(Function<String, Optional<String>> header) {
    Optional<String> ifMatch = header.apply("If-Match");
    if (ifMatch.isPresent()) {
      if (!matches(ifMatch.get(), true)) {
        return Outcome.FAILED;
      }
    } else if (header
        .apply("If-Unmodified-Since")
        .flatMap(Preconditions::date)
        .filter(lastModified::isAfter)
        .isPresent()) {
      return Outcome.FAILED;
    }
    Optional<String> ifNoneMatch = header.apply("If-None-Match");
    if (ifNoneMatch.isPresent()) {
      return matches(ifNoneMatch.get(), false) ? Outcome.NOT_MODIFIED : Outcome.PROCEED;
    }
    return header
            .apply("If-Modified-Since")
            .flatMap(Preconditions::date)
            .filter(date -> !lastModified.isAfter(date))
            .isPresent()
        ? Outcome.NOT_MODIFIED
        : Outcome.PROCEED;
  }

  /** Whether a Range counts, by If-Range (section 13.1.5): the file is the one that was begun. */
  boolean rangeCounts(Optional<String> ifRange) {
    return ifRange.isEmpty()
        || ifRange.get().strip().equals(etag)
        || date(ifRange.get()).filter(lastModified::equals).isPresent();
  }

  private boolean matches(String list, boolean strongly) {
    if (list.strip().equals("*")) {
      return true;
    }
    List<String> tags = new ArrayList<>();
    Matcher tag = ENTITY_TAG.matcher(list);
    while (tag.find()) {
      if (!strongly || tag.group(1) == null) {
        tags.add(tag.group(2));
      }
    }
    return tags.contains(etag);
  }

  /** A date of HTTP; any other text is none (section 13.1.3). */
  private static Optional<Instant> date(String text) {
    for (DateTimeFormatter format : dateFormats()) {
      try {
        return Optional.of(format.parse(text.strip(), Instant::from));
      } catch (DateTimeException e) {
        // It may be one of the others.
      }
    }
    return Optional.empty();
  }

  /** The three ways to write a date, of which only the first is written still (section 5.6.7). */
  private static List<DateTimeFormatter> dateFormats() {
    return List.of(
        DateTimeFormatter.RFC_1123_DATE_TIME,
        new DateTimeFormatterBuilder()
            .appendPattern("EEEE, dd-MMM-")
            .appendValueReduced(
                ChronoField.YEAR, 2, 2, LocalDate.now(ZoneOffset.UTC).minusYears(YEARS_BACK))
            .appendPattern(" HH:mm:ss 'GMT'")
            .toFormatter(Locale.US)
            .withZone(ZoneOffset.UTC),
        DateTimeFormatter.ofPattern("EEE MMM ppd HH:mm:ss uuuu", Locale.US)
            .withZone(ZoneOffset.UTC));
  }
}
