package io.polystream.cli;

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

  /** Whether what is said here does not give way to what is said there. */
  boolean countsAsMuchAs(Origin other) {
    return rank.compareTo(other.rank) <= 0;
  }
}
