package io.polystream.output;

import static io.polystream.testing.Patience.await;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.polystream.error.ErrorKind;
import io.polystream.error.PolyStreamException;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.OptionalLong;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(600)
class OrderedAppenderTest {
  private static final OptionalLong ALL = OptionalLong.empty();

  private final RecordingOutput output = new RecordingOutput();
  private final ExecutorService readers = Executors.newCachedThreadPool();

  @AfterEach
  void stopReaders() throws InterruptedException {
    readers.shutdownNow();
    assertThat(readers.awaitTermination(10, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void lanesOfSeveralThreadsWriteTheFileThatOneWrites() throws Exception {
    Random random = new Random(1);
    for (int round = 0; round < 40; round++) {
      List<List<String>> partitions = randomPartitions(random, random.nextInt(30));
      RecordingOutput file = new RecordingOutput();
      OrderedAppender appender = new OrderedAppender(file.files(), ALL);
      int lanes = 1 + random.nextInt(4);
      // From "every byte is passed on" to "all waits in the buffer".
      int bufferBytes = 1 + random.nextInt(300);
      List<PlacedPart> parts = writeInLanes(appender, partitions, lanes, bufferBytes);
      String expected = joined(partitions);
      assertThat(file.text()).isEqualTo(expected);
      assertThat(appender.bytesWritten())
          .isEqualTo(parts.stream().mapToLong(placed -> placed.part().bytes()).sum());
      assertThat(file.file().crc32c()).isEqualTo(crc(expected));
      assertThat(file.file().rows()).isEqualTo(partitions.stream().mapToInt(List::size).sum());
      assertThat(appender.partitionsWritten()).isEqualTo(partitions.size());
      assertDescribed(parts, partitions, file);
    }
  }

  @Test
  void separatorsStandBetweenRowsWhateverPartsAreEmpty() throws IOException {
    assertThat(written(List.of())).isEqualTo("");
    assertThat(written(List.of(List.of()))).isEqualTo("");
    assertThat(written(List.of(List.of("a"), List.of("b")))).isEqualTo("a,b");
    assertThat(written(List.of(List.of(), List.of("a"), List.of()))).isEqualTo("a");
    assertThat(written(List.of(List.of("a", "b"), List.of(), List.of(), List.of("c"))))
        .isEqualTo("a,b,c");
    assertThat(written(List.of(List.of(), List.of(), List.of("a"), List.of("b", "c"))))
        .isEqualTo("a,b,c");
  }

  @Test
  void aPartSaysWhereItsBytesAre() throws IOException {
    RecordingOutput framed = new RecordingOutput("[", ",\n", "]\n", Compression.NONE);
    PartWriter writer =
        new PartWriter(
            new OrderedAppender(framed.files(), ALL),
            bytes(",\n"),
            Compression.NONE,
            PartLimits.ofBytes(PartBuffer.USUAL_BYTES),
            1000);
    write(writer, 0, List.of("one", "two"));
    write(writer, 1, List.of());
    write(writer, 2, List.of("three"));
    ExportFile ended = framed.end();
    assertThat(framed.text()).isEqualTo("[one,\ntwo,\nthree]\n");
    assertThat(writer.parts())
        .containsExactly(
            new PlacedPart(new Part(0, 0, 8, 2, crc("one,\ntwo"), 8, 0, 0), 0, 1),
            new PlacedPart(new Part(1, 0, 0, 0, 0, 0, 0, 0), 0, 9),
            new PlacedPart(new Part(2, 0, 5, 1, crc("three"), 5, 0, 0), 0, 11));
    assertThat(ended.crc32c()).isEqualTo(crc(framed.text()));
  }

  @Test
  void aPartitionLargerThanAPartBecomesSeveral() throws Exception {
    String row = "x".repeat(1_000_000);
    List<List<String>> partitions = new ArrayList<>();
    for (int rows : new int[] {1, 11, 0, 5}) {
      partitions.add(Collections.nCopies(rows, row));
    }
    OrderedAppender appender = new OrderedAppender(output.files(), ALL);
    List<PlacedPart> parts = writeInLanes(appender, partitions, 2, PartBuffer.USUAL_BYTES);
    assertThat(output.text()).isEqualTo(joined(partitions));
    assertThat(output.file().crc32c()).isEqualTo(crc(joined(partitions)));
    // A part ends at the first row's end from four megabytes on.
    assertThat(parts)
        .extracting(OrderedAppenderTest::described)
        .containsExactly("0/0: 1", "1/0: 5", "1/1: 5", "1/2: 1", "2/0: 0", "3/0: 5");
    assertDescribed(parts, partitions, output);
  }

  @Test
  void aRowLargerThanTheBufferIsWritten() throws Exception {
    List<List<String>> partitions =
        List.of(List.of("a".repeat(1000), "b"), List.of("c".repeat(3000)), List.of("d"));
    OrderedAppender appender = new OrderedAppender(output.files(), ALL);
    List<PlacedPart> parts = writeInLanes(appender, partitions, 3, 100);
    assertThat(output.text()).isEqualTo(joined(partitions));
    assertDescribed(parts, partitions, output);
  }

  @Test
  void whoeverHasTheTurnWritesThroughBeforeThePartitionEnds() throws IOException {
    OrderedAppender appender = new OrderedAppender(output.files(), ALL);
    PartWriter writer = writer(appender, 4);
    writer.begin(0);
    PartWriting.write(writer, bytes("123456789"));
    assertThat(output.text()).isEqualTo("12345678");
    assertThat(appender.bytesWritten()).isEqualTo(8);
    assertThat(appender.partitionsWritten()).isZero();
  }

  @Test
  void whoeverHasNotTheTurnFillsItsBufferAndWaits() throws Exception {
    OrderedAppender appender = new OrderedAppender(output.files(), ALL);
    Future<Thread> second = startWriting(appender, 1, "222222", 4);
    PartWriter first = writer(appender, 4);
    awaitWaiting();
    assertThat(output.text()).isEmpty();
    write(first, 0, List.of("1"));
    second.get();
    assertThat(output.text()).isEqualTo("1,222222");
  }

  @Test
  void stopEndsEveryWaitNowAndLater() throws Exception {
    OrderedAppender appender = new OrderedAppender(output.files(), ALL);
    Future<?> buffered = startWriting(appender, 1, "fits", 100);
    Future<?> full = startWriting(appender, 2, "too large", 4);
    awaitWaiting();
    appender.stop();
    for (Future<?> waiting : List.of(buffered, full, startWriting(appender, 3, "late", 100))) {
      assertThat(catchThrowable(waiting::get))
          .isInstanceOf(ExecutionException.class)
          .cause()
          .isInstanceOfSatisfying(
              PolyStreamException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.CANCELLED));
    }
    assertThat(output.text()).isEmpty();
  }

  @Test
  void anInterruptStopsTheOthersToo() throws Exception {
    OrderedAppender appender = new OrderedAppender(output.files(), ALL);
    Future<?> other = startWriting(appender, 2, "x", 100);
    Thread interrupted =
        new Thread(
            () -> {
              PartWriter writer = writer(appender, 100);
              writer.begin(1);
              assertThatThrownBy(() -> PartWriting.end(writer))
                  .isInstanceOf(PolyStreamException.class);
              assertThat(Thread.currentThread().isInterrupted()).isTrue();
            });
    interrupted.start();
    awaitWaiting();
    interrupted.interrupt();
    assertThat(catchThrowable(other::get)).hasCauseInstanceOf(PolyStreamException.class);
    interrupted.join();
  }

  @Test
  void aRowLimitLetsAPartThatHasTheTurnKnowHowManyRowsItMayHave() throws IOException {
    OrderedAppender appender = new OrderedAppender(output.files(), OptionalLong.of(5));
    PartWriter writer = writer(appender, 100);
    writer.begin(0);
    assertThat(writer.maxRows()).hasValue(5);
    writeRow(writer, "a");
    assertThat(writer.maxRows()).hasValue(5);
    assertThat(writer.rows()).isEqualTo(1);
    writeRow(writer, "b");
    PartWriting.end(writer);
    writer.begin(1);
    assertThat(writer.maxRows()).hasValue(3);
    assertThat(writer.rows()).isZero();
    assertThat(writer(unlimited(), 100).maxRows()).isEmpty();
  }

  @Test
  void aRowLimitCountsTheRowsOfAPartitionNotThoseOfItsParts() throws IOException {
    OrderedAppender appender = new OrderedAppender(output.files(), OptionalLong.of(7));
    PartWriter writer = writer(appender, PartBuffer.USUAL_BYTES);
    write(writer, 0, List.of("a"));
    writer.begin(1);
    while (writer.rows() < writer.maxRows().orElseThrow()) {
      writeRow(writer, "x".repeat(PartBuffer.USUAL_BYTES / 2));
    }
    PartWriting.end(writer);
    assertThat(writer.parts())
        .extracting(OrderedAppenderTest::described)
        .containsExactly("0/0: 1", "1/0: 2", "1/1: 2", "1/2: 2");
  }

  @Test
  void anOutputIsFullWhenItHasAllItMayHaveAndThereIsMore() throws IOException {
    OrderedAppender appender = new OrderedAppender(output.files(), OptionalLong.of(1));
    assertThat(appender.isFull()).isFalse();
    PartWriter writer = writer(appender, 100);
    write(writer, 0, List.of("a"));
    // Nobody has looked yet whether that was all.
    assertThat(appender.isFull()).isFalse();
    writer.noteRowsBeyondLimit();
    assertThat(appender.isFull()).isTrue();
    assertThat(appender.limitCutRows()).isTrue();
  }

  @Test
  void aPartThatTurnsOutTooLongIsBegunAgain() throws Exception {
    OrderedAppender appender = new OrderedAppender(output.files(), OptionalLong.of(3));
    PartWriter early = writer(appender, 100);
    early.begin(1);
    for (String row : List.of("c", "d", "e")) {
      writeRow(early, row);
    }
    write(writer(appender, 100), 0, List.of("a", "b"));
    assertThatThrownBy(() -> PartWriting.end(early)).isInstanceOf(PartWriter.RowLimitReached.class);
    assertThat(output.text()).isEqualTo("a,b");
    early.restart();
    assertThat(early.rows()).isZero();
    assertThat(early.maxRows()).hasValue(1);
    writeRow(early, "c");
    PartWriting.end(early);
    assertThat(output.text()).isEqualTo("a,b,c");
    assertThat(early.parts())
        .containsExactly(new PlacedPart(new Part(1, 0, 1, 1, crc("c"), 1, 0, 0), 0, 4));
    assertThat(output.file().crc32c()).isEqualTo(crc("a,b,c"));
    assertThat(output.file().rows()).isEqualTo(3);
  }

  @Test
  void aFullBufferFindsTheLimitBeforeAnythingIsWritten() throws IOException {
    OrderedAppender appender = new OrderedAppender(output.files(), OptionalLong.of(1));
    PartWriter early = writer(appender, 4);
    early.begin(1);
    PartWriting.write(early, bytes("full"));
    write(writer(appender, 4), 0, List.of("a"));
    assertThatThrownBy(() -> early.sink().write(bytes("er")))
        .isInstanceOf(PartWriter.RowLimitReached.class);
    early.restart();
    assertThat(early.maxRows()).hasValue(0);
    PartWriting.end(early);
    assertThat(output.text()).isEqualTo("a");
  }

  @Test
  void whatIsInTheOutputCannotBeBegunAgain() throws IOException {
    PartWriter writer = writer(unlimited(), 4);
    writer.begin(0);
    PartWriting.write(writer, bytes("12345"));
    assertThatThrownBy(writer::restart)
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("partition 0 is in the output already");
  }

  @Test
  void aPartHasNoNegativeSizes() {
    assertThatThrownBy(() -> new Part(0, 0, -1, 0, 0, 0, 0, 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("part 0/0 has a negative place or size");
  }

  private OrderedAppender unlimited() {
    return new OrderedAppender(output.files(), ALL);
  }

  private String written(List<List<String>> partitions) throws IOException {
    RecordingOutput file = new RecordingOutput();
    PartWriter writer = writer(new OrderedAppender(file.files(), ALL), 2);
    for (int i = 0; i < partitions.size(); i++) {
      write(writer, i, partitions.get(i));
    }
    return file.text();
  }

  /** All parts, in order. */
  private List<PlacedPart> writeInLanes(
      OrderedAppender appender, List<List<String>> partitions, int lanes, int bufferBytes)
      throws Exception {
    List<Future<List<PlacedPart>>> running = new ArrayList<>();
    for (int lane = 0; lane < lanes; lane++) {
      int first = lane;
      running.add(
          readers.submit(
              () -> {
                PartWriter writer = writer(appender, bufferBytes);
                for (int i = first; i < partitions.size(); i += lanes) {
                  write(writer, i, partitions.get(i));
                }
                return writer.parts();
              }));
    }
    List<PlacedPart> parts = new ArrayList<>();
    for (Future<List<PlacedPart>> lane : running) {
      parts.addAll(lane.get());
    }
    parts.sort(PlacedPart.IN_ORDER);
    return parts;
  }

  private Future<Thread> startWriting(
      OrderedAppender appender, int partition, String row, int bufferBytes) {
    return readers.submit(
        () -> {
          write(writer(appender, bufferBytes), partition, List.of(row));
          return Thread.currentThread();
        });
  }

  /** Until nobody runs any more who could still write. */
  private static void awaitWaiting() {
    await("everybody to wait")
        .pollInterval(Duration.ofMillis(5))
        .until(
            () ->
                Thread.getAllStackTraces().entrySet().stream()
                    .filter(
                        thread ->
                            List.of(thread.getValue()).stream()
                                .anyMatch(
                                    frame ->
                                        frame
                                            .getClassName()
                                            .equals(OrderedAppender.class.getName())))
                    .map(thread -> thread.getKey().getState())
                    .toList(),
            states -> !states.isEmpty() && states.stream().allMatch(Thread.State.WAITING::equals));
  }

  private static PartWriter writer(OrderedAppender appender, int bufferBytes) {
    return new PartWriter(
        appender,
        bytes(","),
        Compression.NONE,
        PartLimits.ofBytes(PartBuffer.USUAL_BYTES),
        bufferBytes);
  }

  private static String described(PlacedPart placed) {
    Part part = placed.part();
    return part.partition() + "/" + part.piece() + ": " + part.rows();
  }

  private static void write(PartWriter writer, int partition, List<String> rows)
      throws IOException {
    writer.begin(partition);
    for (String row : rows) {
      writeRow(writer, row);
    }
    PartWriting.end(writer);
  }

  private static void writeRow(PartWriter writer, String row) throws IOException {
    PartWriting.write(writer, bytes(row));
  }

  /** Every part's bytes are where it says, and are its rows; between parts there are separators. */
  private static void assertDescribed(
      List<PlacedPart> parts, List<List<String>> partitions, RecordingOutput file) {
    List<List<String>> found = new ArrayList<>();
    byte[] all = file.toByteArray();
    long end = 0;
    for (PlacedPart placed : parts) {
      Part part = placed.part();
      assertThat(placed.offset()).isBetween(end, end + 1);
      end = placed.offset() + part.bytes();
      String text = new String(all, (int) placed.offset(), (int) part.bytes(), UTF_8);
      assertThat(part.crc32c()).isEqualTo(crc(text));
      if (part.piece() == 0) {
        found.add(new ArrayList<>());
      }
      List<String> rows = part.rows() == 0 ? List.of() : List.of(text.split(",", -1));
      assertThat(part.rows()).isEqualTo(rows.size());
      found.get(part.partition()).addAll(rows);
    }
    assertThat(found).isEqualTo(partitions);
    assertThat(end).isEqualTo(all.length);
  }

  private static List<List<String>> randomPartitions(Random random, int count) {
    List<List<String>> partitions = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      List<String> rows = new ArrayList<>();
      for (int row = random.nextInt(3) * random.nextInt(10); row > 0; row--) {
        rows.add(i + "-" + "x".repeat(random.nextInt(40)));
      }
      partitions.add(rows);
    }
    return partitions;
  }

  private static String joined(List<List<String>> partitions) {
    return String.join(",", partitions.stream().flatMap(List::stream).toList());
  }

  private static byte[] bytes(String text) {
    return text.getBytes(UTF_8);
  }

  private static int crc(String text) {
    CRC32C crc = new CRC32C();
    crc.update(bytes(text));
    return (int) crc.getValue();
  }
}
