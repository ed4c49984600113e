package io.polystream.source;

import static io.polystream.error.PolyStreamException.configuration;

/**
 * Reads names from a flag's value: runs of characters up to a delimiter, or SQL quoted identifiers
 * ({@code "a ""b"" c"}) that may hold any character.
 */
public final class QuotedText {
  /**
   * One name.
   *
   * @param text without quotes
   * @param quoted whether it was written in quotes
   */
  public record Token(String text, boolean quoted) {
    public Token {
      requireName(text);
    }
  }

  private final String what;
  private final String input;
  private int at;

  /**
   * Begins to read.
   *
   * @param what the flag's name for errors
   */
  public QuotedText(String what, String input) {
    this.what = what;
    this.input = input;
  }

  /** Refuses what is in no name of a database's, and cannot be written into a file. */
  public static void requireName(String text) {
    if (text.codePoints().anyMatch(c -> c == 0 || Character.getType(c) == Character.SURROGATE)) {
      throw configuration(
          "a name cannot have the character U+0000, or half of a surrogate pair, in it");
    }
  }

  /**
   * Reads a name that ends before one of the delimiters or at the end of the input. White space
   * around it does not count; inside quotes it does.
   */
  public Token next(String delimiters) {
    skipSpaces();
    if (at < input.length() && input.charAt(at) == '"') {
      return quoted(delimiters);
    }
    int start = at;
    while (at < input.length() && delimiters.indexOf(input.charAt(at)) < 0) {
      at++;
    }
    return new Token(input.substring(start, at).strip(), false);
  }

  /** Steps over the delimiter if it is next. */
  public boolean skip(char delimiter) {
    boolean found = at < input.length() && input.charAt(at) == delimiter;
    if (found) {
      at++;
    }
    return found;
  }

  /** Whether nothing but white space stands before the next delimiter, or before the end. */
  public boolean isAtDelimiter(String delimiters) {
    skipSpaces();
    return at == input.length() || delimiters.indexOf(input.charAt(at)) >= 0;
  }

  /** Whether everything was read. */
  public boolean atEnd() {
    return at == input.length();
  }

  /** Where the next character is read, to be given to {@link #textFrom}. */
  int position() {
    return at;
  }

  /** What was read since, as it is written. */
  String textFrom(int position) {
    return input.substring(position, at);
  }

  private void skipSpaces() {
    while (at < input.length() && Character.isWhitespace(input.charAt(at))) {
      at++;
    }
  }

  private Token quoted(String delimiters) {
    StringBuilder name = new StringBuilder();
    for (at++; at < input.length(); at++) {
      char c = input.charAt(at);
      if (c != '"') {
        name.append(c);
      } else if (at + 1 < input.length() && input.charAt(at + 1) == '"') {
        name.append('"');
        at++;
      } else {
        at++;
        skipSpaces();
        if (at < input.length() && delimiters.indexOf(input.charAt(at)) < 0) {
          throw configuration(
              what
                  + " "
                  + input
                  + ": after a closing quote comes a delimiter, not '"
                  + input.charAt(at)
                  + "'; write a quote inside a name twice");
        }
        return new Token(name.toString(), true);
      }
    }
    throw configuration(what + " " + input + ": the closing quote is missing");
  }
}
