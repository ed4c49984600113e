package io.polystream.source.postgresql;

import static org.assertj.core.api.Assertions.assertThat;

import io.polystream.source.Partition;
import io.polystream.source.Partition.Pages;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class PagePartitionerTest {
  @Test
  void anEmptyTableIsOneRangeWithoutEnd() {
    assertThat(ranges(512)).containsExactly(new Pages(0, Pages.NO_END));
    assertThat(ranges(512, 0)).containsExactly(new Pages(0, Pages.NO_END));
    assertThat(ranges(512, 0, 0, 0)).containsExactly(new Pages(0, Pages.NO_END));
  }

  @Test
  void aTableIsCutEveryTargetPages() {
    assertThat(ranges(100, 250))
        .containsExactly(new Pages(0, 100), new Pages(100, 200), new Pages(200, Pages.NO_END));
  }

  @Test
  void theLastRangeIsNotEmptyWhenTheTargetDividesTheTable() {
    assertThat(ranges(100, 200)).containsExactly(new Pages(0, 100), new Pages(100, Pages.NO_END));
    assertThat(ranges(100, 100)).containsExactly(new Pages(0, Pages.NO_END));
    assertThat(ranges(100, 101)).containsExactly(new Pages(0, 100), new Pages(100, Pages.NO_END));
    assertThat(ranges(100, 1)).containsExactly(new Pages(0, Pages.NO_END));
  }

  @Test
  void rangesAreShortWhereManyLeavesReachAndLongWhereFewDo() {
    // All four have the first ten pages, then only one goes on.
    assertThat(ranges(40, 10, 10, 10, 100))
        .containsExactly(
            new Pages(0, 10), new Pages(10, 50), new Pages(50, 90), new Pages(90, Pages.NO_END));
  }

  @Test
  void moreLeavesThanTargetPagesAreReadPageByPage() {
    long[] leaves = new long[1000];
    Arrays.fill(leaves, 3);
    assertThat(PagePartitioner.partitions(leaves, 512))
        .containsExactly(new Pages(0, 1), new Pages(1, 2), new Pages(2, Pages.NO_END));
  }

  @Test
  void everyPageOfEveryLeafIsInOneRangeAndRangesAreOfAboutOneSize() {
    Random random = new Random(1);
    for (int i = 0; i < 3000; i++) {
      long[] leaves = new long[random.nextInt(20)];
      for (int leaf = 0; leaf < leaves.length; leaf++) {
        leaves[leaf] = (long) Math.pow(random.nextDouble() * 22, 3) / (1 + random.nextInt(50));
      }
      int target = 1 + random.nextInt(600);
      long[] asGiven = leaves.clone();
      List<Pages> ranges = ranges(target, leaves);
      assertThat(leaves).isEqualTo(asGiven);

      long most = Arrays.stream(leaves).max().orElse(0);
      long next = 0;
      for (Pages range : ranges) {
        // No gap and no overlap.
        assertThat(range.firstPage()).isEqualTo(next);
        next = range.endPage();
        long pages = 0;
        for (long leaf : leaves) {
          pages += Math.max(0, Math.min(leaf, range.endPage()) - range.firstPage());
        }
        // A page of each leaf is the least a range can have.
        assertThat(pages).isLessThanOrEqualTo(Math.max(target, leaves.length));
        // No range is of no use, but for an empty table's only one.
        assertThat(range.firstPage()).isLessThan(Math.max(1, most));
      }
      assertThat(next).isEqualTo(Pages.NO_END);
    }
  }

  @Test
  void theLargestTableThereIsHasItsLastPageInARange() {
    List<Pages> ranges = ranges(1 << 30, Pages.NO_END);
    assertThat(ranges).hasSize(4);
    assertThat(ranges.get(3)).isEqualTo(new Pages(3L << 30, Pages.NO_END));
  }

  private static List<Pages> ranges(int targetPages, long... leafPages) {
    List<Partition> partitions = PagePartitioner.partitions(leafPages, targetPages);
    return partitions.stream().map(Pages.class::cast).toList();
  }
}
