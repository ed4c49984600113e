package io.polystream.source.postgresql;

import io.polystream.source.ReadMode;
import io.polystream.source.SnapshotTicket;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.UUID;

/**
 * An exported snapshot, and the statement that reads in it.
 *
 * @param sessionName what the server's list of sessions calls those who read: no others
 * @param guardBytes -1 when rows are not guarded
 * @param whyNotInPieces empty when a row can be asked for again
 */
record PostgresTicket(
    SharedSnapshot snapshot,
    String sessionName,
    PostgresTable table,
    List<SelectedColumn> columns,
    List<String> predicates,
    int guardBytes,
    boolean binary,
    ReadMode mode,
    String whyNotInPieces,
    TransactionSettings settings,
    int readers)
    implements SnapshotTicket {
  private static final long serialVersionUID = 1L;

  /** The server keeps 63 bytes of a name, and an id has 36. */
  private static final int PREFIX_CHARACTERS = 26;

  PostgresTicket {
    columns = List.copyOf(columns);
    predicates = List.copyOf(predicates);
  }

  /**
   * @param applicationName the name of this process's own sessions
   */
  static PostgresTicket of(
      SharedSnapshot snapshot, String applicationName, PostgresReads.Statement statement) {
    SelectStatement select = statement.select();
    String prefix =
        applicationName.substring(0, Math.min(PREFIX_CHARACTERS, applicationName.length()));
    return new PostgresTicket(
        snapshot,
        prefix + " " + UUID.randomUUID(),
        select.table(),
        select.columns(),
        select.predicates(),
        select.guardBytes().orElse(-1),
        select.binary(),
        statement.mode(),
        statement.whyNotInPieces().orElse(""),
        statement.settings(),
        statement.readers());
  }

  PostgresReads.Statement statement() {
    return new PostgresReads.Statement(
        new SelectStatement(
            table,
            columns,
            predicates,
            guardBytes < 0 ? OptionalInt.empty() : OptionalInt.of(guardBytes),
            binary),
        mode,
        Optional.of(whyNotInPieces).filter(why -> !why.isEmpty()),
        settings,
        readers);
  }
}
