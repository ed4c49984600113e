package io.polystream.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.polystream.error.ErrorKind;
import io.polystream.error.PolyStreamException;
import io.polystream.source.DatabaseUrl;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;

class ConnectionOptionsTest {
  private static final String URL = "postgresql://me:fromUrl@h/d";

  @TempDir private Path directory;

  @Test
  void theFlagGoesBeforeTheEnvironment() {
    Map<String, String> environment = Map.of("DATABASE_URL", "postgresql://other/e");
    assertThat(url(environment, "--db-url", URL)).hasToString("h/d as me");
    assertThat(url(environment)).hasToString("other/e");
    assertThat(url(Map.of("DATABASE_URL", " postgresql://other/e\n"))).hasToString("other/e");
  }

  @Test
  void thePasswordComesFromTheFileThenTheUrlThenTheEnvironment() throws IOException {
    Path file = Files.writeString(directory.resolve("password"), "fromFile \nsecond line\n");
    Map<String, String> environment = Map.of("PGPASSWORD", "fromEnvironment");
    assertThat(url(environment, "--db-url", URL, "--password-file", file.toString()).password())
        .contains("fromFile ");
    assertThat(url(environment, "--db-url", URL).password()).contains("fromUrl");
    assertThat(url(environment, "--db-url", "postgresql://me@h/d").password())
        .contains("fromEnvironment");
    assertThat(url(Map.of(), "--db-url", "postgresql://me@h/d").password()).isEmpty();
  }

  @Test
  void theUserComesFromTheUrlThenTheEnvironment() {
    Map<String, String> environment = Map.of("PGUSER", "you");
    assertThat(url(environment, "--db-url", URL).user()).contains("me");
    assertThat(url(environment, "--db-url", "postgresql://h/d").user()).contains("you");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " "})
  void withoutADatabaseTheRemedyIsNamed(String databaseUrl) {
    String message =
        "no database: give --db-url postgresql://user:password@host:port/database, or set"
            + " DATABASE_URL";
    for (Map<String, String> environment :
        List.of(Map.<String, String>of(), Map.of("DATABASE_URL", databaseUrl))) {
      assertThatThrownBy(() -> url(environment))
          .isInstanceOfSatisfying(
              PolyStreamException.class,
              e -> assertThat(e.kind()).isEqualTo(ErrorKind.CONFIGURATION))
          .hasMessage(message);
    }
  }

  @Test
  void aPasswordFileThatIsNotThereIsNamed() {
    String file = directory.resolve("missing").toString();
    assertThatThrownBy(() -> url(Map.of(), "--db-url", URL, "--password-file", file))
        .isInstanceOfSatisfying(
            PolyStreamException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.STORAGE))
        .hasMessageStartingWith("cannot read the password file " + file);
  }

  private static DatabaseUrl url(Map<String, String> environment, String... args) {
    ConnectionOptions options = new ConnectionOptions();
    CommandSpec command =
        CommandSpec.create().addMixin("connection", CommandSpec.forAnnotatedObject(options));
    new CommandLine(command).parseArgs(args);
    return options.databaseUrl(environment);
  }
}
