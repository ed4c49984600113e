package io.polystream.error;

/**
 * What kind of thing went wrong. A closed set: every door has one table from it to its own answers
 * (exit codes on the command line, statuses over HTTP).
 */
public enum ErrorKind {
  /** The source has no rows, and an empty export was not asked for. */
  NO_ROWS,
  /** The request or the settings are wrong: an unknown table, column, format or flag. */
  CONFIGURATION,
  /** The database cannot be reached, or refuses the login. */
  CONNECTION,
  /** The database asks for a password, and none was given. */
  PASSWORD_MISSING,
  /** The database refused or broke off a statement. */
  QUERY,
  /** A file or a storage cannot be read or written. */
  STORAGE,
  /** Whoever read the output while it was written has stopped reading. */
  OUTPUT_CLOSED,
  /** What was written is not what was read. */
  VERIFICATION,
  /** Somebody asked the export to stop. */
  CANCELLED,
  /** A defect of ours, or out of memory. */
  INTERNAL
}
