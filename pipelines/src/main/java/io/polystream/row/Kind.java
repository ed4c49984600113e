package io.polystream.row;

/**
 * What a cell's canonical text is, and so how a format may write it. Formats know kinds, never SQL
 * types; every SQL type has exactly one kind and one canonical text (docs/type-mapping.md).
 */
public enum Kind {
  /** A JSON number, or one of {@code NaN}, {@code Infinity}, {@code -Infinity}. */
  NUMBER(true),
  /** Any characters. */
  TEXT(false),
  /** {@code true} or {@code false}. */
  BOOLEAN(true),
  /**
   * ISO 8601, or {@code infinity}, {@code -infinity}: digits, letters, signs, dots and colons only.
   */
  TEMPORAL(true),
  /** One JSON value without white space between its tokens. */
  JSON(false),
  /**
   * One JSON value other than {@code null}, found at a path in a column. Formats that embed JSON
   * embed it; in text formats a string is its characters ({@link PlainTexts}).
   */
  JSON_PATH(false),
  /** Base64 (RFC 4648 section 4) without line breaks. */
  BINARY(true),
  /** A JSON array of the elements' values, nested for more than one dimension. */
  ARRAY(false);

  private final boolean plain;

  Kind(boolean plain) {
    this.plain = plain;
  }

  /**
   * Whether the text is made only of letters, digits and {@code + - . : / =}, so that no format has
   * to look for characters to escape, and is never empty unless the value is.
   */
  public boolean isPlain() {
    return plain;
  }

  /** Whether the text is JSON that a JSON document can embed as it is. */
  public boolean isJson() {
    return this == JSON || this == JSON_PATH || this == ARRAY;
  }
}
