package io.polystream.export;

import org.junit.jupiter.api.Tag;

/** So many that one in a million cells is there. */
@Tag("soak")
class ManyRandomRowsIT extends RandomRowsContract {
  ManyRandomRowsIT() {
    super(100_000);
  }
}
