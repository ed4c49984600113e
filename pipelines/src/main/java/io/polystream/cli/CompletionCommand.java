package io.polystream.cli;

import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.AutoComplete;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code polystream completion SHELL}. */
@Command(
    name = "completion",
    description = "Prints a script that completes commands, flags and their values on Tab.",
    usageHelpAutoWidth = true,
    footerHeading = "%nExamples:%n",
    footer = {
      "  source <(./polystream completion bash)     in ~/.bashrc",
      "  source <(./polystream completion zsh)      in ~/.zshrc, after compinit"
    })
final class CompletionCommand implements Callable<Integer> {
  /** The shells there are scripts for. */
  enum Shell {
    BASH,
    ZSH;

    /** As it is typed. */
    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "bash|zsh", description = "The shell that reads the script.")
  private Shell shell;

  @Override
  public Integer call() {
    String script =
        switch (shell) {
          // Bash's begins with what lets zsh understand it.
          case BASH, ZSH -> AutoComplete.bash("polystream", spec.root().commandLine());
        };
    spec.commandLine().getOut().print(script);
    spec.commandLine().getOut().flush();
    return ExitCode.DONE.code();
  }
}
