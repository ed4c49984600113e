package io.polystream.format.json;

import io.polystream.format.Encoding;
import io.polystream.format.Format;
import io.polystream.format.FormatOption;
import io.polystream.row.Column;
import java.util.List;
import java.util.Map;

/**
 * NDJSON: one JSON object per line and nothing else, the objects as {@link JsonFormat} has them. No
 * value can hold a line break: in strings it is escaped, and between tokens there is no white
 * space.
 */
public final class NdjsonFormat implements Format {
  private static final byte[] NOTHING = {};
  private static final byte[] OBJECT_END = {'}', '\n'};

  @Override
  public String name() {
    return "ndjson";
  }

  @Override
  public String extension() {
    return "ndjson";
  }

  @Override
  public List<String> otherExtensions() {
    return List.of("jsonl");
  }

  @Override
  public String contentType() {
    return "application/x-ndjson";
  }

  @Override
  public List<FormatOption> options() {
    return List.of();
  }

  @Override
  public Encoding encoding(List<Column> columns, Map<String, String> options) {
    List<Column> fixed = List.copyOf(columns);
    return Encoding.of(NOTHING, NOTHING, NOTHING, () -> new JsonEncoder(fixed, OBJECT_END));
  }
}
