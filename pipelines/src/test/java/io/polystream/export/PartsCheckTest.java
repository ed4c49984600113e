package io.polystream.export;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.polystream.error.ErrorKind;
import io.polystream.error.PolyStreamException;
import io.polystream.output.Part;
import io.polystream.output.PlacedPart;
import java.util.List;
import org.junit.jupiter.api.Test;

class PartsCheckTest {
  @Test
  void partsInOrderAreComplete() {
    complete(1, part(0, 0, 0, 10));
    complete(3, part(0, 0, 5, 10), part(1, 0, 15, 10), part(2, 0, 26, 0));
    complete(2, part(0, 0, 0, 10), part(0, 1, 11, 10), part(0, 2, 22, 1), part(1, 0, 23, 5));
    complete(0);
  }

  @Test
  void aMissingPartitionIsFound() {
    wrong(2, part(0, 0, 0, 10));
    wrong(2, part(1, 0, 0, 10));
    wrong(3, part(0, 0, 0, 10), part(2, 0, 10, 10));
    wrong(1);
  }

  @Test
  void aMissingPieceIsFound() {
    wrong(1, part(0, 1, 0, 10));
    wrong(1, part(0, 0, 0, 10), part(0, 2, 10, 10));
    wrong(2, part(0, 0, 0, 10), part(1, 1, 10, 10));
  }

  @Test
  void whatIsThereTwiceIsFound() {
    wrong(1, part(0, 0, 0, 10), part(0, 0, 10, 10));
    wrong(2, part(0, 0, 0, 10), part(1, 0, 10, 10), part(1, 0, 20, 10));
    wrong(1, part(0, 0, 0, 10), part(0, 1, 10, 10), part(0, 1, 20, 10));
  }

  @Test
  void aPartitionTooManyIsFound() {
    wrong(1, part(0, 0, 0, 10), part(1, 0, 10, 10));
  }

  @Test
  void overlappingBytesAreFound() {
    wrong(2, part(0, 0, 0, 10), part(1, 0, 9, 10));
    wrong(1, part(0, 0, 5, 10), part(0, 1, 0, 5));
  }

  @Test
  void everyFileBeginsAgain() {
    complete(2, inFile(0, 0, 0, 5, 10), inFile(1, 1, 0, 5, 10));
    complete(1, inFile(0, 0, 0, 5, 10), inFile(1, 0, 1, 5, 10), inFile(1, 0, 2, 15, 10));
    wrong(2, inFile(0, 0, 0, 5, 10), inFile(2, 1, 0, 5, 10));
    wrong(2, inFile(1, 0, 0, 5, 10), inFile(0, 1, 0, 15, 10));
  }

  private static void complete(int partitions, PlacedPart... parts) {
    assertThatCode(() -> PartsCheck.requireComplete(List.of(parts), partitions))
        .doesNotThrowAnyException();
  }

  private static void wrong(int partitions, PlacedPart... parts) {
    assertThatThrownBy(() -> PartsCheck.requireComplete(List.of(parts), partitions))
        .isInstanceOfSatisfying(
            PolyStreamException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.INTERNAL))
        .hasMessageStartingWith("the parts are not what was planned, so no file was written: ")
        .hasMessageEndingWith("; please report this");
  }

  private static PlacedPart part(int partition, int piece, long offset, long bytes) {
    return inFile(0, partition, piece, offset, bytes);
  }

  private static PlacedPart inFile(int file, int partition, int piece, long offset, long bytes) {
    return new PlacedPart(new Part(partition, piece, bytes, 1, 0, bytes, 0, 0), file, offset);
  }
}
