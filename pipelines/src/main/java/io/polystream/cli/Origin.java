package io.polystream.cli;

import io.polystream.format.FormatOption.Spelling;

/**
 * Where a setting comes from.
 *
 * @param label for people: {@code flag --table}, {@code environment DATABASE_URL}
 */
record Origin(Rank rank, String label) {
  /** What counts more comes first. */
  enum Rank {
    FLAG,
    REQUEST,
    ENVIRONMENT,
    FILE,
    DEFAULT
  }

  static final Origin DEFAULT = new Origin(Rank.DEFAULT, "default");

  static Origin flag(String name) {
    return new Origin(Rank.FLAG, "flag " + name);
  }

  static Origin environment(String variable) {
    return new Origin(Rank.ENVIRONMENT, "environment " + variable);
  }

  /** By which name a person knows a setting from here. */
  Spelling spelling() {
    return rank == Rank.FLAG ? Spelling.FLAG : Spelling.FIELD;
  }

  /**
   * What a message about a setting from here begins with: nothing for a flag, which it names.
   *
   * @param pointer where the setting is in a document
   */
  String place(String pointer) {
    return rank == Rank.FLAG ? "" : label + ": " + pointer + ": ";
  }

  /** Whether what is said here does not give way to what is said there. */
  boolean countsAsMuchAs(Origin other) {
    return rank.compareTo(other.rank) <= 0;
  }
}
