package io.polystream.format;

import static java.util.Objects.requireNonNull;

import java.util.function.Supplier;

/**
 * A format bound to the columns and options of one export: what stands around and between rows, and
 * who encodes one. A file is {@code preamble row (separator row)* postamble}; parts are runs of
 * rows joined by the same separator, so that they can be encoded apart and appended in order. The
 * arrays are not copied and must not be changed; thread-safe otherwise.
 *
 * @param preamble before the first row, present in an empty file too
 * @param separator between two rows, wherever their parts end
 * @param postamble after the last row, present in an empty file too
 * @param encoders makes the encoder of one reader
 */
@SuppressWarnings("ArrayRecordComponent") // never compared, and copying would serve nobody
public record Encoding(
    byte[] preamble, byte[] separator, byte[] postamble, Supplier<RowEncoder> encoders) {
  public Encoding {
    requireNonNull(preamble, "preamble");
    requireNonNull(separator, "separator");
    requireNonNull(postamble, "postamble");
    requireNonNull(encoders, "encoders");
  }
}
