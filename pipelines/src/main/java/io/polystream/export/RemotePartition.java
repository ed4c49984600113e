package io.polystream.export;

import io.polystream.source.Partition;
import java.io.Serializable;

/**
 * What travels to a worker: one partition, since a runner that has many workers spreads many small
 * elements better than few large ones.
 *
 * @param index its place in the plan
 */
record RemotePartition(int index, Partition partition) implements Serializable {
  private static final long serialVersionUID = 1L;
  private static final String WHOLE = "whole";

  /** As text, for the statement that JdbcIO runs: {@code 17 8704 9216} or {@code 0 whole}. */
  String toText() {
    if (partition instanceof Partition.Pages pages) {
      return index + " " + pages.firstPage() + " " + pages.endPage();
    }
    return index + " " + WHOLE;
  }

  static RemotePartition parse(String text) {
    String[] words = text.split(" ", -1);
    int index = Integer.parseInt(words[0]);
    return new RemotePartition(
        index,
        words[1].equals(WHOLE)
            ? new Partition.Whole()
            : new Partition.Pages(Long.parseLong(words[1]), Long.parseLong(words[2])));
  }
}
