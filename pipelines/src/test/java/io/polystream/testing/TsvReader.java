package io.polystream.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.Reader;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVRecord;

/**
 * Reads the lines of a TSV file with code that is not ours: commons-csv cuts them into cells, and
 * the JDK takes the backslashes off.
 */
public final class TsvReader {
  private static final CSVFormat RAW_CELLS =
      CSVFormat.newFormat('\t').builder().setIgnoreEmptyLines(false).get();

  /** The one escape that Java does not have, behind an even number of backslashes. */
  private static final String VERTICAL_TAB = "(?<!\\\\)((?:\\\\\\\\)*)\\\\v";

  private TsvReader() {}

  /** The cells of every line, the header's too; NULL is null. */
  public static List<List<String>> read(Reader file) throws IOException {
    return new ArrayList<>(lines(file).toList());
  }

  /** The same, one line after another. */
  public static Stream<List<String>> lines(Reader file) throws IOException {
    return RAW_CELLS.parse(file).stream().map(TsvReader::cells);
  }

  private static List<String> cells(CSVRecord line) {
    List<String> cells = new ArrayList<>();
    line.forEach(cell -> cells.add(cell.equals("\\N") ? null : unescaped(cell)));
    return cells;
  }

  private static String unescaped(String cell) {
    // Java has escapes that COPY has not: octal numbers, blanks, quotes, line ends.
    assertThat(cell.replace("\\\\", "")).doesNotContainPattern("\\\\[^bfnrtv]");
    return cell.replaceAll(VERTICAL_TAB, "$1\\\\013").translateEscapes();
  }
}
