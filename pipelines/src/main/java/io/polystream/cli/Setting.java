package io.polystream.cli;

import java.util.function.Function;

/** A value with where it comes from. */
record Setting<T>(T value, Origin origin) {
  static <T> Setting<T> byDefault(T value) {
    return new Setting<>(value, Origin.DEFAULT);
  }

  <R> Setting<R> map(Function<T, R> change) {
    return new Setting<>(change.apply(value), origin);
  }
}
