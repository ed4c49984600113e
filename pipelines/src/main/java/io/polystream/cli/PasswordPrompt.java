package io.polystream.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.polystream.error.ErrorKind;
import io.polystream.error.PolyStreamException;
import java.io.File;
import java.io.IOException;
import java.util.Optional;

/** Asks the person at the terminal for a password, without showing what is typed. */
final class PasswordPrompt {
  private static final File TERMINAL = new File("/dev/tty");

  /** What the script ends with when a signal ends it. */
  private static final int SIGNALLED = 130;

  /**
   * Java's own console needs standard output to be a terminal, too, and from 22 on is another
   * thing. The shell puts the terminal back as it was, whatever becomes of this process.
   */
  private static final String SCRIPT =
      """
      saved=$(stty -g) || exit 1
      trap 'stty "$saved"' EXIT
      trap 'exit 130' HUP INT TERM
      stty -echo
      printf '%s' "$1" >&2
      IFS= read -r word
      ended=$?
      echo >&2
      [ "$ended" -eq 0 ] || exit 1
      printf '%s' "$word"
      """;

  private PasswordPrompt() {}

  /** Whether somebody may be there: only the launcher can tell whether stdin is a terminal. */
  static boolean isPossible() {
    return Boolean.getBoolean("polystream.terminal.stdin");
  }

  /**
   * What was typed, up to the end of the line; empty when nothing was.
   *
   * @param database whose password is wanted, in words
   * @throws PolyStreamException when Ctrl-C is the answer. The terminal sends the signal to the
   *     shell and to this process, and whichever has it first must not decide what is said.
   */
  static Optional<String> ask(String database) {
    try {
      Process shell =
          new ProcessBuilder("sh", "-c", SCRIPT, "sh", "Password for " + database + ": ")
              .redirectInput(TERMINAL)
              .redirectError(TERMINAL)
              .start();
      Thread restore = new Thread(shell::destroy, "restore terminal");
      Runtime.getRuntime().addShutdownHook(restore);
      String typed = new String(shell.getInputStream().readAllBytes(), UTF_8);
      int ended = shell.waitFor();
      if (ended == SIGNALLED) {
        throw new PolyStreamException(ErrorKind.CANCELLED, ProcessGuard.STOPPED);
      }
      Runtime.getRuntime().removeShutdownHook(restore);
      return ended == 0 && !typed.isEmpty() ? Optional.of(typed) : Optional.empty();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Optional.empty();
    } catch (IOException | IllegalStateException e) {
      // There is no terminal, or the process is ending: as if nobody had answered.
      return Optional.empty();
    }
  }
}
