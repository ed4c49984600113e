package io.polystream.source.postgresql;

/** Quotes what goes into SQL text (PostgreSQL documentation, 4.1 Lexical Structure). */
final class Sql {
  private Sql() {}

  static String identifier(String name) {
    return '"' + name.replace("\"", "\"\"") + '"';
  }

  /** Reads the same whatever standard_conforming_strings is: with a backslash in it, as E'…'. */
  static String literal(String text) {
    String quoted = '\'' + text.replace("'", "''") + '\'';
    return text.indexOf('\\') < 0 ? quoted : "E" + quoted.replace("\\", "\\\\");
  }

  static String qualified(String schema, String name) {
    return identifier(schema) + "." + identifier(name);
  }
}
