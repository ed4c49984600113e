package io.polystream.row;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ByteSinkTest {
  @Test
  void runsOfAnyLengthComeOutInOrderHoweverSmallTheBuffer() throws IOException {
    Random random = new Random(1);
    for (int bufferBytes : new int[] {1, 2, 7, 64}) {
      EmptiedSink emptied = new EmptiedSink(bufferBytes);
      ByteBuilder grown = new ByteBuilder(bufferBytes);
      ByteArrayOutputStream expected = new ByteArrayOutputStream();
      for (int i = 0; i < 500; i++) {
        byte[] run = new byte[random.nextInt(20)];
        random.nextBytes(run);
        int offset = random.nextInt(run.length + 1);
        for (ByteSink sink : new ByteSink[] {emptied, grown}) {
          sink.write((byte) i);
          sink.write(run);
          sink.write(run, offset, run.length - offset);
          sink.write(new Utf8Slice().at(run, offset, run.length - offset));
        }
        expected.write(i);
        expected.write(run);
        expected.write(run, offset, run.length - offset);
        expected.write(run, offset, run.length - offset);
      }
      assertThat(emptied.all()).isEqualTo(expected.toByteArray());
      assertThat(grown.toByteArray()).isEqualTo(expected.toByteArray());
      assertThat(grown.length()).isEqualTo(expected.size());
    }
  }

  @Test
  void reservedRoomIsThereToWriteInto() throws IOException {
    for (ByteSink sink : List.of(new EmptiedSink(8), new ByteBuilder(8))) {
      sink.write("abcde".getBytes(UTF_8));
      sink.reserve(3);
      assertThat(sink.position()).isEqualTo(5);
      sink.reserve(4);
      System.arraycopy("1234".getBytes(UTF_8), 0, sink.buffer(), sink.position(), 4);
      sink.advanceTo(sink.position() + 3);
      sink.write((byte) '!');
      assertThat(new String(all(sink), UTF_8)).isEqualTo("abcde123!");
    }
  }

  @Test
  void anySinkHasRoomForTheMostThatCanBeReserved() throws IOException {
    for (ByteSink sink : List.of(new EmptiedSink(1), new ByteBuilder(1))) {
      sink.write((byte) 'a');
      sink.reserve(ByteSink.MOST_RESERVED_BYTES);
      assertThat(sink.buffer().length - sink.position())
          .isGreaterThanOrEqualTo(ByteSink.MOST_RESERVED_BYTES);
      sink.write((byte) 'b');
      assertThat(new String(all(sink), UTF_8)).isEqualTo("ab");
    }
  }

  @Test
  void moreThanThatIsRefusedEvenWhenThereIsRoom() {
    assertThatThrownBy(() -> new ByteBuilder(1 << 20).reserve(ByteSink.MOST_RESERVED_BYTES + 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("at most 16384 bytes can be reserved, not 16385");
  }

  private static byte[] all(ByteSink sink) {
    return sink instanceof EmptiedSink emptied ? emptied.all() : ((ByteBuilder) sink).toByteArray();
  }

  @Test
  void aBuilderCanBeUsedAgain() throws IOException {
    ByteBuilder sink = new ByteBuilder(2);
    sink.write("first".getBytes(UTF_8));
    byte[] kept = sink.toByteArray();
    sink.clear();
    assertThat(sink.length()).isZero();
    sink.write("2".getBytes(UTF_8));
    assertThat(new String(sink.toByteArray(), UTF_8)).isEqualTo("2");
    assertThat(new String(kept, UTF_8)).isEqualTo("first");
  }

  @Test
  void aBufferHasAtLeastOneByte() {
    assertThatThrownBy(() -> new ByteBuilder(0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("bufferBytes must be positive, not 0");
  }

  @Test
  void aSliceIsAViewThatIsPointedAtAnotherPlace() {
    byte[] bytes = "aé🐘z".getBytes(UTF_8);
    Utf8Slice slice = new Utf8Slice();
    assertThat(slice.length()).isZero();
    assertThat(slice.at(bytes, 1, 6)).isSameAs(slice).hasToString("é🐘");
    assertThat(slice.at(bytes, 7, 1)).hasToString("z");
  }

  @Test
  void aColumnHasAName() {
    assertThatThrownBy(() -> new Column("", Kind.TEXT))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("a column's name must not be empty");
  }

  private static final class EmptiedSink extends ByteSink {
    private final ByteArrayOutputStream emptied = new ByteArrayOutputStream();

    EmptiedSink(int bufferBytes) {
      super(bufferBytes);
    }

    @Override
    protected void makeRoom() {
      emptied.write(buffer, 0, position);
      position = 0;
    }

    byte[] all() {
      makeRoom();
      return emptied.toByteArray();
    }
  }
}
