package io.polystream.output;

import static java.util.Objects.requireNonNull;

import io.polystream.row.Footer;

/**
 * What stands around the rows of a file. The arrays are not copied and must not be changed.
 *
 * @param preamble before the first row, in a file without rows too
 * @param separator between two rows
 * @param footer after the last row, in a file without rows too
 */
@SuppressWarnings("ArrayRecordComponent") // never compared, and copying would serve nobody
public record Joints(byte[] preamble, byte[] separator, Footer footer) {
  public Joints {
    requireNonNull(preamble, "preamble");
    requireNonNull(separator, "separator");
    requireNonNull(footer, "footer");
  }
}
