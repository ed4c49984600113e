package io.polystream.cli;

import io.polystream.error.ErrorKind;

/** What the process ends with; the one table that scripts rely on (docs/exit-codes.md). */
enum ExitCode {
  DONE(0, "the file is whole"),
  NO_ROWS(1, "the source has no rows, and no file was written"),
  CONFIGURATION(2, "an argument or a setting is wrong: unknown table, column, format, flag"),
  CONNECTION(3, "the database cannot be reached or refuses the login"),
  QUERY(4, "the database refused or broke off a statement"),
  STORAGE(5, "a file or a directory cannot be read or written"),
  VERIFICATION(6, "what was written is not what was read"),
  INTERNAL(7, "a defect of PolyStream, or out of memory"),
  HANGUP(129, "stopped by SIGHUP (the terminal was closed)"),
  INTERRUPTED(130, "stopped by SIGINT (Ctrl-C)"),
  PIPE_CLOSED(141, "nobody reads standard output any more"),
  TERMINATED(143, "stopped by SIGTERM");

  private final int code;
  private final String meaning;

  ExitCode(int code, String meaning) {
    this.code = code;
    this.meaning = meaning;
  }

  int code() {
    return code;
  }

  String meaning() {
    return meaning;
  }

  static ExitCode of(ErrorKind kind) {
    return switch (kind) {
      case NO_ROWS -> NO_ROWS;
      case CONFIGURATION -> CONFIGURATION;
      case CONNECTION, PASSWORD_MISSING -> CONNECTION;
      case QUERY -> QUERY;
      case STORAGE -> STORAGE;
      case OUTPUT_CLOSED -> PIPE_CLOSED;
      case VERIFICATION -> VERIFICATION;
      case INTERNAL -> INTERNAL;
      // The signal that cancelled decides in the end; this is for a run without one.
      case CANCELLED -> INTERRUPTED;
    };
  }
}
