package io.polystream.service.http;

import io.polystream.error.PolyStreamException;
import io.polystream.export.ByteSize;
import java.util.OptionalLong;
import java.util.UUID;

/** What query strings and paths are made of. */
final class QueryValues {
  private QueryValues() {}

  /** Bytes a second, 1 or more. */
  static OptionalLong rate(String text) {
    try {
      long rate = ByteSize.parse(text);
      if (rate > 0) {
        return OptionalLong.of(rate);
      }
    } catch (PolyStreamException e) {
      throw ProblemException.badRequest("rate: " + e.getMessage());
    }
    throw ProblemException.badRequest("rate is in bytes a second, 1 or more, not " + text);
  }

  /** A whole number within bounds, both included. */
  static long number(String name, String text, long least, long most) {
    try {
      long number = Long.parseLong(text);
      if (number >= least && number <= most) {
        return number;
      }
    } catch (NumberFormatException e) {
      // Said below.
    }
    throw ProblemException.badRequest(
        name
            + " is a whole number "
            + (most == Long.MAX_VALUE
                ? "of " + least + " or more"
                : "from " + least + " to " + most)
            + ", not \""
            + text
            + "\"");
  }

  /** An id as it is written in answers; what is not one names nothing. */
  static UUID exportId(String text) {
    try {
      UUID id = UUID.fromString(text);
      if (id.toString().equals(text)) {
        return id;
      }
    } catch (IllegalArgumentException e) {
      // Said below.
    }
    throw ProblemException.notFound("there is no export with such an id");
  }
}
