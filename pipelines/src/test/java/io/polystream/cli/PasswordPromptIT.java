package io.polystream.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.polystream.testing.PostgresExtension;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** A person at a terminal is asked for the password, on a terminal of the test's making. */
class PasswordPromptIT {
  @RegisterExtension static final PostgresExtension postgres = new PostgresExtension();

  private static final String ROLE = "asked";
  private static final String PASSWORD = "Xq7W %$'\"\\ü€";

  /**
   * Runs a command with a terminal, types what it is told to when it is asked for a password (or
   * signals just the shell that asks), and tells whether the terminal shows again what is typed.
   */
  private static final String TERMINAL =
      """
      #!/usr/bin/env python3
      import os, pty, signal, sys
      def only_child(parent):
          for process in filter(str.isdigit, os.listdir("/proc")):
              try:
                  with open("/proc/" + process + "/stat") as stat:
                      if stat.read().rpartition(")")[2].split()[1] == str(parent):
                          return int(process)
              except OSError:
                  pass
      pid, terminal = pty.fork()
      if pid == 0:
          command = 'trap : INT; "$@"%s; code=$?; stty -a; exit $code'
          os.execvp("sh", ["sh", "-c", command, "sh"] + %s + sys.argv[1:])
      said = b""
      typed = False
      while True:
          try:
              more = os.read(terminal, 4096)
          except OSError:
              break
          if not more:
              break
          said += more
          if b"Password for " in said and said.endswith(b": ") and not typed:
              typed = True
              if os.environ["TYPED"] == "SIGINT":
                  os.kill(only_child(only_child(pid)), signal.SIGINT)
              else:
                  os.write(terminal, os.environ["TYPED"].encode())
      sys.stdout.buffer.write(said)
      sys.stdout.flush()
      sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
      """;

  @TempDir private static Path scripts;
  private static Path accessRules;
  private static String accessRulesBefore;

  @BeforeAll
  static void guardARoleByPassword() throws Exception {
    assumeThat(new ProcessBuilder("sh", "-c", "python3 -c 'import pty'").start().waitFor())
        .as("python3, which makes the terminal")
        .isZero();
    postgres.execute(
        "CREATE TABLE item (id int)",
        "INSERT INTO item VALUES (1)",
        "CREATE ROLE " + ROLE + " LOGIN PASSWORD '" + PASSWORD.replace("'", "''") + "'",
        "GRANT SELECT ON item TO " + ROLE);
    accessRules = Path.of(postgres.queryText("SHOW hba_file"));
    accessRulesBefore = Files.readString(accessRules, UTF_8);
    Files.writeString(
        accessRules, "host all " + ROLE + " all scram-sha-256\n" + accessRulesBefore, UTF_8);
    postgres.execute("SELECT pg_reload_conf()");
  }

  @AfterAll
  static void trustAgain() throws SQLException, IOException {
    if (accessRules != null) {
      Files.writeString(accessRules, accessRulesBefore, UTF_8);
      postgres.execute("SELECT pg_reload_conf()", "DROP OWNED BY " + ROLE, "DROP ROLE " + ROLE);
    }
  }

  private static String url() {
    return postgres.urlText().replace("//" + PostgresExtension.USER, "//" + ROLE);
  }

  /**
   * @param redirection of standard output, in the shell's words
   */
  private static Outcome atTerminal(String typed, String redirection, String... args)
      throws IOException, InterruptedException {
    List<String> java =
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-XX:TieredStopAtLevel=1",
            "-Dpolystream.terminal.stdin=true",
            "-cp",
            System.getProperty("java.class.path"),
            Main.class.getName());
    List<String> quoted = new ArrayList<>();
    java.forEach(word -> quoted.add("'" + word + "'"));
    Path script = Files.createTempFile(scripts, "terminal", ".py");
    Files.writeString(script, TERMINAL.formatted(redirection, quoted), UTF_8);
    Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwx------"));
    return CliProcess.withEnvironment(Map.of("TYPED", typed, "LC_ALL", "C.UTF-8"))
        .launcher(script)
        .run(args);
  }

  private static void requireShownAgain(Outcome outcome) {
    assertThat(outcome.out()).doesNotContain(PASSWORD).containsPattern("[ ;]echo[ ;]");
  }

  private static int timesAsked(Outcome outcome) {
    return outcome.out().split("Password for ", -1).length - 1;
  }

  @Test
  void whatIsTypedIsThePasswordAndIsNotShown() throws Exception {
    Path file = postgres.directory().resolve("out.csv");
    Outcome outcome =
        atTerminal(
            PASSWORD + "\n",
            " >" + file,
            "export",
            "--db-url",
            url(),
            "--table",
            "item",
            "-o",
            "-");
    outcome.requireCode(ExitCode.DONE);
    assertThat(file).hasBinaryContent("id\r\n1\r\n".getBytes(UTF_8));
    assertThat(outcome.out())
        .contains("Password for localhost:" + postgres.port() + "/")
        .contains(" as " + ROLE + ": ");
    assertThat(timesAsked(outcome)).isEqualTo(1);
    requireShownAgain(outcome);
  }

  @Test
  void aWrongOneEndsItAfterOneQuestion() throws Exception {
    Outcome outcome = atTerminal("wrong\n", "", "tables", "--db-url", url());
    outcome.requireCode(ExitCode.CONNECTION);
    assertThat(outcome.out()).contains("password authentication failed").doesNotContain("wrong\r");
    assertThat(timesAsked(outcome)).isEqualTo(1);
    requireShownAgain(outcome);
  }

  @Test
  void nobodyIsAskedWhoDoesNotWantToBe() throws Exception {
    Outcome outcome = atTerminal("", "", "columns", "item", "--no-password", "--db-url", url());
    outcome.requireCode(ExitCode.CONNECTION);
    assertThat(outcome.out()).contains("check the user and the password (--password-file or");
    assertThat(timesAsked(outcome)).isZero();
  }

  @Test
  void whoHasGivenAWrongOneIsNotAskedForAnother() throws Exception {
    Outcome outcome =
        atTerminal("", "", "tables", "--db-url", url().replace(ROLE + "@", ROLE + ":wrong@"));
    outcome.requireCode(ExitCode.CONNECTION);
    assertThat(timesAsked(outcome)).isZero();
  }

  @Test
  void atTheQuestionCtrlCEndsItAndTheTerminalIsAsItWas() throws Exception {
    Outcome outcome = atTerminal("\u0003", "", "explain", "--db-url", url(), "--table", "item");
    outcome.requireCode(ExitCode.INTERRUPTED);
    requireShownAgain(outcome);
  }

  /** The terminal signals both; either may see to it first. */
  @Test
  void theShellThatAsksMayHaveCtrlCBeforeTheProgram() throws Exception {
    assumeThat(Path.of("/proc/self/stat")).exists();
    Outcome outcome = atTerminal("SIGINT", "", "tables", "--db-url", url());
    outcome.requireCode(ExitCode.INTERRUPTED);
    assertThat(outcome.out()).contains("stopped by a signal").doesNotContain("no password was");
    requireShownAgain(outcome);
  }

  @Test
  void aPersonWhoTypesNothingHasGivenNone() throws Exception {
    Outcome outcome = atTerminal("\u0004", "", "tables", "--db-url", url());
    outcome.requireCode(ExitCode.CONNECTION);
    assertThat(outcome.out()).contains("no password was provided");
    requireShownAgain(outcome);
  }
}
