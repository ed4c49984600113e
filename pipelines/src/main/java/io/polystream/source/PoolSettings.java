package io.polystream.source;

import static io.polystream.error.PolyStreamException.configuration;

import java.time.Duration;

/**
 * How connections for looking at the catalog are pooled; those that read an export's rows never
 * are.
 *
 * @param mostConnections 1 or more; none is kept without need
 * @param connectTimeout how long somebody waits for one; 250 ms or more
 * @param idleTimeout after which one that nobody needs is closed; 10 s or more
 */
public record PoolSettings(int mostConnections, Duration connectTimeout, Duration idleTimeout) {
  /** The least that HikariCP takes. */
  public static final Duration SHORTEST_CONNECT_TIMEOUT = Duration.ofMillis(250);

  /** The least that HikariCP takes. */
  public static final Duration SHORTEST_IDLE_TIMEOUT = Duration.ofSeconds(10);

  public PoolSettings {
    if (mostConnections < 1) {
      throw configuration("a pool has 1 connection or more, not " + mostConnections);
    }
    requireAtLeast("connect timeout", connectTimeout, SHORTEST_CONNECT_TIMEOUT);
    requireAtLeast("idle timeout", idleTimeout, SHORTEST_IDLE_TIMEOUT);
  }

  private static void requireAtLeast(String what, Duration given, Duration least) {
    if (given.compareTo(least) < 0) {
      throw configuration(
          "the pool's "
              + what
              + " must be "
              + least.toMillis()
              + " ms or more, not "
              + given.toMillis()
              + " ms");
    }
  }
}
