package io.polystream.cli;

import io.polystream.export.Exporter;
import java.io.PrintWriter;
import java.util.Locale;
import java.util.function.Supplier;
import picocli.CommandLine.Option;

/** What a person sees while rows flow. */
final class ProgressOptions {
  /** How progress is shown. */
  enum Style {
    AUTO,
    BAR,
    LOG,
    NONE;

    /** As it is typed, for completion. */
    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  @Option(
      names = "--progress",
      paramLabel = "auto|bar|log|none",
      description =
          "A bar, or a line every 10 s; auto is a bar on a terminal. Always on standard error.")
  private Style style = Style.AUTO;

  @Option(names = "--quiet", description = "Only errors.")
  private boolean quiet;

  boolean isQuiet() {
    return quiet;
  }

  /** Shows the progress of the export while the work goes on. */
  <T> T show(Exporter exporter, PrintWriter err, Supplier<T> work) {
    try (ProgressDisplay display = display(err)) {
      display.follow(exporter);
      return work.get();
    }
  }

  private ProgressDisplay display(PrintWriter err) {
    // The launcher knows whether standard error is a terminal; Java does not.
    boolean terminal = Boolean.getBoolean("polystream.terminal");
    Style chosen = style == Style.AUTO ? (terminal ? Style.BAR : Style.LOG) : style;
    if (quiet || chosen == Style.NONE) {
      return new ProgressDisplay.None();
    }
    return chosen == Style.BAR ? new ProgressDisplay.Bar() : new ProgressDisplay.Log(err);
  }
}
