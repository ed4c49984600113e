package io.polystream.output;

import static java.util.Objects.requireNonNull;

/**
 * What stands around the rows of a file. The arrays are not copied and must not be changed.
 *
 * @param preamble before the first row, in a file without rows too
 * @param separator between two rows
 * @param postamble after the last row, in a file without rows too
 */
@SuppressWarnings("ArrayRecordComponent") // never compared, and copying would serve nobody
public record Joints(byte[] preamble, byte[] separator, byte[] postamble) {
  public Joints {
    requireNonNull(preamble, "preamble");
    requireNonNull(separator, "separator");
    requireNonNull(postamble, "postamble");
  }
}
