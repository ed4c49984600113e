package io.polystream.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.polystream.error.ErrorKind;
import io.polystream.error.OutOfMemory;
import io.polystream.error.PolyStreamException;
import io.polystream.export.ClassTraining;
import io.polystream.export.Exporter;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.logging.ConsoleHandler;
import java.util.logging.Level;
import java.util.logging.LogManager;
import java.util.logging.Logger;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;
import picocli.CommandLine.UnmatchedArgumentException;

/** The program {@code polystream}. */
@Command(
    name = "polystream",
    description =
        "Exports PostgreSQL tables of any size to one file, exactly and in constant memory.",
    mixinStandardHelpOptions = true,
    scope = ScopeType.INHERIT,
    versionProvider = Main.Version.class,
    sortOptions = false,
    usageHelpAutoWidth = true)
public final class Main implements Runnable {
  private static final List<Class<?>> COMMANDS =
      List.of(
          ExportCommand.class,
          ExplainCommand.class,
          TablesCommand.class,
          ColumnsCommand.class,
          DemoCommand.class,
          CompletionCommand.class);

  @Spec private CommandSpec spec;

  @Option(
      names = "--verbose",
      scope = ScopeType.INHERIT,
      description = "Show what libraries log, and the stack of an error.")
  private boolean verbose;

  public static void main(String[] args) {
    ProcessGuard.install();
    String training = System.getProperty("polystream.training");
    if (training != null) {
      CommandTraining.run(Path.of(training));
    }
    int exitCode = run(args);
    ProcessGuard.exit(exitCode);
  }

  /** Runs one command and returns its exit code. */
  public static int run(String... args) {
    PrintStream stdout = System.out;
    // JdbcIO prints on standard output; what belongs there goes to the stream kept above.
    System.setOut(new PrintStream(OutputStream.nullOutputStream(), false, UTF_8));
    PrintWriter err = new PrintWriter(System.err, true, UTF_8);
    List<Class<?>> commands = COMMANDS;
    if (args.length > 0 && args[0].equals("export")) {
      // What the other commands take would be read for as long as the database needs for an answer.
      commands = List.of(ExportCommand.class);
      if (Stream.of(args).noneMatch(argument -> argument.startsWith("--runner"))) {
        ClassTraining.begin();
      }
    }
    try {
      return commandLine(commands, new PrintWriter(stdout, true, UTF_8), err).execute(args);
    } catch (RuntimeException | Error e) {
      sayUnlessEnding(err, unexpected(e));
      return ExitCode.INTERNAL.code();
    } finally {
      System.setOut(stdout);
    }
  }

  private static CommandLine commandLine(
      List<Class<?>> commands, PrintWriter stdout, PrintWriter stderr) {
    Main main = new Main();
    CommandLine commandLine = new CommandLine(main);
    commands.forEach(commandLine::addSubcommand);
    describeExitCodes(commandLine);
    commandLine.getSubcommands().values().forEach(Main::describeExitCodes);
    return commandLine
        .setOut(stdout)
        .setErr(stderr)
        .setCaseInsensitiveEnumValuesAllowed(true)
        .setExecutionStrategy(
            parsed -> {
              configureLogging(main.verbose);
              return new CommandLine.RunLast().execute(parsed);
            })
        .setParameterExceptionHandler((e, args) -> wrongArguments(e))
        .setExecutionExceptionHandler((e, command, parsed) -> failed(e, command, main.verbose));
  }

  private static void describeExitCodes(CommandLine command) {
    Map<String, String> meanings = new LinkedHashMap<>();
    for (ExitCode exitCode : ExitCode.values()) {
      meanings.put(String.valueOf(exitCode.code()), exitCode.meaning());
    }
    command
        .getCommandSpec()
        .usageMessage()
        .exitCodeListHeading("%nExit codes:%n")
        .exitCodeList(meanings);
  }

  private static int wrongArguments(ParameterException e) {
    CommandLine command = e.getCommandLine();
    command
        .getErr()
        .println(
            "polystream: "
                + oneLine(plain(e))
                + "; see "
                + command.getCommandSpec().qualifiedName()
                + " --help");
    return ExitCode.CONFIGURATION.code();
  }

  /** What picocli says, in words for people who do not know Java. */
  private static String plain(ParameterException e) {
    if (e instanceof UnmatchedArgumentException unmatched
        && e.getCommandLine().getParent() == null
        && !unmatched.isUnknownOption()) {
      return "unknown command \"" + unmatched.getUnmatched().get(0) + "\"";
    }
    return e.getMessage().replaceFirst("is not an? (long|int)$", "is not a whole number");
  }

  private static int failed(Exception e, CommandLine command, boolean verbose) {
    PrintWriter err = command.getErr();
    ExitCode exitCode;
    if (e instanceof PolyStreamException known) {
      // As every program in a pipeline does whose reader has seen enough.
      if (known.kind() != ErrorKind.OUTPUT_CLOSED) {
        sayUnlessEnding(err, e.getMessage());
      }
      exitCode = ExitCode.of(known.kind());
    } else {
      sayUnlessEnding(err, unexpected(e));
      exitCode = ExitCode.INTERNAL;
    }
    if (verbose) {
      e.printStackTrace(err);
    }
    return exitCode.code();
  }

  /** Whatever fails while the process has to end fails because of that. */
  private static void sayUnlessEnding(PrintWriter err, String message) {
    if (!ProcessGuard.saysWhy()) {
      err.println("polystream: " + oneLine(message));
    }
  }

  private static String unexpected(Throwable thrown) {
    return OutOfMemory.isCauseOf(thrown)
        ? OutOfMemory.MESSAGE
        : "a defect of PolyStream: " + thrown + "; report it";
  }

  private static String oneLine(String message) {
    return message.replaceAll("\\s*\\R\\s*", " ");
  }

  /** Libraries say nothing unless asked: a failure is one line. */
  private static void configureLogging(boolean verbose) {
    LogManager.getLogManager().reset();
    Logger root = Logger.getLogger("");
    root.setLevel(verbose ? Level.INFO : Level.OFF);
    if (verbose) {
      root.addHandler(new ConsoleHandler());
    }
  }

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "name a command");
  }

  static final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() {
      return new String[] {"polystream " + Exporter.version()};
    }
  }
}
