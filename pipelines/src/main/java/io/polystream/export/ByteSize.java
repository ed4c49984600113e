package io.polystream.export;

import static io.polystream.error.PolyStreamException.configuration;

import java.math.BigDecimal;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Sizes as people write them. */
public final class ByteSize {
  private static final Pattern SIZE =
      Pattern.compile("([0-9]+(?:\\.[0-9]+)?)\\s*([a-z]*)", Pattern.CASE_INSENSITIVE);

  private static final Map<String, Long> UNITS =
      Map.ofEntries(
          Map.entry("", 1L),
          Map.entry("b", 1L),
          Map.entry("kb", 1_000L),
          Map.entry("mb", 1_000_000L),
          Map.entry("gb", 1_000_000_000L),
          Map.entry("tb", 1_000_000_000_000L),
          Map.entry("kib", 1L << 10),
          Map.entry("mib", 1L << 20),
          Map.entry("gib", 1L << 30),
          Map.entry("tib", 1L << 40));

  private ByteSize() {}

  /**
   * Reads {@code 500}, {@code 64MB}, {@code 1.5GiB}: powers of ten, and of two with an i; fractions
   * of a byte are dropped.
   *
   * @return bytes, 0 or more
   * @throws io.polystream.error.PolyStreamException of kind {@code CONFIGURATION}
   */
  public static long parse(String text) {
    Matcher size = SIZE.matcher(text.strip());
    Long unit = size.matches() ? UNITS.get(size.group(2).toLowerCase(Locale.ROOT)) : null;
    if (unit == null) {
      throw configuration(
          "\""
              + text
              + "\" is not a size: write bytes, or a number with kB, MB, GB, KiB, MiB, GiB");
    }
    try {
      return new BigDecimal(size.group(1))
          .multiply(BigDecimal.valueOf(unit))
          .toBigInteger()
          .longValueExact();
    } catch (ArithmeticException e) {
      throw configuration("\"" + text + "\" is more bytes than a file can have");
    }
  }
}
