package io.polystream.source.postgresql;

import io.polystream.error.ErrorKind;
import io.polystream.error.PolyStreamException;
import io.polystream.row.ByteBuilder;
import io.polystream.row.Kind;
import io.polystream.source.JsonCompactor;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * Rows that the guard kept back, read again cell by cell and in chunks on one more connection in
 * the snapshot. One reader at a time uses it: the one whose part is being written.
 */
final class OversizeRows {
  /** A multiple of 3, so that base64 of the chunks is base64 of the whole. */
  private static final int CHUNK_BYTES = 192 * 1024;

  /** Arrays are converted whole. */
  private static final int ARRAY_BYTES = 8 * 1024 * 1024;

  private final SelectStatement select;
  private final Optional<String> whyNotInPieces;
  private final Supplier<Connection> opener;
  private Connection connection;

  /**
   * @param whyNotInPieces why a row cannot be asked for again, if it cannot: it has no ctid, or
   *     there is no snapshot
   */
  OversizeRows(
      SelectStatement select, Optional<String> whyNotInPieces, Supplier<Connection> opener) {
    this.select = select;
    this.whyNotInPieces = whyNotInPieces;
    this.opener = opener;
  }

  OversizeRow row(long number, String widest, String address, String table) {
    if (whyNotInPieces.isPresent()) {
      throw refused(
          select.columns().get(Integer.parseInt(widest) - 1),
          "row " + number,
          select.guardBytes().orElseThrow(),
          whyNotInPieces.get());
    }
    return new OversizeRow("ctid = '" + address + "' AND tableoid = " + table, address);
  }

  private PolyStreamException refused(
      SelectedColumn column, String row, int limitBytes, String why) {
    return new PolyStreamException(
        ErrorKind.QUERY,
        "column \""
            + column.name()
            + "\" of "
            + select.table().toSourceTable().qualifiedName()
            + ", "
            + row
            + ": too large to hold, the row has more than "
            + limitBytes / 1024
            + " KiB of text, and "
            + why
            + "; leave the column out with --columns, or the row with --where");
  }

  synchronized void close() {
    if (connection != null) {
      try {
        connection.close();
      } catch (SQLException broken) {
        // Nothing was written on it.
      }
      connection = null;
    }
  }

  private synchronized Statement statement() throws SQLException {
    if (connection == null) {
      connection = opener.get();
    }
    Statement statement = connection.createStatement();
    statement.setFetchSize(1);
    return statement;
  }

  /** One row; asked only by the reader whose part is being written. */
  final class OversizeRow {
    private final String condition;
    private final String address;
    private boolean[] nulls;

    private OversizeRow(String condition, String address) {
      this.condition = condition;
      this.address = address;
    }

    boolean isNull(int column) {
      if (nulls == null) {
        nulls = readNulls();
      }
      return nulls[column];
    }

    private boolean[] readNulls() {
      String tests =
          select.columns().stream()
              .map(column -> column.expression() + " IS NOT DISTINCT FROM NULL")
              .collect(Collectors.joining(", "));
      try (Statement statement = statement();
          ResultSet row = statement.executeQuery("SELECT " + tests + from())) {
        row.next();
        boolean[] found = new boolean[select.columns().size()];
        for (int i = 0; i < found.length; i++) {
          found[i] = row.getBoolean(i + 1);
        }
        return found;
      } catch (SQLException e) {
        throw SqlFailures.querying("reading row " + address, e);
      }
    }

    private String from() {
      return " FROM " + select.table().quotedName() + " WHERE " + condition;
    }

    InputStream openText(int index) throws IOException {
      SelectedColumn column = select.columns().get(index);
      try {
        return column.type().kind() == Kind.ARRAY ? array(column) : new Chunks(column);
      } catch (SQLException e) {
        throw failed(column, e);
      }
    }

    private PolyStreamException failed(SelectedColumn column, SQLException e) {
      return SqlFailures.querying("reading column \"" + column.name() + "\" of row " + address, e);
    }

    private InputStream array(SelectedColumn column) throws SQLException, IOException {
      String value = column.expression();
      try (Statement statement = statement();
          ResultSet found =
              statement.executeQuery(
                  "SELECT CASE WHEN octet_length("
                      + value
                      + "::text) <= "
                      + ARRAY_BYTES
                      + " THEN "
                      + value
                      + " END"
                      + from())) {
        found.next();
        byte[] arrayText = found.getBytes(1);
        if (arrayText == null) {
          throw refused(column, "row " + address, ARRAY_BYTES, "an array is read whole");
        }
        ByteBuilder text = new ByteBuilder(arrayText.length);
        column.type().text().apply(new TextValues()).decode(arrayText, 0, arrayText.length, text);
        return new ByteArrayInputStream(text.buffer(), 0, text.length());
      }
    }

    /**
     * The canonical text of a cell, a chunk per row of the result. The cell is unpacked once: it is
     * materialized before it is cut.
     */
    private final class Chunks extends InputStream {
      private final SelectedColumn column;
      private final Statement statement;
      private final ResultSet chunks;
      private final JsonCompactor compactor = new JsonCompactor();
      private final ByteBuilder text = new ByteBuilder(2 * CHUNK_BYTES);
      private int position;

      Chunks(SelectedColumn column) throws SQLException {
        this.column = column;
        statement = statement();
        String value =
            column.type().isBytea()
                ? column.expression()
                : "convert_to(" + column.text(column.expression()) + ", 'UTF8')";
        chunks =
            statement.executeQuery(
                "WITH cell AS MATERIALIZED (SELECT "
                    + value
                    + " AS bytes"
                    + from()
                    + ")"
                    + " SELECT substring(bytes FROM start FOR "
                    + CHUNK_BYTES
                    + ")"
                    + " FROM cell, generate_series(1, octet_length(bytes), "
                    + CHUNK_BYTES
                    + ") AS start");
      }

      @Override
      public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
      }

      @Override
      public int read(byte[] target, int offset, int length) throws IOException {
        while (position == text.length()) {
          if (!nextChunk()) {
            return -1;
          }
        }
        int count = Math.min(length, text.length() - position);
        System.arraycopy(text.buffer(), position, target, offset, count);
        position += count;
        return count;
      }

      private boolean nextChunk() throws IOException {
        try {
          if (!chunks.next()) {
            return false;
          }
          byte[] chunk = chunks.getBytes(1);
          text.clear();
          position = 0;
          switch (column.type().kind()) {
            case BINARY -> Base64Text.write(chunk, 0, chunk.length, text);
            case JSON, JSON_PATH -> compactor.write(chunk, 0, chunk.length, text);
            default -> text.write(chunk, 0, chunk.length);
          }
          return true;
        } catch (SQLException e) {
          throw failed(column, e);
        }
      }

      @Override
      public void close() throws IOException {
        try {
          statement.close();
        } catch (SQLException e) {
          throw failed(column, e);
        }
      }
    }
  }
}
