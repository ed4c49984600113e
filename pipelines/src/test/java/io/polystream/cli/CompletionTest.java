package io.polystream.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.polystream.format.Format;
import io.polystream.format.Formats;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The script that {@code completion} prints, as bash runs it. */
class CompletionTest {
  @TempDir private static Path directory;
  private static Path script;

  @BeforeAll
  static void writeScript() throws IOException {
    script = directory.resolve("completion");
    Outcome outcome = Cli.run("completion", "bash").requireCode(ExitCode.DONE);
    assertThat(outcome.err()).isEmpty();
    Files.writeString(script, outcome.out());
  }

  /** What Tab would offer at the end of the line. */
  private static List<String> offered(String line) throws IOException, InterruptedException {
    Process bash =
        new ProcessBuilder(
                "bash",
                "--norc",
                "-c",
                """
                source "$1"
                compopt() { :; }
                line="$2"
                read -ra COMP_WORDS <<<"$line"
                [[ $line == *' ' ]] && COMP_WORDS+=("")
                COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
                COMP_LINE=$line
                COMP_POINT=${#line}
                _complete_polystream
                printf '%s\\n' "${COMPREPLY[@]}"
                """,
                "bash",
                script.toString(),
                line)
            .redirectErrorStream(true)
            .start();
    String answer = new String(bash.getInputStream().readAllBytes(), UTF_8);
    assertThat(bash.waitFor()).as(answer).isZero();
    return answer.lines().map(String::strip).filter(word -> !word.isEmpty()).toList();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "polystream |export explain tables columns demo completion",
        "polystream ex|export explain",
        "polystream export --compression |none gzip zstd",
        "polystream export --compression z|zstd",
        "polystream explain --read |auto copy cursor",
        "polystream export --line-ending |crlf lf",
        "polystream export --summary |text json",
        "polystream export --progress |auto bar log none",
        "polystream export --max-|--max-file-bytes --max-file-rows",
        "polystream completion |bash zsh",
      },
      ignoreLeadingAndTrailingWhitespace = false)
  void commandsFlagsAndTheirValuesAreOffered(String line, String words) throws Exception {
    assertThat(offered(line)).containsExactlyInAnyOrder(words.split(" "));
  }

  @ParameterizedTest
  @ValueSource(strings = {"export", "explain"})
  void everyFormatIsOffered(String command) throws Exception {
    assertThat(offered("polystream " + command + " --table t --format "))
        .containsExactlyInAnyOrderElementsOf(Formats.all().stream().map(Format::name).toList());
  }

  @Test
  void everyFlagOfExportIsOffered() throws Exception {
    assertThat(offered("polystream export --"))
        .contains("--table", "--request", "--config", "--name", "--database", "--dump-config")
        .contains("--no-password", "--verbose", "--help");
  }

  @Test
  void itIsForTheLauncherWhateverItsDirectory() throws IOException {
    assertThat(Files.readString(script))
        .contains("complete -F _complete_polystream -o default polystream")
        .contains("ZSH_VERSION", "bashcompinit");
    assertThat(Cli.run("completion", "zsh").out()).isEqualTo(Files.readString(script));
  }

  @ParameterizedTest
  @ValueSource(strings = {"completion", "completion fish"})
  void otherShellsAreRefused(String args) {
    Cli.run(args.split(" ")).requireFailure(ExitCode.CONFIGURATION, "bash", "zsh");
  }
}
