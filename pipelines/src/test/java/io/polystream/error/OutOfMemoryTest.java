package io.polystream.error;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import org.junit.jupiter.api.Test;

final class OutOfMemoryTest {
  private static final class NeverInitialized {
    static final Object WANTED = fail();

    private static Object fail() {
      throw new OutOfMemoryError("Java heap space");
    }
  }

  @Test
  void isTheCauseOfWhatWrapsIt() {
    assertThat(OutOfMemory.isCauseOf(new OutOfMemoryError("Java heap space"))).isTrue();
    assertThat(OutOfMemory.isCauseOf(new IllegalStateException(new OutOfMemoryError()))).isTrue();
  }

  @Test
  void isTheCauseOfAClassThatCouldNotBeInitializedForWantOfItEachTimeItIsAskedFor() {
    Throwable first = catchThrowable(() -> NeverInitialized.WANTED.hashCode());
    assertThat(first).isInstanceOf(OutOfMemoryError.class);
    Throwable second = catchThrowable(() -> NeverInitialized.WANTED.hashCode());
    assertThat(second).isInstanceOf(NoClassDefFoundError.class);
    assertThat(OutOfMemory.isCauseOf(second)).isTrue();
    assertThat(OutOfMemory.isCauseOf(new NoClassDefFoundError(second.getMessage()))).isTrue();
  }

  @Test
  void isNotTheCauseOfAClassThatIsNotThere() {
    assertThat(OutOfMemory.isCauseOf(new NoClassDefFoundError("org/example/Missing"))).isFalse();
    assertThat(OutOfMemory.isCauseOf(new IllegalStateException())).isFalse();
  }
}
