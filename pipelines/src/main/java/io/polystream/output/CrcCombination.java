package io.polystream.output;

/**
 * Combines the CRC values of neighbouring byte runs without their bytes. Polynomials over GF(2) in
 * reflected order, as zlib's crc32_combine does it.
 */
enum CrcCombination {
  /** gzip's (RFC 1952 section 8). */
  CRC32(0xEDB88320),
  /** Castagnoli's (RFC 3720 appendix B.4). */
  CRC32C(0x82F63B78);

  /** The polynomial 1. */
  private static final int ONE = 0x80000000;

  /** x to the power of 8: one byte further. */
  private static final int ONE_BYTE = 0x00800000;

  private final int reflectedPolynomial;

  CrcCombination(int reflectedPolynomial) {
    this.reflectedPolynomial = reflectedPolynomial;
  }

  /** The CRC of the first run followed by the second, which is {@code secondBytes} long. */
  int combine(int first, int second, long secondBytes) {
    int shift = ONE;
    int square = ONE_BYTE;
    for (long left = secondBytes; left != 0; left >>>= 1) {
      if ((left & 1) != 0) {
        shift = multiply(square, shift);
      }
      square = multiply(square, square);
    }
    return multiply(shift, first) ^ second;
  }

  private int multiply(int a, int b) {
    int product = 0;
    int factor = b;
    for (int bit = ONE; bit != 0; bit >>>= 1) {
      if ((a & bit) != 0) {
        product ^= factor;
      }
      factor = (factor & 1) != 0 ? (factor >>> 1) ^ reflectedPolynomial : factor >>> 1;
    }
    return product;
  }
}
