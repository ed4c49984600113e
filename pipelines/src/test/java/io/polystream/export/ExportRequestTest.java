package io.polystream.export;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.polystream.error.ErrorKind;
import io.polystream.error.PolyStreamException;
import io.polystream.output.Compression;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class ExportRequestTest {
  @Test
  void theLowerOfLimitAndCeilingCounts() {
    assertThat(Requests.plain().request().maxRows()).isEmpty();
    assertThat(Requests.plain().limit(5).request().maxRows()).hasValue(5);
    assertThat(Requests.plain().rowCeiling(7).request().maxRows()).hasValue(7);
    assertThat(Requests.plain().limit(5).rowCeiling(7).request().maxRows()).hasValue(5);
    assertThat(Requests.plain().limit(7).rowCeiling(5).request().maxRows()).hasValue(5);
  }

  @ParameterizedTest
  @ValueSource(longs = {0, -1, Long.MIN_VALUE})
  void limitsBelowOneAreRefused(long rows) {
    refused(Requests.plain().limit(rows), "limit must be 1 or more, not " + rows);
    refused(Requests.plain().rowCeiling(rows), "EXPORT_ROW_LIMIT must be 1 or more, not " + rows);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, -1, 5, 100})
  void moreReadersThanFitIntoMemoryAreRefused(int readers) {
    refused(Requests.plain().parallelism(readers), "parallelism must be 1 to 4, not " + readers);
  }

  @Test
  void oneToFourReadersAreFine() {
    for (int readers = 1; readers <= 4; readers++) {
      assertThat(Requests.plain().parallelism(readers).request().reading().parallelism())
          .isEqualTo(readers);
    }
    assertThat(ExportRequest.Reading.defaultParallelism())
        .isEqualTo(Math.min(4, Runtime.getRuntime().availableProcessors()));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " ", "\n\t"})
  void anEmptyPredicateIsRefused(String where) {
    refused(
        Requests.plain().where(where), "where: the predicate is empty; leave it out for all rows");
  }

  @Test
  void anOptionThatTheFormatDoesNotTakeIsRefused() {
    refused(
        Requests.plain().format("json", Map.of("header", "false")),
        "format json does not take the option header: it has none");
  }

  @Test
  void everyOptionWithAWrongValueIsNamed() {
    refused(
        Requests.plain()
            .format(
                "parquet", Map.of("parquetDecimal", "5,6", "parquetCodec", "lzo", "header", "no")),
        "format parquet does not take the option header: it takes parquetCodec, parquetDecimal;"
            + " parquetCodec must be one of snappy, zstd, gzip, none, not \"lzo\"; parquetDecimal"
            + " must be precision,scale, 1 to 38 digits and not more of them after the point, such"
            + " as 38,10, not \"5,6\"");
  }

  @ParameterizedTest
  @EnumSource(names = "NONE", mode = EnumSource.Mode.EXCLUDE)
  void aFormatWithACompressionOfItsOwnTakesNoOther(Compression.Method method) {
    refused(
        Requests.plain().format("parquet", Map.of()).compression(method),
        "a parquet file is compressed inside, not as a whole: leave compression out, and choose how"
            + " with parquetCodec (snappy, zstd, gzip, none)");
  }

  @Test
  void thePasswordIsNotInTheRequestsText() {
    assertThat(Requests.plain().request().toString()).doesNotContain(Requests.SECRET);
  }

  private static void refused(Requests requests, String message) {
    assertThatThrownBy(requests::request)
        .isInstanceOfSatisfying(
            PolyStreamException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.CONFIGURATION))
        .hasMessage(message);
  }
}
