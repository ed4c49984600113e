package io.polystream.format.tsv;

import io.polystream.format.Encoding;
import io.polystream.format.Format;
import io.polystream.format.FormatOption;
import io.polystream.format.HeaderOption;
import io.polystream.row.Column;
import java.util.List;
import java.util.Map;

/** TSV as PostgreSQL's {@code COPY … (FORMAT text, HEADER)} has it: LF, backslashes, NULL \N. */
public final class TsvFormat implements Format {
  private static final byte[] NOTHING = {};

  @Override
  public String name() {
    return "tsv";
  }

  @Override
  public String extension() {
    return "tsv";
  }

  @Override
  public String contentType() {
    return "text/tab-separated-values; charset=utf-8";
  }

  @Override
  public List<FormatOption> options() {
    return List.of(HeaderOption.OPTION);
  }

  @Override
  public Encoding encoding(List<Column> columns, Map<String, String> options) {
    byte[] preamble = HeaderOption.isOn(options) ? TsvEncoder.headerLine(columns) : NOTHING;
    List<Column> fixed = List.copyOf(columns);
    return Encoding.of(preamble, NOTHING, NOTHING, () -> new TsvEncoder(fixed));
  }
}
