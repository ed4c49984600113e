package io.polystream.service;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.concurrent.atomic.AtomicReference;

/** Stands still until a test sets it forward. Thread-safe. */
public final class SettableClock extends Clock {
  private final AtomicReference<Instant> now;

  private SettableClock(Instant begin) {
    now = new AtomicReference<>(begin);
  }

  /** Begins in the middle of a second, as clocks do. */
  public static SettableClock standing() {
    return new SettableClock(Instant.parse("2026-02-03T04:05:06.789Z"));
  }

  public void advance(Duration duration) {
    now.updateAndGet(moment -> moment.plus(duration));
  }

  @Override
  public Instant instant() {
    return now.get();
  }

  @Override
  public ZoneId getZone() {
    return ZoneOffset.UTC;
  }

  @Override
  public Clock withZone(ZoneId zone) {
    throw new UnsupportedOperationException("instants have no zone");
  }
}
