package io.polystream.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.polystream.error.ErrorKind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class ExitCodeTest {
  /** What scripts rely on. */
  @Test
  void theCodesAreTheseAndNoOthers() {
    assertThat(
            Arrays.stream(ExitCode.values())
                .collect(Collectors.toMap(code -> code, ExitCode::code)))
        .isEqualTo(
            Map.ofEntries(
                Map.entry(ExitCode.DONE, 0),
                Map.entry(ExitCode.NO_ROWS, 1),
                Map.entry(ExitCode.CONFIGURATION, 2),
                Map.entry(ExitCode.CONNECTION, 3),
                Map.entry(ExitCode.QUERY, 4),
                Map.entry(ExitCode.STORAGE, 5),
                Map.entry(ExitCode.VERIFICATION, 6),
                Map.entry(ExitCode.INTERNAL, 7),
                Map.entry(ExitCode.HANGUP, 129),
                Map.entry(ExitCode.INTERRUPTED, 130),
                Map.entry(ExitCode.PIPE_CLOSED, 141),
                Map.entry(ExitCode.TERMINATED, 143)));
  }

  @ParameterizedTest
  @CsvSource({
    "NO_ROWS, 1",
    "CONFIGURATION, 2",
    "CONNECTION, 3",
    "PASSWORD_MISSING, 3",
    "QUERY, 4",
    "STORAGE, 5",
    "VERIFICATION, 6",
    "INTERNAL, 7",
    "OUTPUT_CLOSED, 141",
    "CANCELLED, 130"
  })
  void everyKindOfErrorHasItsCode(ErrorKind kind, int code) {
    assertThat(ExitCode.of(kind).code()).isEqualTo(code);
  }

  @ParameterizedTest
  @EnumSource(ErrorKind.class)
  void noKindOfErrorIsSuccess(ErrorKind kind) {
    assertThat(ExitCode.of(kind)).isNotEqualTo(ExitCode.DONE);
  }

  @Test
  void theDocumentHasTheSameTable() throws IOException {
    Pattern row = Pattern.compile("\\| (\\d+) \\| ([A-Z_]+) \\|.*");
    try (Stream<String> lines = Files.lines(Path.of("../docs/exit-codes.md"))) {
      assertThat(
              lines
                  .map(row::matcher)
                  .filter(Matcher::matches)
                  .map(found -> found.group(2) + " " + found.group(1)))
          .containsExactlyElementsOf(
              Arrays.stream(ExitCode.values()).map(code -> code + " " + code.code()).toList());
    }
  }

  @ParameterizedTest
  @EnumSource(ExitCode.class)
  void everyCodeSaysWhatItMeans(ExitCode code) {
    assertThat(code.meaning()).isNotBlank().doesNotEndWith(".");
  }
}
