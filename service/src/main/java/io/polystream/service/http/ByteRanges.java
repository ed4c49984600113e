package io.polystream.service.http;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The header Range (RFC 9110 section 14). */
final class ByteRanges {
  /** More are somebody's mistake, or worse (RFC 9110 section 17.15). */
  private static final int MOST_RANGES = 32;

  private static final Pattern RANGE = Pattern.compile("([0-9]*)-([0-9]*)");

  private ByteRanges() {}

  /**
   * A run of bytes.
   *
   * @param first from 0
   * @param last included
   */
  record ByteRange(long first, long last) {
    long bytes() {
      return last - first + 1;
    }

    /** The header Content-Range (section 14.4). */
    String contentRange(long totalBytes) {
      return "bytes " + first + "-" + last + "/" + totalBytes;
    }
  }

  /**
   * What is asked for of a file.
   *
   * @return empty when the header has to be ignored: another unit, not as it should be, too many
   *     ranges, together more than the file, or the end of an empty one; without elements when no
   *     range can be satisfied
   */
  static Optional<List<ByteRange>> parse(String header, long totalBytes) {
    int equals = header.indexOf('=');
    if (equals < 0 || !header.substring(0, equals).strip().equalsIgnoreCase("bytes")) {
      return Optional.empty();
    }
    List<ByteRange> ranges = new ArrayList<>();
    int found = 0;
    long bytes = 0;
    for (String text : header.substring(equals + 1).split(",", -1)) {
      String element = text.strip();
      if (element.isEmpty()) {
        // Lists may have empty elements: section 5.6.1.2.
        continue;
      }
      Matcher range = RANGE.matcher(element);
      if (!range.matches() || element.equals("-") || ++found > MOST_RANGES) {
        return Optional.empty();
      }
      Optional<ByteRange> satisfiable;
      if (range.group(1).isEmpty()) {
        long length = number(range.group(2));
        if (length > 0 && totalBytes == 0) {
          // It can be satisfied (section 14.1.2), but no Content-Range says with what.
          return Optional.empty();
        }
        satisfiable = suffix(length, totalBytes);
      } else {
        long first = number(range.group(1));
        long last = range.group(2).isEmpty() ? Long.MAX_VALUE : number(range.group(2));
        if (last < first) {
          return Optional.empty();
        }
        satisfiable =
            first < totalBytes
                ? Optional.of(new ByteRange(first, Math.min(last, totalBytes - 1)))
                : Optional.empty();
      }
      if (satisfiable.isPresent()) {
        ranges.add(satisfiable.get());
        bytes += satisfiable.get().bytes();
      }
    }
    return found == 0 || bytes > totalBytes ? Optional.empty() : Optional.of(ranges);
  }

  private static Optional<ByteRange> suffix(long length, long totalBytes) {
    return length == 0
        ? Optional.empty()
        : Optional.of(new ByteRange(Math.max(0, totalBytes - length), totalBytes - 1));
  }

  /** As many digits as somebody likes. */
  private static long number(String digits) {
    try {
      return Long.parseLong(digits);
    } catch (NumberFormatException tooLarge) {
      return Long.MAX_VALUE;
    }
  }
}
