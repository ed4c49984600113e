package io.polystream.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Collections;
import java.util.List;
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

  private static final Duration LONGEST_COUNTED_POLL = POLL_INTERVAL.multipliedBy(2);

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
   * Waits for what users are promised within a time. Counted by the clock, but with no more than 40
   * ms from one question to the next: a machine that stands still for longer stops the program as
   * well as the one who asks.
   *
   * @param what such as "the statements' end"
   */
  public static void awaitPromised(String what, Duration atMost, Callable<Boolean> condition)
      throws Exception {
    Duration counted = Duration.ZERO;
    long asked = System.nanoTime();
    while (!condition.call()) {
      assertThat(counted).as(what).isLessThan(atMost);
      Thread.sleep(POLL_INTERVAL.toMillis());
      Duration poll = Duration.ofNanos(System.nanoTime() - asked);
      asked = System.nanoTime();
      counted = counted.plus(Collections.min(List.of(poll, LONGEST_COUNTED_POLL)));
    }
  }
}
