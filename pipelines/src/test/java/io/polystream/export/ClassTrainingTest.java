package io.polystream.export;

import static org.assertj.core.api.Assertions.assertThatCode;

import org.junit.jupiter.api.Test;

final class ClassTrainingTest {
  @Test
  void runsWithoutADatabase() {
    assertThatCode(ClassTraining::run).doesNotThrowAnyException();
  }
}
