package io.polystream.export;

import io.polystream.error.ErrorKind;
import io.polystream.error.PolyStreamException;
import io.polystream.output.OrderedAppender;
import io.polystream.output.Part;
import io.polystream.output.PartWriter;
import io.polystream.output.PlacedPart;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32C;

/**
 * Appends to the output, in order, the partitions that workers have left in the store, and checks
 * every byte on the way. Used by one thread.
 */
final class PartCollector {
  private static final int BUFFER_BYTES = 256 * 1024;

  private final ExportRun run;
  private final OrderedAppender appender;
  private final PartStore store;
  private final PartWriter writer;
  private final int partitions;
  private final byte[] buffer = new byte[BUFFER_BYTES];

  /** The sidecars that wait for their turn, by partition. */
  private final Map<Integer, String> waiting = new HashMap<>();

  private final List<PlacedPart> placed = new ArrayList<>();
  private int next;

  /**
   * @param writer for what has to be read here; the caller closes it
   */
  PartCollector(ExportRun run, PartStore store, PartWriter writer, int partitions) {
    this.run = run;
    this.store = store;
    this.writer = writer;
    this.partitions = partitions;
    appender = run.appender();
  }

  boolean isComplete() {
    return next == partitions;
  }

  /** How many partitions are in the output. */
  int appended() {
    return next;
  }

  /** Where all parts are, once all are there. */
  List<PlacedPart> placed() {
    List<PlacedPart> all = new ArrayList<>(placed);
    all.addAll(writer.parts());
    return all;
  }

  /** Returns whether anything could be appended. */
  boolean appendWhatIsThere() throws IOException {
    for (String sidecar : store.sidecars()) {
      int partition = PartStore.partitionOf(sidecar);
      if (partition >= next) {
        // Another attempt at the same partition is as good.
        waiting.putIfAbsent(partition, sidecar);
      }
    }
    int before = next;
    while (!isComplete()) {
      run.requireActive();
      if (appender.isFull()) {
        // Nothing of it fits, whatever workers find in it.
        writer.skip(next);
      } else {
        String sidecar = waiting.remove(next);
        if (sidecar == null) {
          break;
        }
        append(sidecar);
      }
      next++;
    }
    if (next > before) {
      store.noteAppended(before, next);
    }
    return next > before;
  }

  private void append(String sidecar) throws IOException {
    PartStore.StoredPartition stored = store.read(sidecar);
    if (stored.rows() > appender.remainingRows()) {
      // The row limit cuts it, which no worker could know.
      run.readPartition(next, writer);
    } else {
      append(stored);
    }
    store.delete(sidecar, stored);
  }

  private void append(PartStore.StoredPartition stored) throws IOException {
    try (ReadableByteChannel channel = store.open(stored)) {
      for (PartStore.StoredPart storedPart : stored.parts()) {
        Part part = storedPart.part();
        byte[] footerEntry = storedPart.footerEntry();
        appender.begin(part.bytes(), part.rows(), footerEntry.length);
        copy(channel, part, stored);
        placed.add(appender.end(part, footerEntry));
      }
    }
    if (stored.cut()) {
      appender.noteRowsBeyondLimit();
    }
    run.addRows(stored.rows());
    appender.passTurn();
  }

  private void copy(ReadableByteChannel channel, Part part, PartStore.StoredPartition stored)
      throws IOException {
    CRC32C crc = new CRC32C();
    long left = part.bytes();
    while (left > 0) {
      int length = channel.read(ByteBuffer.wrap(buffer, 0, (int) Math.min(BUFFER_BYTES, left)));
      if (length < 0) {
        throw damaged(stored);
      }
      crc.update(buffer, 0, length);
      appender.append(buffer, 0, length);
      left -= length;
    }
    if ((int) crc.getValue() != part.crc32c()) {
      throw damaged(stored);
    }
  }

  private PolyStreamException damaged(PartStore.StoredPartition stored) {
    return new PolyStreamException(
        ErrorKind.STORAGE,
        "the bytes of "
            + stored.object()
            + " in the work directory "
            + store.directory()
            + " are not those that were written: check that storage");
  }
}
