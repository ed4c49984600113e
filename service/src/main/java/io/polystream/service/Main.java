package io.polystream.service;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.polystream.demo.DemoDatabase;
import io.polystream.error.ErrorKind;
import io.polystream.error.PolyStreamException;
import io.polystream.export.ClassTraining;
import io.polystream.export.Exporter;
import io.polystream.process.Signals;
import io.polystream.service.log.ServiceLog;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Option;

/** The program {@code polystream serve}. */
@Command(
    name = "polystream serve",
    description = "Exports tables over HTTP: submit, watch, download, cancel.",
    mixinStandardHelpOptions = true,
    versionProvider = Main.Version.class,
    sortOptions = false,
    usageHelpAutoWidth = true,
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:it was told to end, and did so in order",
      "2:an argument or a setting is wrong",
      "3:out of memory, or the demo's database does not start",
      "5:a file or a directory cannot be read or written",
      "7:a defect of PolyStream",
      "130:a second Ctrl-C ended it before its exports"
    },
    footerHeading = "%nSettings are environment variables; .env.example has them all:%n",
    footer = {
      "  DATABASE_URL=postgresql://me:secret@localhost:5432/shop ./polystream serve",
      "  curl -s localhost:8080/exports -H 'Content-Type: application/json' \\",
      "    -d '{\"table\":\"orders\",\"format\":\"csv\",\"columns\":[{\"source\":\"id\"}]}'"
    })
public final class Main implements Callable<Integer> {
  private static final int CONFIGURATION = 2;
  private static final int CONNECTION = 3;
  private static final int STORAGE = 5;
  private static final int INTERNAL = 7;

  /** 128 and the signal's number, as shells have it. */
  private static final int INTERRUPTED = 130;

  private static final Logger LOG = LoggerFactory.getLogger(Main.class);

  private static final CompletableFuture<Void> TOLD_TO_END = new CompletableFuture<>();

  @Option(
      names = "--demo",
      description = "With a PostgreSQL of its own, filled with a table records.")
  private boolean demo;

  @Option(
      names = "--rows",
      paramLabel = "N",
      defaultValue = "1000000",
      description = "Rows in the demo's table. Default: ${DEFAULT-VALUE}.")
  private long rows;

  @Option(
      names = "--insecure",
      description =
          "Listen on addresses that other machines reach, though whoever reaches them may export.")
  private boolean insecure;

  public static void main(String[] args) {
    Signals.handle("TERM", () -> TOLD_TO_END.complete(null));
    Signals.handle("INT", Main::interrupt);
    String training = System.getProperty("polystream.training");
    if (training != null) {
      ServiceTraining.run(Path.of(training));
    }
    System.exit(run(args));
  }

  /** Whoever presses Ctrl-C again does not want to wait; jobs that ran start again. */
  private static void interrupt() {
    if (!TOLD_TO_END.complete(null)) {
      Runtime.getRuntime().halt(INTERRUPTED);
    }
  }

  static int run(String... args) {
    PrintWriter err = new PrintWriter(System.err, true, UTF_8);
    PrintWriter out = new PrintWriter(System.out, true, UTF_8);
    // JdbcIO prints on standard output.
    System.setOut(new PrintStream(OutputStream.nullOutputStream(), false, UTF_8));
    return new CommandLine(new Main())
        .setOut(out)
        .setErr(err)
        .setParameterExceptionHandler(
            (e, parsed) -> {
              err.println("polystream: " + e.getMessage() + "; see polystream serve --help");
              return CONFIGURATION;
            })
        .setExecutionExceptionHandler((e, command, parsed) -> failed(e, err))
        .execute(args);
  }

  private static int failed(Exception e, PrintWriter err) {
    if (!(e instanceof PolyStreamException known)) {
      err.println("polystream: a defect of PolyStream: " + e + "; report it");
      return INTERNAL;
    }
    err.println("polystream: " + e.getMessage());
    return known.kind() == ErrorKind.CONFIGURATION
        ? CONFIGURATION
        : known.kind() == ErrorKind.STORAGE
            ? STORAGE
            : known.kind() == ErrorKind.CONNECTION ? CONNECTION : INTERNAL;
  }

  @Override
  public Integer call() {
    ServiceSettings settings = ServiceSettings.of(System.getenv());
    if (rows < 1) {
      throw PolyStreamException.configuration("--rows must be 1 or more, not " + rows);
    }
    if (!settings.isLoopback() && !insecure) {
      throw PolyStreamException.configuration(
          "BIND_ADDRESS "
              + settings.bindAddress()
              + " can be reached from other machines, and whoever reaches the service may export:"
              + " leave it out for this machine only, or say --insecure");
    }
    ServiceLog.configure(settings.logFormat() == ServiceSettings.LogFormat.JSON);
    if (!demo) {
      serve(settings);
      return 0;
    }
    try (DemoDatabase database = DemoDatabase.start()) {
      say(settings, String.format(Locale.ROOT, "filling the table records with %,d rows", rows));
      if (isSeeded(database)) {
        serve(settings.withDatabase(database.url()));
      }
    }
    return 0;
  }

  /** Whether all rows are there: not when somebody told the program to end meanwhile. */
  private boolean isSeeded(DemoDatabase database) {
    CompletableFuture<Void> seeding = CompletableFuture.runAsync(() -> database.seed(rows));
    try {
      CompletableFuture.anyOf(seeding, TOLD_TO_END).join();
    } catch (CompletionException e) {
      throw e.getCause() instanceof PolyStreamException known ? known : e;
    }
    return seeding.isDone();
  }

  private static void serve(ServiceSettings settings) {
    PolyStreamService service = PolyStreamService.start(settings, Clock.systemUTC());
    try {
      say(
          settings,
          Exporter.version()
              + " listens on http://"
              + (settings.bindAddress().contains(":")
                  ? "[" + settings.bindAddress() + "]"
                  : settings.bindAddress())
              + ":"
              + service.port()
              + ", files go to "
              + settings.exportDirectory().toAbsolutePath());
      // The first export finds its classes loaded.
      ClassTraining.begin();
      TOLD_TO_END.join();
    } finally {
      service.stop();
    }
  }

  /** To whoever sits before it, or as a line of the log where all lines have to be objects. */
  private static void say(ServiceSettings settings, String line) {
    if (settings.logFormat() == ServiceSettings.LogFormat.JSON) {
      LOG.info(line);
    } else {
      System.err.println("polystream: " + line);
    }
  }

  /** From the jar. */
  static final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() {
      return new String[] {"polystream " + Exporter.version()};
    }
  }
}
