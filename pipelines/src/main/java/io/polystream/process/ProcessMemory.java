package io.polystream.process;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What the whole process has held in memory at most, the JVM's own included. */
public final class ProcessMemory {
  private static final Path STATUS = Path.of("/proc/self/status");

  /** proc(5): writing 5 makes the peak begin again at what is held now. */
  private static final Path CLEAR_REFS = Path.of("/proc/self/clear_refs");

  private ProcessMemory() {}

  /** Peak resident memory in bytes; the heap's size where the system does not tell. */
  public static long peakBytes() {
    try {
      for (String line : Files.readAllLines(STATUS, US_ASCII)) {
        if (line.startsWith("VmHWM:")) {
          return Long.parseLong(line.replaceAll("[^0-9]", "")) * 1024;
        }
      }
    } catch (IOException | NumberFormatException unavailable) {
      // Not Linux.
    }
    return Runtime.getRuntime().totalMemory();
  }

  /** Makes the peak begin again at what is held now, where the system can. */
  public static void resetPeak() {
    try {
      Files.writeString(CLEAR_REFS, "5");
    } catch (IOException unavailable) {
      // Then the peak is that of the process so far.
    }
  }
}
