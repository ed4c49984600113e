package io.polystream.source.postgresql;

import java.io.Serializable;

/**
 * A column of a SELECT.
 *
 * @param name what messages call it
 * @param type of what the expression gives
 * @param expression SQL that needs no parentheses around it
 * @param isComputed whether the expression is more than a column, and so should not be evaluated
 *     more than once
 * @param outputFunction what makes its text, quoted and with its schema; empty for what is text
 * @param outputCast a cast to what that function takes, or empty
 */
record SelectedColumn(
    String name,
    PostgresType type,
    String expression,
    boolean isComputed,
    String outputFunction,
    String outputCast)
    implements Serializable {
  private static final long serialVersionUID = 1L;

  /** The text of a value as the type writes it; a cast may write another ({@code inet}). */
  String text(String value) {
    return outputFunction + "(" + value + outputCast + ")::text";
  }
}
