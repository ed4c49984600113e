package io.polystream.flink;

import java.lang.management.ManagementFactory;
import java.util.List;

/** What other JVMs need as this one does. */
public final class JvmFlags {
  private JvmFlags() {}

  /** Flags that open packages of the JDK. */
  public static List<String> opens() {
    return ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
        .filter(flag -> flag.startsWith("--add-opens"))
        .toList();
  }
}
