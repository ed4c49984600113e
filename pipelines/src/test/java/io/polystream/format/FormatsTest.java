package io.polystream.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.polystream.error.ErrorKind;
import io.polystream.error.PolyStreamException;
import io.polystream.format.FormatOption.Spelling;
import io.polystream.row.Column;
import io.polystream.row.Kind;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

class FormatsTest {
  private static final List<Column> COLUMNS = List.of(new Column("a", Kind.TEXT));

  @Test
  void theFormatsOnTheClassPathAreListedByName() {
    assertThat(Formats.all())
        .extracting(Format::name)
        .containsExactly("csv", "json", "ndjson", "parquet", "tsv", "xml");
    assertThat(Formats.names()).isEqualTo("csv, json, ndjson, parquet, tsv, xml");
  }

  @Test
  void anUnknownFormatIsRefusedWithTheKnownOnes() {
    refused(() -> Formats.byName("xlsx"), "unknown format \"xlsx\": use one of " + Formats.names());
  }

  @Test
  void theExtensionIsKnownInAnyCaseButOnlyAtTheEnd() {
    assertThat(Formats.byFileName("Orders.CSV")).map(Format::name).contains("csv");
    assertThat(Formats.byFileName("a.csv.json")).map(Format::name).contains("json");
    assertThat(Formats.byFileName("a.ndjson")).map(Format::name).contains("ndjson");
    assertThat(Formats.byFileName("a.json.txt")).isEmpty();
    assertThat(Formats.byFileName("csv")).isEmpty();
    assertThat(Formats.byFileName("orderscsv")).isEmpty();
    assertThat(Formats.byFileName("")).isEmpty();
  }

  @Test
  void anExtensionThatOthersUseIsUnderstoodAndNotGiven() {
    assertThat(Formats.byFileName("a.JSONL")).map(Format::name).contains("ndjson");
    assertThat(Formats.byName("ndjson").extension()).isEqualTo("ndjson");
  }

  @Test
  void anUnknownOptionIsRefusedWithTheKnownOnes() {
    assertThatThrownBy(
            () -> Formats.requireOptions(Formats.byName("csv"), Map.of("delimiter", ";")))
        .isInstanceOf(PolyStreamException.class)
        .hasMessageStartingWith("format csv does not take the option delimiter: it takes ")
        .hasMessageContainingAll("header", "lineEnding");
  }

  @Test
  void aFormatWithoutOptionsSaysSo() {
    for (String name : List.of("json", "ndjson")) {
      refused(
          () -> Formats.requireOptions(Formats.byName(name), Map.of("header", "true")),
          "format " + name + " does not take the option header: it has none");
    }
  }

  @Test
  void aFormatWithOneOptionSaysWhichOne() {
    refused(
        () -> Formats.requireOptions(Formats.byName("tsv"), Map.of("lineEnding", "crlf")),
        "format tsv does not take the option lineEnding: it takes header");
  }

  @Test
  void anOptionsValueIsCheckedByTheFormat() {
    Format csv = Formats.byName("csv");
    for (Format format : List.of(csv, Formats.byName("tsv"))) {
      refused(
          () -> format.encoding(COLUMNS, Map.of("header", "yes")),
          "must be true or false, not \"yes\"");
    }
    refused(
        () -> csv.encoding(COLUMNS, Map.of("lineEnding", "CR")), "must be crlf or lf, not \"CR\"");
  }

  @Test
  void anOptionIsNamedAsItWasWritten() {
    Format parquet = Formats.byName("parquet");
    assertThat(Formats.problem(parquet, "parquetCodec", "lzo"))
        .contains("parquetCodec must be one of snappy, zstd, gzip, none, not \"lzo\"");
    assertThat(Formats.problem(parquet, "parquetCodec", "lzo", Spelling.FLAG))
        .contains("--parquet-codec must be one of snappy, zstd, gzip, none, not \"lzo\"");
    assertThat(Formats.problem(parquet, "header", "false", Spelling.FLAG))
        .contains(
            "format parquet does not take the option --no-header: it takes --parquet-codec,"
                + " --parquet-decimal");
    assertThat(Formats.problem(parquet, "delimiter", ";", Spelling.FLAG))
        .hasValueSatisfying(
            problem -> assertThat(problem).contains("does not take the option delimiter: "));
  }

  private static void refused(ThrowingCallable what, String message) {
    assertThatThrownBy(what)
        .isInstanceOfSatisfying(
            PolyStreamException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.CONFIGURATION))
        .hasMessage(message);
  }
}
