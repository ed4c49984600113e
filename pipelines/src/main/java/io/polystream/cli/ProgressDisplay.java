package io.polystream.cli;

import io.polystream.export.ExportProgress;
import io.polystream.export.Exporter;
import java.io.PrintWriter;
import java.util.Locale;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/** Shows how far an export is until it is closed. */
sealed interface ProgressDisplay extends AutoCloseable {
  /** Begins to show the export. */
  void follow(Exporter exporter);

  @Override
  void close();

  /** Nothing. */
  final class None implements ProgressDisplay {
    @Override
    public void follow(Exporter exporter) {}

    @Override
    public void close() {}
  }

  /** A line every ten seconds. */
  final class Log implements ProgressDisplay {
    private static final long INTERVAL_MILLIS = 10_000;

    private final PrintWriter err;
    private Ticker ticker;

    Log(PrintWriter err) {
      this.err = err;
    }

    @Override
    public void follow(Exporter exporter) {
      ticker =
          new Ticker(
              INTERVAL_MILLIS,
              () -> exporter.progress().ifPresent(now -> err.println("polystream: " + line(now))));
    }

    static String line(ExportProgress now) {
      double seconds = Math.max(now.seconds(), 1e-3);
      double fraction = now.fraction();
      String remaining =
          fraction > 0
              ? String.format(
                  Locale.ROOT,
                  ", %.0f %%, ETA %.0f s",
                  100 * fraction,
                  seconds * (1 - fraction) / fraction)
              : "";
      return String.format(
          Locale.ROOT,
          "%,d rows, %s, %,.0f rows/s, %s/s%s",
          now.rows(),
          Sizes.text(now.bytes()),
          now.rows() / seconds,
          Sizes.text((long) (now.bytes() / seconds)),
          remaining);
    }

    @Override
    public void close() {
      ticker.close();
    }
  }

  /** One line that is written over and over: percent, rows, rows/s, MB/s, time left. */
  final class Bar implements ProgressDisplay {
    private static final int INTERVAL_MILLIS = 200;
    private static final int DEFAULT_WIDTH = 100;

    private Ticker ticker;
    private final ProgressBar bar =
        new ProgressBarBuilder()
            .setTaskName("exporting")
            .setStyle(ProgressBarStyle.COLORFUL_UNICODE_BLOCK)
            .setUnit(" rows", 1)
            .showSpeed()
            .setUpdateIntervalMillis(INTERVAL_MILLIS)
            .setInitialMax(-1)
            .setConsumer(new ConsoleProgressBarConsumer(System.err, width()))
            .build();

    @Override
    public void follow(Exporter exporter) {
      ticker = new Ticker(INTERVAL_MILLIS, () -> exporter.progress().ifPresent(this::update));
    }

    private void update(ExportProgress now) {
      double fraction = now.fraction();
      if (fraction > 0) {
        bar.maxHint((long) (now.rows() / fraction));
      } else if (now.estimatedRows() > 0) {
        bar.maxHint(now.estimatedRows());
      }
      bar.stepTo(now.rows());
      bar.setExtraMessage(
          " " + Sizes.text((long) (now.bytes() / Math.max(now.seconds(), 1e-3))) + "/s");
    }

    private static int width() {
      int columns = Integer.getInteger("polystream.terminal.columns", DEFAULT_WIDTH);
      return columns > 0 ? columns : DEFAULT_WIDTH;
    }

    @Override
    public void close() {
      ticker.close();
      bar.close();
    }
  }
}
