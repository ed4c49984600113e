package io.polystream.output;

import java.io.Serializable;

/**
 * What is known of the encoded bytes of one partition, or of a piece of one.
 *
 * @param partition the partition's place in the plan, from 0
 * @param piece the piece's place in the partition, from 0
 * @param bytes as they stand in the output, compressed or not
 * @param crc32c CRC-32C (RFC 3720 appendix B.4) of those
 * @param plainBytes before they were compressed
 * @param plainCrc32 CRC-32 (RFC 1952 section 8) of the bytes before they were compressed, for
 *     gzip's sake; 0 otherwise
 * @param replacedCharacters how many characters the format could not hold
 */
public record Part(
    int partition,
    int piece,
    long bytes,
    long rows,
    int crc32c,
    long plainBytes,
    int plainCrc32,
    long replacedCharacters)
    implements Serializable {
  private static final long serialVersionUID = 1L;

  public Part {
    if (partition < 0 || piece < 0 || bytes < 0 || rows < 0 || plainBytes < 0) {
      throw new IllegalArgumentException(
          "part " + partition + "/" + piece + " has a negative place or size");
    }
  }
}
