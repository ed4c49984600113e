package io.polystream.export;

import static org.assertj.core.api.Assertions.assertThat;

import io.polystream.error.ErrorKind;
import io.polystream.error.PolyStreamException;
import java.net.ConnectException;
import java.sql.SQLException;
import org.junit.jupiter.api.Test;

class RunnerFailuresTest {
  private final PolyStreamException ours =
      new PolyStreamException(ErrorKind.QUERY, "the database refused it");

  private static PolyStreamException saidOf(Throwable thrown) {
    return (PolyStreamException) RunnerFailures.of("flink", thrown);
  }

  @Test
  void whatIsOursOrTheDatabasesIsSaidAsItIs() {
    assertThat(RunnerFailures.of("flink", new IllegalStateException(new RuntimeException(ours))))
        .isSameAs(ours);
    SQLException database = new SQLException("gone");
    assertThat(RunnerFailures.of("flink", new IllegalStateException(database))).isSameAs(database);
  }

  @Test
  void aRunnerThatDoesNotAnswerIsAWrongSetting() {
    Throwable refused = new ConnectException("Connection refused: localhost/127.0.0.1:1");
    refused.initCause(new ConnectException("Connection refused"));
    PolyStreamException said = saidOf(new IllegalStateException("cannot submit", refused));
    assertThat(said.kind()).isEqualTo(ErrorKind.CONFIGURATION);
    assertThat(said)
        .hasMessage(
            "runner flink cannot be reached: Connection refused: localhost/127.0.0.1:1; see its own"
                + " log, and docs/runners.md");
  }

  @Test
  void anythingElseIsTheRunnersOwnFailureInOneLine() {
    PolyStreamException said =
        saidOf(new IllegalStateException("job", new RuntimeException("no slots\n  for 300 s")));
    assertThat(said.kind()).isEqualTo(ErrorKind.INTERNAL);
    assertThat(said)
        .hasMessageContaining(
            "runner flink failed: java.lang.RuntimeException: no slots for 300 s;");
  }
}
