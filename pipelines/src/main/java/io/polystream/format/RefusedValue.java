package io.polystream.format;

import io.polystream.error.ErrorKind;
import io.polystream.error.PolyStreamException;
import io.polystream.row.Column;
import io.polystream.row.PlainTexts;
import io.polystream.row.Row;
import java.io.IOException;
import java.util.List;

/** A value that a format has no place for, named by its column and its row. */
public final class RefusedValue {
  private static final int MOST_SHOWN_CHARACTERS = 40;

  private RefusedValue() {}

  /**
   * The failure of an export that meets such a value.
   *
   * @param row where it is; nothing of it may be open
   * @param columns of the row
   * @param why with the format's own remedy, if it has one; the others are added here
   */
  public static PolyStreamException of(Row row, List<Column> columns, int column, String why)
      throws IOException {
    return new PolyStreamException(
        ErrorKind.QUERY,
        "column \""
            + columns.get(column).name()
            + "\""
            + where(row, columns)
            + ": "
            + why
            + "; leave the column out with --columns, or the row with --where, or choose another"
            + " format");
  }

  /** The row, by the value of its first column, when that can be shown. */
  private static String where(Row row, List<Column> columns) throws IOException {
    if (row.isNull(0) || row.isOversize(0)) {
      return "";
    }
    String first = new PlainTexts(columns).text(row, 0).toString();
    return first.length() > MOST_SHOWN_CHARACTERS || first.chars().anyMatch(Character::isISOControl)
        ? ""
        : ", in the row that begins with " + columns.get(0).name() + " = " + first;
  }
}
