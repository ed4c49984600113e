package io.polystream.toy;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.polystream.format.Encoding;
import io.polystream.format.Format;
import io.polystream.format.FormatOption;
import io.polystream.format.RowEncoder;
import io.polystream.row.ByteSink;
import io.polystream.row.Column;
import io.polystream.row.PlainTexts;
import io.polystream.row.Row;
import java.io.IOException;
import java.util.List;
import java.util.Map;

/** A line for each cell, {@code column=text}, and a line of the mark between rows. */
public final class ToyFormat implements Format {
  @Override
  public String name() {
    return "toy";
  }

  @Override
  public String extension() {
    return "toy";
  }

  @Override
  public String contentType() {
    return "text/x-toy; charset=utf-8";
  }

  @Override
  public List<FormatOption> options() {
    return List.of(FormatOption.of("toyMark", "any text", "toy: stands between rows."));
  }

  @Override
  public Encoding encoding(List<Column> columns, Map<String, String> options) {
    byte[] mark = (options.getOrDefault("toyMark", "--") + "\n").getBytes(UTF_8);
    List<Column> fixed = List.copyOf(columns);
    return Encoding.of(
        "toy\n".getBytes(UTF_8), mark, "end\n".getBytes(UTF_8), () -> new ToyEncoder(fixed));
  }

  private static final class ToyEncoder implements RowEncoder {
    private final List<Column> columns;
    private final PlainTexts texts;

    ToyEncoder(List<Column> columns) {
      this.columns = columns;
      texts = new PlainTexts(columns);
    }

    @Override
    public void encode(Row row, ByteSink sink) throws IOException {
      for (int i = 0; i < columns.size(); i++) {
        sink.write((columns.get(i).name() + "=").getBytes(UTF_8));
        if (!row.isNull(i)) {
          sink.write(texts.text(row, i));
        }
        sink.write((byte) '\n');
      }
    }
  }
}
