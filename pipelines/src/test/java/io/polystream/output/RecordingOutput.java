package io.polystream.output;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.polystream.row.Footer;
import java.io.ByteArrayOutputStream;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicBoolean;

/** One file in memory, which fails when two threads write at once. */
final class RecordingOutput implements ByteTarget {
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private final AtomicBoolean busy = new AtomicBoolean();
  private final FileAssembly assembly;

  RecordingOutput() {
    this("", ",", "", Compression.NONE);
  }

  RecordingOutput(String preamble, String separator, String postamble, Compression compression) {
    assembly =
        new FileAssembly(
            this,
            new Joints(
                preamble.getBytes(UTF_8),
                separator.getBytes(UTF_8),
                Footer.of(postamble.getBytes(UTF_8))),
            compression.newContainer(),
            () -> {
              throw new AssertionError("these footers have no entries");
            });
  }

  PartFiles files() {
    return new OneFile(assembly, placed -> {});
  }

  /** Writes what stands after the last row. */
  ExportFile end() {
    assembly.end();
    return file();
  }

  /** What there is so far. */
  ExportFile file() {
    return assembly.toExportFile(Path.of("recorded"));
  }

  @Override
  public void append(byte[] source, int offset, int length) {
    if (!busy.compareAndSet(false, true)) {
      throw new IllegalStateException("two threads write at once");
    }
    bytes.write(source, offset, length);
    Thread.onSpinWait();
    busy.set(false);
  }

  byte[] toByteArray() {
    return bytes.toByteArray();
  }

  String text() {
    return bytes.toString(UTF_8);
  }
}
