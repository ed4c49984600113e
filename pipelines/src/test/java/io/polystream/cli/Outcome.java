package io.polystream.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;

/** What a command did: its exit code, and what it wrote on its two streams. */
record Outcome(int exitCode, String out, String err) {
  List<String> errorLines() {
    return err.lines().toList();
  }

  String lastErrorLine() {
    List<String> lines = errorLines();
    return lines.isEmpty() ? "" : lines.get(lines.size() - 1);
  }

  /** Done, and nothing of it on standard output: that belongs to commands that list things. */
  Outcome requireDone() {
    requireCode(ExitCode.DONE);
    assertThat(out).as("standard output").isEmpty();
    return this;
  }

  /**
   * Failed as it should: this exit code, nothing on standard output, and on standard error one
   * plain line and nothing else.
   *
   * @param words what the line has to name
   */
  Outcome requireFailure(ExitCode expected, String... words) {
    requireCode(expected);
    assertThat(out).as("standard output").isEmpty();
    assertThat(errorLines()).as("lines on standard error").hasSize(1);
    assertThat(lastErrorLine())
        .startsWith("polystream: ")
        .doesNotContain("Exception", " null", "defect", "  ");
    for (String word : words) {
      assertThat(lastErrorLine()).contains(word);
    }
    return this;
  }

  Outcome requireCode(ExitCode expected) {
    assertThat(exitCode).as("exit code; standard error was:%n%s", err).isEqualTo(expected.code());
    return this;
  }
}
