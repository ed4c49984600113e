package io.polystream.format;

import static java.util.Objects.requireNonNull;

import io.polystream.row.Footer;
import java.util.function.Supplier;

/**
 * A format bound to the columns and options of one export: what stands around and between rows, and
 * who encodes one. A file is {@code preamble row (separator row)* footer}; parts are runs of rows
 * joined by the same separator, so that they can be encoded apart and appended in order. The arrays
 * are not copied and must not be changed; thread-safe otherwise.
 *
 * @param preamble before the first row, present in an empty file too
 * @param separator between two rows, wherever their parts end
 * @param footer after the last row, present in an empty file too
 * @param partBytes how many bytes of rows, before compression, a part should have
 * @param encoders makes the encoder of one reader
 */
@SuppressWarnings("ArrayRecordComponent") // never compared, and copying would serve nobody
public record Encoding(
    byte[] preamble,
    byte[] separator,
    Footer footer,
    int partBytes,
    Supplier<RowEncoder> encoders) {
  /** What the database reads fast in one go, and a reader's buffer holds. */
  public static final int USUAL_PART_BYTES = 4 * 1024 * 1024;

  public Encoding {
    requireNonNull(preamble, "preamble");
    requireNonNull(separator, "separator");
    requireNonNull(footer, "footer");
    requireNonNull(encoders, "encoders");
    if (partBytes < 1) {
      throw new IllegalArgumentException("partBytes must be positive, not " + partBytes);
    }
  }

  /** One of a format whose files end all the same. */
  public static Encoding of(
      byte[] preamble, byte[] separator, byte[] postamble, Supplier<RowEncoder> encoders) {
    return new Encoding(preamble, separator, Footer.of(postamble), USUAL_PART_BYTES, encoders);
  }
}
