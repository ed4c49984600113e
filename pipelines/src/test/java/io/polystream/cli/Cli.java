package io.polystream.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.polystream.testing.PostgresExtension;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;

/** Runs the command line in this JVM, one command at a time, and keeps what it prints. */
final class Cli {
  private Cli() {}

  static Outcome run(String... args) {
    PrintStream stdout = System.out;
    PrintStream stderr = System.err;
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    int exitCode;
    try (PrintStream capturedOut = new PrintStream(out, true, UTF_8);
        PrintStream capturedErr = new PrintStream(err, true, UTF_8)) {
      System.setOut(capturedOut);
      System.setErr(capturedErr);
      exitCode = Main.run(args);
    } finally {
      System.setOut(stdout);
      System.setErr(stderr);
    }
    return new Outcome(exitCode, out.toString(UTF_8), err.toString(UTF_8));
  }

  /** {@code polystream export} from the test's database. */
  static Outcome export(PostgresExtension postgres, String... args) {
    return run(exportArgs(postgres.urlText(), args));
  }

  /** Without a line of progress every 10 s, unless a test asks for it: a machine may be slow. */
  static String[] exportArgs(String url, String... args) {
    List<String> all = new ArrayList<>(List.of("export", "--db-url", url));
    if (!List.of(args).contains("--progress")) {
      all.addAll(List.of("--progress", "none"));
    }
    all.addAll(List.of(args));
    return all.toArray(String[]::new);
  }
}
