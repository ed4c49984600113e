package io.polystream.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SizesTest {
  @ParameterizedTest
  @CsvSource({
    "0, 0 B",
    "1, 1 B",
    "999, 999 B",
    "1000, 1.0 kB",
    "1049, 1.0 kB",
    "1050, 1.1 kB",
    "9999, 10.0 kB",
    "99949, 99.9 kB",
    "99950, 100 kB",
    "100000, 100 kB",
    "999499, 999 kB",
    "999500, 1.0 MB",
    "999999, 1.0 MB",
    "1000000, 1.0 MB",
    "135266304, 135 MB",
    "999999999, 1.0 GB",
    "2000000000, 2.0 GB",
    "1234567890123, 1.2 TB",
    "9223372036854775807, 9223372 TB"
  })
  void threeDigitsAndAUnitAreEnough(long bytes, String expected) {
    assertThat(Sizes.text(bytes)).isEqualTo(expected);
  }

  @Test
  void theMachinesLanguageDoesNotShow() {
    Locale before = Locale.getDefault();
    try {
      Locale.setDefault(Locale.GERMANY);
      assertThat(Sizes.text(1500)).isEqualTo("1.5 kB");
    } finally {
      Locale.setDefault(before);
    }
  }
}
