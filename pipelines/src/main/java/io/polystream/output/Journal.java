package io.polystream.output;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/**
 * A line of JSON per part that is in the output: what may be read of a growing file. Used by one
 * thread at a time.
 */
final class Journal implements AutoCloseable {
  private static final int SCHEMA_VERSION = 1;

  private final BufferedWriter lines;

  private Journal(BufferedWriter lines) {
    this.lines = lines;
  }

  static Journal create(Path file, String exportId) {
    Journal journal;
    try {
      journal = new Journal(Files.newBufferedWriter(file, UTF_8));
    } catch (IOException e) {
      throw StorageFailures.of("cannot create the journal " + file, e);
    }
    journal.writeLine(
        "{\"schemaVersion\":" + SCHEMA_VERSION + ",\"exportId\":\"" + exportId + "\"}");
    return journal;
  }

  void add(PlacedPart placed) {
    Part part = placed.part();
    writeLine(
        String.format(
            Locale.ROOT,
            "{\"partition\":%d,\"piece\":%d,\"file\":%d,\"offset\":%d,\"bytes\":%d,\"rows\":%d,"
                + "\"crc32c\":\"%08x\"}",
            part.partition(),
            part.piece(),
            placed.file(),
            placed.offset(),
            part.bytes(),
            part.rows(),
            part.crc32c()));
  }

  private void writeLine(String line) {
    try {
      lines.write(line);
      lines.write('\n');
      lines.flush();
    } catch (IOException e) {
      throw StorageFailures.of("cannot write the journal", e);
    }
  }

  @Override
  public void close() {
    try {
      lines.close();
    } catch (IOException e) {
      throw StorageFailures.of("cannot write the journal", e);
    }
  }

  void closeQuietly() {
    try {
      lines.close();
    } catch (IOException e) {
      // Nobody wants it any more.
    }
  }
}
