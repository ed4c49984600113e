package io.polystream.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.Callable;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;

/**
 * How long tests wait for what has to happen some time: much longer than it takes, for a machine
 * may be slow and busy. Only what users are promised has limits of its own.
 */
public final class Patience {
  public static final Duration LONGEST = Duration.ofMinutes(10);

  private static final Duration POLL_INTERVAL = Duration.ofMillis(20);

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
        .pollInterval(POLL_INTERVAL);
  }

  /**
   * Waits for what users are promised within a time, as a machine gives it that does nothing else:
   * in questions asked 20 ms apart. A machine that stops for a second stops the one who asks, too.
   *
   * @param what such as "the statements' end"
   */
  public static void awaitPromised(String what, Duration atMost, Callable<Boolean> condition)
      throws Exception {
    long questions = atMost.dividedBy(POLL_INTERVAL);
    while (!condition.call()) {
      assertThat(questions--).as("%s within %s", what, atMost).isPositive();
      Thread.sleep(POLL_INTERVAL.toMillis());
    }
  }
}
