package io.polystream.format;

import static org.assertj.core.api.Assertions.assertThat;

import io.polystream.row.ByteBuilder;
import io.polystream.row.ByteSink;
import io.polystream.row.Column;
import io.polystream.row.Footer;
import io.polystream.row.Kind;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What every format on the class path has to do. Its cases are data; {@link FileReaders} has a
 * reader of each that shares no code with us.
 */
class FormatContractTest {
  static Stream<FormatCase> cases() {
    return FormatCase.all();
  }

  static Stream<Named<Format>> formats() {
    return Formats.all().stream().map(format -> Named.of(format.name(), format));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void rowsBecomeTheExpectedBytes(FormatCase example) throws IOException {
    assertThat(FileReaders.described(example.format(), encoded(example, false)))
        .isEqualTo(example.expected());
  }

  @ParameterizedTest
  @MethodSource("cases")
  void cellsTooLargeToHoldGiveTheSameBytes(FormatCase example) throws IOException {
    assertThat(encoded(example, true)).isEqualTo(encoded(example, false));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void theSinksSizeDoesNotShow(FormatCase example) throws IOException {
    byte[] expected = encoded(example, false);
    for (boolean oversize : new boolean[] {false, true}) {
      for (int left = 0; left <= 70; left += 7) {
        WindowSink sink =
            new WindowSink(ByteSink.MOST_RESERVED_BYTES, ByteSink.MOST_RESERVED_BYTES - left);
        write(example, oversize, sink);
        assertThat(sink.toByteArray()).isEqualTo(expected);
      }
      WindowSink tiny = new WindowSink(1, 0);
      write(example, oversize, tiny);
      assertThat(tiny.toByteArray()).isEqualTo(expected);
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void aReaderOfTheFormatGetsEveryCellBack(FormatCase example) throws IOException {
    assertReadsBack(example.format(), example.columns(), example.options(), example.rows());
  }

  /** What was thought of for one format is asked of all. */
  @ParameterizedTest
  @MethodSource("cases")
  void whatIsHardForOneFormatSurvivesInAll(FormatCase example) throws IOException {
    for (Format format : Formats.all()) {
      if (FileReaders.canRead(format, example.rows())) {
        assertReadsBack(format, example.columns(), Map.of(), example.rows());
      }
    }
  }

  @ParameterizedTest
  @MethodSource("formats")
  void aCellLargerThanAnyBufferIsWhole(Format format) throws IOException {
    List<Column> columns =
        List.of(
            new Column("text", Kind.TEXT),
            new Column("no quotes", Kind.TEXT),
            new Column("number", Kind.NUMBER),
            new Column("json", Kind.JSON),
            new Column("binary", Kind.BINARY),
            new Column("array", Kind.ARRAY),
            new Column("small", Kind.TEXT));
    String text = "\"🐘\\,\r\n\u0001x".repeat(30_000);
    String number = "1" + "0".repeat(130_000) + ".5";
    String json = "{\"k\":\"" + "v, ".repeat(50_000) + "\"}";
    String array = "[1" + ",1".repeat(80_000) + "]";
    String binary = "AP8Q".repeat(40_000);
    List<List<String>> rows =
        List.of(
            List.of(text, "plain".repeat(40_000), number, json, binary, array, ""),
            // The only character to quote or to escape is the first, or the last.
            List.of(
                "\"" + "x".repeat(100_000), "x".repeat(100_000) + ",", "1", "1", "", "[]", "x"));
    for (boolean oversize : new boolean[] {false, true}) {
      WindowSink sink = new WindowSink(ByteSink.MOST_RESERVED_BYTES + 1, 0);
      write(format, columns, Map.of(), rows, oversize, sink);
      assertThat(FileReaders.read(format, columns, Map.of(), sink.toByteArray()))
          .isEqualTo(FileReaders.expected(format, columns, rows));
    }
  }

  /** Where files have a bound, rows are refused that would need more than this. */
  @ParameterizedTest
  @MethodSource("formats")
  void aFooterIsHardlyShorterThanItMayBe(Format format) throws IOException {
    List<Column> columns = new ArrayList<>();
    List<String> row = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      columns.add(new Column("column " + i, i % 2 == 0 ? Kind.NUMBER : Kind.TEXT));
      row.add(i % 2 == 0 ? "12345" + i : "text " + i);
    }
    Encoding encoding = format.encoding(columns, Map.of());
    RowEncoder encoder = encoding.encoders().get();
    ByteBuilder part = new ByteBuilder(1024);
    encoder.beginPart();
    for (int i = 0; i < 100; i++) {
      encoder.encode(new ArrayRow(row, false), part);
    }
    byte[] entry = encoder.endPart(part).footerEntry();
    ByteBuilder footer = new ByteBuilder(1024);
    encoding
        .footer()
        .write(
            part.length(),
            entry.length == 0 ? List.of() : List.of(new Footer.Entry(0, entry)),
            footer);
    assertThat(encoding.footer().mostBytes(entry.length == 0 ? 0 : 1, entry.length))
        .isBetween((long) footer.length(), footer.length() * 5L / 4);
  }

  /** Parts are joined by the separator alone, so it must be all that stands between rows. */
  @ParameterizedTest
  @MethodSource("formats")
  void anEncoderKeepsNothingFromOnePartForTheNext(Format format) throws IOException {
    List<Column> columns = List.of(new Column("a", Kind.TEXT), new Column("b", Kind.JSON));
    Encoding encoding = format.encoding(columns, Map.of());
    List<List<String>> rows =
        List.of(Arrays.asList(null, "{}"), List.of("\"x\"", "1"), Arrays.asList("", null));
    RowEncoder together = encoding.encoders().get();
    for (List<String> row : rows) {
      ByteBuilder alone = new ByteBuilder(16);
      ByteBuilder afterOthers = new ByteBuilder(16);
      writePart(encoding.encoders().get(), row, alone);
      // One that is given up leaves nothing behind.
      together.beginPart();
      together.encode(new ArrayRow(rows.get(0), false), new ByteBuilder(16));
      writePart(together, row, afterOthers);
      assertThat(afterOthers.toByteArray()).isEqualTo(alone.toByteArray()).isNotEmpty();
    }
  }

  /** The list is the caller's: encoders are made later, and by other threads. */
  @ParameterizedTest
  @MethodSource("formats")
  void anEncodingDoesNotSeeLaterChangesOfTheColumns(Format format) throws IOException {
    List<Column> columns = new ArrayList<>(List.of(new Column("a", Kind.NUMBER)));
    Encoding encoding = format.encoding(columns, Map.of());
    columns.add(new Column("b", Kind.NUMBER));
    ByteBuilder sink = new ByteBuilder(16);
    writePart(encoding.encoders().get(), List.of("1"), sink);
    assertThat(sink.length()).isPositive();
  }

  @ParameterizedTest
  @MethodSource("formats")
  void everyKindHasACase(Format format) {
    Set<Kind> kinds =
        FormatCase.of(format).stream()
            .flatMap(example -> example.columns().stream().map(Column::kind))
            .collect(Collectors.toSet());
    assertThat(kinds).isEqualTo(EnumSet.allOf(Kind.class));
  }

  @ParameterizedTest
  @MethodSource("formats")
  void everyOptionHasACaseAndAWordOnItsValues(Format format) {
    Set<String> used =
        FormatCase.of(format).stream()
            .flatMap(example -> example.options().keySet().stream())
            .collect(Collectors.toSet());
    assertThat(used)
        .isEqualTo(format.options().stream().map(FormatOption::name).collect(Collectors.toSet()));
    assertThat(format.options())
        .allSatisfy(
            option -> {
              assertThat(option.values()).isNotBlank();
              assertThat(option.help()).startsWith(takersOf(option) + ": ").endsWith(".");
              assertThat(option.flag()).matches("--[a-z]+(-[a-z]+)*");
            });
  }

  private static String takersOf(FormatOption option) {
    return Formats.all().stream()
        .filter(format -> format.takes(option.name()))
        .map(Format::name)
        .collect(Collectors.joining(", "));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void aCaseSaysWhereItComesFrom(FormatCase example) {
    assertThat(example.cites()).isNotBlank();
  }

  @ParameterizedTest
  @MethodSource("formats")
  void namesAreWhatPeopleType(Format format) {
    assertThat(format.name()).matches("[a-z]+");
    assertThat(format.extension()).isEqualTo(format.extension().toLowerCase(Locale.ROOT));
    assertThat(format.contentType()).matches("[a-z]+/[a-z.+-]+(; charset=utf-8)?");
  }

  @Test
  void everyFormatIsFoundByItsNameAndItsExtension() {
    for (Format format : Formats.all()) {
      assertThat(Formats.byName(format.name())).isSameAs(format);
      assertThat(Formats.byFileName("dir.x/a." + format.extension())).containsSame(format);
      for (String other : format.otherExtensions()) {
        assertThat(Formats.byFileName("dir.x/a." + other)).containsSame(format);
      }
    }
  }

  private static void assertReadsBack(
      Format format, List<Column> columns, Map<String, String> options, List<List<String>> rows)
      throws IOException {
    ByteBuilder sink = new ByteBuilder(1024);
    write(format, columns, options, rows, false, sink);
    assertThat(FileReaders.read(format, columns, options, sink.toByteArray()))
        .isEqualTo(FileReaders.expected(format, columns, rows));
  }

  private static byte[] encoded(FormatCase example, boolean oversize) throws IOException {
    ByteBuilder sink = new ByteBuilder(1 << 16);
    write(example, oversize, sink);
    return sink.toByteArray();
  }

  private static void write(FormatCase example, boolean oversize, ByteSink sink)
      throws IOException {
    write(example.format(), example.columns(), example.options(), example.rows(), oversize, sink);
  }

  private static void write(
      Format format,
      List<Column> columns,
      Map<String, String> options,
      List<List<String>> rows,
      boolean oversize,
      ByteSink sink)
      throws IOException {
    Encoding encoding = format.encoding(columns, options);
    RowEncoder encoder = encoding.encoders().get();
    sink.write(encoding.preamble());
    encoder.beginPart();
    for (int i = 0; i < rows.size(); i++) {
      if (i > 0) {
        sink.write(encoding.separator());
      }
      encoder.encode(new ArrayRow(rows.get(i), oversize), sink);
    }
    byte[] entry = encoder.endPart(sink).footerEntry();
    List<Footer.Entry> entries =
        entry.length == 0
            ? List.of()
            : List.of(new Footer.Entry(encoding.preamble().length, entry));
    int before = lengthOf(sink);
    encoding.footer().write(before, entries, sink);
    assertThat(lengthOf(sink) - before)
        .isLessThanOrEqualTo((int) encoding.footer().mostBytes(entries.size(), entry.length));
  }

  private static int lengthOf(ByteSink sink) {
    return sink instanceof ByteBuilder builder ? builder.length() : ((WindowSink) sink).length();
  }

  private static void writePart(RowEncoder encoder, List<String> row, ByteSink sink)
      throws IOException {
    encoder.beginPart();
    encoder.encode(new ArrayRow(row, false), sink);
    encoder.endPart(sink);
  }
}
