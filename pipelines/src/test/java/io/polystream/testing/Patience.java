package io.polystream.testing;

import java.time.Duration;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;

/**
 * How long tests wait for what has to happen some time: much longer than it takes, for a machine
 * may be slow and busy. Only what users are promised has limits of its own.
 */
public final class Patience {
  public static final Duration LONGEST = Duration.ofMinutes(10);

  private Patience() {}

  /**
   * Waits for what its caller says next.
   *
   * @param what such as "two readers"
   */
  public static ConditionFactory await(String what) {
    return Awaitility.await(what)
        .atMost(LONGEST)
        .pollDelay(Duration.ZERO)
        .pollInterval(Duration.ofMillis(20));
  }
}
