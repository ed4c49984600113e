package io.polystream.output;

import java.io.IOException;

/** Writes rows as a lane reader does, for a format that keeps nothing back. */
final class PartWriting {
  private static final byte[] NO_ENTRY = {};

  private PartWriting() {}

  static void write(PartWriter writer, byte[] row) throws IOException {
    if (writer.isPartFull(0)) {
      writer.endPart(0, NO_ENTRY);
    }
    writer.beginRow();
    writer.sink().write(row);
  }

  /** Ends the last part and the partition. */
  static void end(PartWriter writer) throws IOException {
    writer.endPart(0, NO_ENTRY);
    writer.end();
  }
}
