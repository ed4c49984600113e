package io.polystream.source;

/** How rows come from the database. Both give the same bytes. */
public enum ReadMode {
  /** The fastest way that works: a bulk protocol where the server speaks it, else a cursor. */
  AUTO,
  /** The database's bulk protocol (PostgreSQL: binary COPY). */
  COPY,
  /** A JDBC result set, fetched some rows at a time. */
  CURSOR
}
