package io.polystream.format.json;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.polystream.format.Encoding;
import io.polystream.format.Format;
import io.polystream.format.FormatOption;
import io.polystream.row.Column;
import java.util.List;
import java.util.Map;

/** JSON: one array, one object per line, numbers as stored and json columns embedded. */
public final class JsonFormat implements Format {
  private static final byte[] OBJECT_END = {'}'};

  @Override
  public String name() {
    return "json";
  }

  @Override
  public String extension() {
    return "json";
  }

  @Override
  public String contentType() {
    return "application/json";
  }

  @Override
  public List<FormatOption> options() {
    return List.of();
  }

  @Override
  public Encoding encoding(List<Column> columns, Map<String, String> options) {
    List<Column> fixed = List.copyOf(columns);
    return Encoding.of(
        "[".getBytes(US_ASCII),
        ",\n".getBytes(US_ASCII),
        "]\n".getBytes(US_ASCII),
        () -> new JsonEncoder(fixed, OBJECT_END));
  }
}
