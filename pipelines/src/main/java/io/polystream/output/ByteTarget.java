package io.polystream.output;

/**
 * Takes the bytes of one file one run after another. Used by one thread at a time. Failures are
 * {@link io.polystream.error.PolyStreamException} of kind {@code STORAGE}.
 */
interface ByteTarget {
  void append(byte[] bytes, int offset, int length);
}
