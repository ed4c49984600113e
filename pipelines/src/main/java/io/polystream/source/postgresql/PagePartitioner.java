package io.polystream.source.postgresql;

import io.polystream.source.Partition;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Cuts a table into page ranges of about the same number of pages. The same range is read of every
 * leaf of a partitioned table, so ranges are short where many leaves have pages and long where few
 * do.
 */
final class PagePartitioner {
  private PagePartitioner() {}

  /**
   * Cuts one table.
   *
   * @param leafPages how many pages each leaf has
   * @param targetPages how many pages, of all leaves together, a range should hold
   * @return ranges without gaps from page 0 on, the last without an end; at least one
   */
  static List<Partition> partitions(long[] leafPages, int targetPages) {
    long[] ascending = leafPages.clone();
    Arrays.sort(ascending);
    List<Partition> partitions = new ArrayList<>();
    long first = 0;
    int shorter = 0;
    while (true) {
      while (shorter < ascending.length && ascending[shorter] <= first) {
        shorter++;
      }
      int reaching = ascending.length - shorter;
      long end = first + Math.max(1, targetPages / Math.max(1, reaching));
      if (reaching == 0 || end >= ascending[ascending.length - 1]) {
        partitions.add(new Partition.Pages(first, Partition.Pages.NO_END));
        return partitions;
      }
      partitions.add(new Partition.Pages(first, end));
      first = end;
    }
  }
}
