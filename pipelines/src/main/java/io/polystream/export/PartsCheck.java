package io.polystream.export;

import io.polystream.error.ErrorKind;
import io.polystream.error.PolyStreamException;
import io.polystream.output.Part;
import io.polystream.output.PlacedPart;
import java.util.List;

/** Whether the parts that came out of a pipeline are the ones that were planned. */
final class PartsCheck {
  private PartsCheck() {}

  /**
   * @param parts in order
   * @throws PolyStreamException of kind {@code INTERNAL} when a partition or a piece is missing,
   *     there twice, or lies before the end of the one before it
   */
  static void requireComplete(List<PlacedPart> parts, int partitions) {
    int partition = -1;
    int piece = 0;
    int file = 0;
    long end = 0;
    for (PlacedPart placed : parts) {
      Part part = placed.part();
      boolean continues = part.partition() == partition && part.piece() == piece + 1;
      boolean begins = part.partition() == partition + 1 && part.piece() == 0;
      boolean follows = placed.file() == file ? placed.offset() >= end : placed.file() == file + 1;
      if ((!continues && !begins) || !follows) {
        throw wrong("part " + placed + " comes after part " + piece + " of partition " + partition);
      }
      partition = part.partition();
      piece = part.piece();
      file = placed.file();
      end = placed.offset() + part.bytes();
    }
    if (partition != partitions - 1) {
      throw wrong("the last partition is " + partition + " of " + partitions);
    }
  }

  private static PolyStreamException wrong(String how) {
    return new PolyStreamException(
        ErrorKind.INTERNAL,
        "the parts are not what was planned, so no file was written: "
            + how
            + "; please report this");
  }
}
