package io.polystream.export;

import java.io.Serializable;

/**
 * The partitions one reader takes one after another: lane i of n takes i, i+n, i+2n and so on.
 *
 * @param index 0 to count - 1
 * @param count how many lanes there are
 */
record Lane(int index, int count) implements Serializable {
  private static final long serialVersionUID = 1L;

  Lane {
    if (index < 0 || index >= count) {
      throw new IllegalArgumentException("no lane " + index + " of " + count);
    }
  }
}
