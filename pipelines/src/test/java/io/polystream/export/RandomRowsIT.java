package io.polystream.export;

/** As many as every build has time for. */
class RandomRowsIT extends RandomRowsContract {
  RandomRowsIT() {
    super(10_000);
  }
}
