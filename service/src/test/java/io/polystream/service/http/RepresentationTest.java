package io.polystream.service.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.polystream.format.Format;
import io.polystream.format.Formats;
import io.polystream.output.Compression.Method;
import io.polystream.service.jobs.Job;
import io.polystream.service.jobs.JobStatus;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class RepresentationTest {
  private static final UUID ID = UUID.fromString("01234567-89ab-cdef-0123-456789abcdef");

  private static Job job(String format, Method compression, String fileName) {
    return new Job(
        1,
        ID,
        JobStatus.COMPLETED,
        "{}",
        Formats.byName(format),
        compression,
        Optional.ofNullable(fileName),
        false,
        1,
        Instant.EPOCH,
        Optional.empty(),
        Optional.empty(),
        0,
        Job.Progress.NONE,
        Optional.empty(),
        Optional.empty());
  }

  private static Representation of(Method compression, String acceptEncoding) {
    return Representation.of(
        job("csv", compression, null), Optional.ofNullable(acceptEncoding), false);
  }

  static Stream<String> formats() {
    return Formats.all().stream().map(Format::name);
  }

  @ParameterizedTest
  @MethodSource("formats")
  void aFileThatIsNotCompressedIsTheFormats(String name) {
    Format format = Formats.byName(name);
    Representation plain =
        Representation.of(job(name, Method.NONE, null), Optional.of("gzip"), false);
    assertThat(plain)
        .isEqualTo(
            new Representation(
                format.contentType(),
                Optional.empty(),
                "export_" + ID + "." + format.extension(),
                "",
                false));
  }

  @Test
  void whoAcceptsGzipGetsTheFormatWithACoding() {
    assertThat(of(Method.GZIP, "gzip"))
        .isEqualTo(
            new Representation(
                Formats.byName("csv").contentType(),
                Optional.of("gzip"),
                "export_" + ID + ".csv",
                "",
                true));
  }

  @Test
  void whoDoesNotSayGetsTheSameUnderTheNameOfWhatIsSaved() {
    assertThat(of(Method.GZIP, null))
        .isEqualTo(
            new Representation(
                Formats.byName("csv").contentType(),
                Optional.of("gzip"),
                "export_" + ID + ".csv.gz",
                "",
                true));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "identity", "br", "gzip;q=0", "*;q=0"})
  void whoDoesNotAcceptGzipGetsAFileOfItsOwn(String acceptEncoding) {
    assertThat(of(Method.GZIP, acceptEncoding))
        .isEqualTo(
            new Representation(
                "application/gzip", Optional.empty(), "export_" + ID + ".csv.gz", "-file", true));
  }

  @ParameterizedTest
  @ValueSource(strings = {"gzip", "identity"})
  void whoWantsTheFileGetsItWhateverIsAccepted(String acceptEncoding) {
    assertThat(Representation.of(job("csv", Method.GZIP, null), Optional.of(acceptEncoding), true))
        .isEqualTo(
            new Representation(
                "application/gzip", Optional.empty(), "export_" + ID + ".csv.gz", "-file", false));
  }

  @ParameterizedTest
  @ValueSource(strings = {"zstd", "gzip", ""})
  void zstdIsAFileForEverybody(String acceptEncoding) {
    assertThat(of(Method.ZSTD, acceptEncoding))
        .isEqualTo(
            new Representation(
                "application/zstd", Optional.empty(), "export_" + ID + ".csv.zst", "", false));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "gzip",
        "GZip",
        "x-gzip",
        "deflate, gzip, br",
        "deflate,gzip",
        "gzip;q=1.0",
        "gzip;q=0.001",
        "gzip ; q=0.5",
        "br;q=1.0, gzip;q=0.8, *;q=0.1",
        "*",
        "br, *;q=0.1",
        "gzip, *;q=0",
        "gzip;q=1, identity;q=0",
      })
  void theseAcceptGzip(String header) {
    assertThat(Representation.acceptsGzip(header)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        ",",
        "identity",
        "deflate, br, zstd",
        "gzipped",
        "not-gzip",
        "gzip;q=0",
        "gzip;Q=0",
        "gzip;q=0.0",
        "gzip; q=0.000",
        "gzip ;q=0",
        "x-gzip;q=0",
        "*;q=0",
        "gzip;q=0, *",
        "*, gzip;q=0",
        "*;q=1, gzip;q=0.0",
      })
  void theseDoNot(String header) {
    assertThat(Representation.acceptsGzip(header)).isFalse();
  }

  @ParameterizedTest
  @CsvSource({
    "orders,         NONE, orders.csv,     orders.csv",
    "orders.csv,     NONE, orders.csv,     orders.csv",
    "orders.CSV,     NONE, orders.csv,     orders.csv",
    "orders.json,    NONE, orders.json.csv, orders.json.csv",
    "orders.csv.gz,  NONE, orders.csv.gz.csv, orders.csv.gz.csv",
    "csv,            NONE, csv.csv,        csv.csv",
    "orders,         GZIP, orders.csv,     orders.csv.gz",
    "orders.csv,     GZIP, orders.csv,     orders.csv.gz",
    "orders.gz,      GZIP, orders.csv,     orders.csv.gz",
    "orders.csv.gz,  GZIP, orders.csv,     orders.csv.gz",
    "Orders.Csv.Gz,  GZIP, Orders.csv,     Orders.csv.gz",
    "orders.gz.csv,  GZIP, orders.gz.csv,  orders.gz.csv.gz",
    "orders,         ZSTD, orders.csv.zst, orders.csv.zst",
    "orders.csv.zst, ZSTD, orders.csv.zst, orders.csv.zst",
  })
  void aNameGetsTheExtensionsItHasNotGotYet(
      String fileName, Method compression, String accepted, String saved) {
    Job job = job("csv", compression, fileName);
    assertThat(Representation.of(job, Optional.of("gzip"), false).name()).isEqualTo(accepted);
    assertThat(Representation.of(job, Optional.empty(), false).name()).isEqualTo(saved);
    assertThat(Representation.of(job, Optional.of("gzip"), true).name()).isEqualTo(saved);
  }

  private static String disposition(String fileName) {
    return Representation.of(job("csv", Method.NONE, fileName), Optional.empty(), false)
        .contentDisposition();
  }

  @Test
  void aNameOfAsciiIsQuoted() {
    assertThat(disposition("my orders; 'all' (2)"))
        .isEqualTo("attachment; filename=\"my orders; 'all' (2).csv\"");
  }

  @ParameterizedTest
  @CsvSource({
    "Größe, Gr__e, Gr%C3%B6%C3%9Fe",
    "naïve ~x~, na_ve ~x~, na%C3%AFve%20~x~",
    "表, _, %E8%A1%A8",
    "😀, _, %F0%9F%98%80",
    "a\"b, a_b, a%22b",
    "50%, 50_, 50%25",
    "50%41, 50_41, 50%2541",
    "ü(*)', _(*)', %C3%BC%28%2A%29%27",
  })
  void anyOtherNameIsThereTwice(String fileName, String ascii, String encoded) {
    assertThat(disposition(fileName))
        .isEqualTo(
            "attachment; filename=\"" + ascii + ".csv\"; filename*=UTF-8''" + encoded + ".csv");
  }
}
