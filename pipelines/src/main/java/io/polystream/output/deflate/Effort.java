package io.polystream.output.deflate;

/**
 * How long to look for matches.
 *
 * @param chain places to try at most, one or more
 * @param enoughBytes a match as long as this ends the search
 * @param lazyBelowBytes a match shorter than this may give way to one that begins a byte later
 */
record Effort(int chain, int enoughBytes, int lazyBelowBytes) {
  /** By level, from 1: files about as large as zlib's (docs/decisions/0018). */
  private static final Effort[] LEVELS = {
    new Effort(2, 14, 0),
    new Effort(4, 24, 0),
    new Effort(8, 32, 0),
    new Effort(10, 30, 16),
    new Effort(16, 40, 30),
    new Effort(32, 65, 65),
    new Effort(64, 130, 130),
    new Effort(256, 200, 200),
    new Effort(600, 258, 258),
  };

  static Effort ofLevel(int level) {
    return LEVELS[level - 1];
  }
}
