package io.polystream.service.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.polystream.service.http.ByteRanges.ByteRange;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** RFC 9110 section 14, of a file of 1000 bytes unless a test says otherwise. */
class ByteRangesTest {
  private static final long BYTES = 1000;

  private static Optional<List<ByteRange>> parse(String header) {
    return ByteRanges.parse(header, BYTES);
  }

  private static void assertRanges(String header, String wanted) {
    assertThat(parse(header).map(ByteRangesTest::text)).as(header).hasValue(wanted);
  }

  private static String text(List<ByteRange> ranges) {
    return ranges.stream()
        .map(range -> range.first() + "-" + range.last())
        .collect(Collectors.joining(" "));
  }

  @ParameterizedTest
  @CsvSource({
    "bytes=0-0, 0-0",
    "bytes=0-499, 0-499",
    "bytes=500-999, 500-999",
    "bytes=999-999, 999-999",
    "bytes=0-999, 0-999",
    "bytes=007-0010, 7-10",
  })
  void bothEndsAreIncluded(String header, String wanted) {
    assertRanges(header, wanted);
  }

  @ParameterizedTest
  @CsvSource({"bytes=0-, 0-999", "bytes=400-, 400-999", "bytes=999-, 999-999"})
  void anOpenRangeGoesToTheEnd(String header, String wanted) {
    assertRanges(header, wanted);
  }

  @ParameterizedTest
  @CsvSource({"bytes=-1, 999-999", "bytes=-500, 500-999", "bytes=-1000, 0-999"})
  void aSuffixIsTheLastBytes(String header, String wanted) {
    assertRanges(header, wanted);
  }

  @Test
  void aSuffixLongerThanTheFileIsTheFile() {
    assertRanges("bytes=-1001", "0-999");
  }

  @ParameterizedTest
  @CsvSource({"bytes=0-1000, 0-999", "bytes=990-5000, 990-999"})
  void anEndBeyondTheFileIsTheFilesEnd(String header, String wanted) {
    assertRanges(header, wanted);
  }

  @ParameterizedTest
  @ValueSource(strings = {"bytes=1000-", "bytes=1000-1001", "bytes=5000-", "bytes=-0"})
  void whatBeginsBeyondTheFileCannotBeSatisfied(String header) {
    assertThat(parse(header)).hasValue(List.of());
  }

  @ParameterizedTest
  @ValueSource(strings = {"bytes=2-1", "bytes=500-499", "bytes=0-0,2-1", "bytes=5000-4999"})
  void aLastByteBeforeTheFirstMakesTheHeaderWrong(String header) {
    assertThat(parse(header)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "0-1",
        "bytes",
        "bytes 0-1",
        "bytes=",
        "bytes=-",
        "bytes=a-b",
        "bytes=0",
        "bytes=+1-2",
        "bytes=0x1-2",
        "bytes=1-2-3",
        "bytes=--1",
        "bytes=1 - 2",
        "bytes=0-1;2-3",
        "bytes=0-1,x",
        "bytes=\u0661-\u0662",
      })
  void whatIsNotARangeMakesTheHeaderWrong(String header) {
    assertThat(parse(header)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"items=0-1", "rows=0-", "byte=0-1", "bytesx=0-1"})
  void otherUnitsAreIgnored(String header) {
    assertThat(parse(header)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"Bytes=1-2", "BYTES=1-2"})
  void theUnitsNameHasNoCase(String header) {
    assertRanges(header, "1-2");
  }

  @Test
  void numbersMayHaveAnyLength() {
    String huge = "9".repeat(200);
    assertRanges("bytes=1-" + huge, "1-999");
    assertRanges("bytes=-" + huge, "0-999");
    assertRanges("bytes=" + "0".repeat(200) + "1-2", "1-2");
    assertThat(parse("bytes=" + huge + "-")).hasValue(List.of());
    assertThat(parse("bytes=" + huge + "-" + huge)).hasValue(List.of());
    assertThat(parse("bytes=" + huge + "-1")).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "bytes=,0-1,5-6",
        "bytes=0-1,,5-6",
        "bytes=0-1,5-6,",
        "bytes= 0-1 ,\t5-6 ",
        "bytes=,, 0-1, , 5-6,,",
      })
  void elementsOfTheListMayBeEmptyAndHaveSpaceAround(String header) {
    assertRanges(header, "0-1 5-6");
  }

  @ParameterizedTest
  @ValueSource(strings = {"bytes=,", "bytes= , ,"})
  void aListOfNothingIsWrong(String header) {
    assertThat(parse(header)).isEmpty();
  }

  @Test
  void severalComeInTheOrderTheyWereAskedFor() {
    assertRanges("bytes=900-949,0-9,-10", "900-949 0-9 990-999");
  }

  @Test
  void thoseThatCannotBeSatisfiedAreLeftOutOfSeveral() {
    assertRanges("bytes=0-9,1000-,-0,20-29", "0-9 20-29");
    assertThat(parse("bytes=1000-,-0")).hasValue(List.of());
  }

  @Test
  void asManyAsThirtyTwoAreNotTooMany() {
    assertThat(parse(ranges(32)).orElseThrow()).hasSize(32);
    assertThat(parse(ranges(33))).isEmpty();
  }

  @Test
  void thoseThatCannotBeSatisfiedCountAmongTheMany() {
    assertThat(parse(ranges(32) + ",5000-")).isEmpty();
  }

  private static String ranges(int count) {
    return IntStream.range(0, count)
        .mapToObj(i -> 2 * i + "-" + 2 * i)
        .collect(Collectors.joining(",", "bytes=", ""));
  }

  @Test
  void severalMayOverlapButTogetherHaveNoMoreThanTheFile() {
    assertRanges("bytes=0-499,250-749", "0-499 250-749");
    assertThat(parse("bytes=0-499,250-750")).isEmpty();
    assertThat(parse("bytes=0-,0-")).isEmpty();
  }

  @Test
  void anEmptyFileHasNoFirstByte() {
    assertThat(ByteRanges.parse("bytes=0-", 0)).hasValue(List.of());
    assertThat(ByteRanges.parse("bytes=0-0", 0)).hasValue(List.of());
    assertThat(ByteRanges.parse("bytes=-0", 0)).hasValue(List.of());
  }

  /** Section 14.1.2: such a suffix can be satisfied, but no Content-Range could say with what. */
  @Test
  void theLastBytesOfAnEmptyFileAreAllOfIt() {
    assertThat(ByteRanges.parse("bytes=-1", 0)).isEmpty();
    assertThat(ByteRanges.parse("bytes=0-,-5", 0)).isEmpty();
  }

  @Test
  void contentRangeNamesBothEndsAndTheWhole() {
    assertThat(new ByteRange(0, 0).contentRange(1)).isEqualTo("bytes 0-0/1");
    assertThat(new ByteRange(500, 999).contentRange(1000)).isEqualTo("bytes 500-999/1000");
    assertThat(new ByteRange(500, 999).bytes()).isEqualTo(500);
  }
}
