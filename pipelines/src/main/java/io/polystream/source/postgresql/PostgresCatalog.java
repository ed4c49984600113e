package io.polystream.source.postgresql;

import static io.polystream.error.PolyStreamException.configuration;

import io.polystream.source.SourceTable;
import io.polystream.source.TableKind;
import io.polystream.source.TableName;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/** Reads the system catalogs on one connection. */
final class PostgresCatalog {
  /**
   * The size of what is below a relation. Measuring takes a lock, so what is being rewritten has no
   * size: the list must not wait for a VACUUM FULL.
   */
  private static final String BYTES =
      """
             CASE WHEN c.relkind IN ('r', 'm') AND c.oid NOT IN (SELECT relation FROM rewritten)
                  THEN pg_table_size(c.oid)
                  WHEN c.relkind = 'p' AND NOT EXISTS (SELECT FROM rewritten)
                  THEN (SELECT sum(pg_table_size(relid))::bigint FROM pg_partition_tree(c.oid))
                  ELSE -1 END""";

  private static final String REWRITTEN =
      """
      WITH rewritten AS (
        SELECT relation FROM pg_locks
         WHERE locktype = 'relation' AND mode = 'AccessExclusiveLock')
      """;

  /** Whether the role may read any column of a relation. */
  private static final String READABLE =
      """
      has_schema_privilege(n.oid, 'USAGE')
         AND (has_table_privilege(c.oid, 'SELECT') OR has_any_column_privilege(c.oid, 'SELECT'))""";

  private static final String ACCESS =
      "SELECT row_security_active(c.oid), has_table_privilege(c.oid, 'SELECT'), "
          + READABLE
          + " FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = ?::oid";

  /** Everything with rows that the role may read. */
  private static final String TABLES =
      """

        FROM pg_class c
        JOIN pg_namespace n ON n.oid = c.relnamespace
       WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f')
         AND n.nspname <> 'information_schema'
         AND n.nspname NOT LIKE 'pg\\_%'
         AND\s"""
          + READABLE
          + " ORDER BY n.nspname, c.relname";

  private static final String BY_SCHEMA =
      """
      SELECT c.oid::bigint, n.nspname, c.relname, c.relkind::text
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
       WHERE n.nspname = ? AND c.relname = ?""";

  private static final String BY_SEARCH_PATH =
      """
      SELECT c.oid::bigint, n.nspname, c.relname, c.relkind::text
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
       WHERE c.relname = ? AND pg_table_is_visible(c.oid)""";

  private static final String ELSEWHERE =
      """
      SELECT n.nspname
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
       WHERE c.relname IN (?, ?) AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
       ORDER BY 1""";

  /**
   * A column's type without its domains, then, as long as that is an array, the elements' type in
   * the same way, with what was declared with them; and what writes a value as text, with the type
   * it takes, when that is not any type.
   */
  private static final String COLUMNS =
      """
      WITH RECURSIVE steps (attnum, depth, type, modifier) AS (
        SELECT attnum, 0, atttypid, atttypmod
          FROM pg_attribute
         WHERE attrelid = ?::oid AND attnum > 0 AND NOT attisdropped
         UNION ALL
        SELECT s.attnum, s.depth + 1,
               CASE WHEN t.typtype = 'd' THEN t.typbasetype ELSE t.typelem END,
               CASE WHEN t.typtype = 'd' THEN t.typtypmod ELSE s.modifier END
          FROM steps s JOIN pg_type t ON t.oid = s.type
         WHERE t.typtype = 'd'
            OR (t.typcategory = 'A' AND t.typlen = -1 AND t.typelem <> 0)),
      types AS (
        SELECT s.attnum, array_agg(t.oid::int ORDER BY s.depth) AS oids,
               string_agg(t.typdelim::text, '' ORDER BY s.depth) AS delimiters,
               array_agg(s.modifier ORDER BY s.depth) AS modifiers
          FROM steps s JOIN pg_type t ON t.oid = s.type AND t.typtype <> 'd'
         GROUP BY s.attnum)
      SELECT a.attname, format_type(a.atttypid, a.atttypmod), NOT a.attnotnull,
             types.oids, types.delimiters, types.modifiers, format_type(types.oids[1]::oid, -1), format('%I.%I', n.nspname, p.proname),
             CASE WHEN taken.typtype <> 'p' AND taken.oid <> types.oids[1]
                  THEN '::' || format_type(taken.oid, -1) ELSE '' END
        FROM pg_attribute a
        JOIN types ON types.attnum = a.attnum
        JOIN pg_type base ON base.oid = types.oids[1]::oid
        JOIN pg_proc p ON p.oid = base.typoutput
        JOIN pg_namespace n ON n.oid = p.pronamespace
        JOIN pg_type taken ON taken.oid = p.proargtypes[0]
       WHERE a.attrelid = ?::oid
       ORDER BY a.attnum""";

  private static final String LEAVES =
      """
      WITH RECURSIVE descendants (oid) AS (
        SELECT ?::oid
         UNION
        SELECT i.inhrelid FROM pg_inherits i JOIN descendants d ON i.inhparent = d.oid)
      SELECT c.relkind::text,
             CASE WHEN c.relkind IN ('r', 'm') THEN
               (pg_relation_size(c.oid) + current_setting('block_size')::int - 1)
                 / current_setting('block_size')::int ELSE 0 END,
             CASE WHEN c.relkind IN ('r', 'm') THEN pg_table_size(c.oid) ELSE 0 END,
             CASE WHEN c.relkind IN ('r', 'm') AND pg_relation_size(c.oid) = 0 THEN 0
                  ELSE c.reltuples END::bigint,
             c.reltoastrelid <> 0 AND pg_relation_size(c.reltoastrelid) > 0
        FROM descendants d JOIN pg_class c ON c.oid = d.oid
       WHERE c.relkind IN ('r', 'm', 'f')""";

  private final Connection connection;

  PostgresCatalog(Connection connection) {
    this.connection = connection;
  }

  /** A relation's identity, before it is locked and looked at. */
  record Identity(long oid, String schema, String name, TableKind kind) {}

  List<SourceTable> tables() throws SQLException {
    Savepoint before = connection.setSavepoint();
    try {
      return tables(REWRITTEN, BYTES);
    } catch (SQLException refused) {
      if (!SqlFailures.isRefusal(refused)) {
        throw refused;
      }
      // Not everybody may look at the locks or measure; the names are what matters.
      connection.rollback(before);
      return tables("", "-1");
    }
  }

  private List<SourceTable> tables(String with, String bytes) throws SQLException {
    List<SourceTable> tables = new ArrayList<>();
    String sql =
        with
            + "SELECT n.nspname, c.relname, c.relkind::text, c.reltuples::bigint, "
            + bytes
            + TABLES;
    try (PreparedStatement statement = connection.prepareStatement(sql);
        ResultSet found = statement.executeQuery()) {
      while (found.next()) {
        tables.add(
            new SourceTable(
                found.getString(1),
                found.getString(2),
                kind(found.getString(3)).orElseThrow(),
                found.getLong(4),
                found.getLong(5),
                true,
                List.of()));
      }
    }
    return tables;
  }

  /** Exact names first, then folded ones, then the whole text as a name that has a dot in it. */
  Identity resolve(TableName wanted) throws SQLException {
    List<String> exact = wanted.parts().stream().map(TableName.Part::name).toList();
    List<String> folded = wanted.parts().stream().map(TableName.Part::folded).toList();
    for (List<String> names : List.of(exact, folded, List.of(wanted.text()))) {
      Optional<Identity> found = lookUp(wanted, names);
      if (found.isPresent()) {
        return found.get();
      }
    }
    throw configuration("unknown table " + wanted + remedy(wanted));
  }

  private Optional<Identity> lookUp(TableName wanted, List<String> names) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement(names.size() == 2 ? BY_SCHEMA : BY_SEARCH_PATH)) {
      for (int i = 0; i < names.size(); i++) {
        statement.setString(i + 1, names.get(i));
      }
      try (ResultSet found = statement.executeQuery()) {
        if (!found.next()) {
          return Optional.empty();
        }
        TableKind kind =
            kind(found.getString(4))
                .orElseThrow(
                    () ->
                        configuration(
                            wanted
                                + " is not a table or a view: ./polystream tables lists what can"
                                + " be exported"));
        return Optional.of(
            new Identity(found.getLong(1), found.getString(2), found.getString(3), kind));
      }
    }
  }

  /** What has the same name now. */
  Identity byName(Identity earlier) throws SQLException {
    TableName name =
        new TableName(
            earlier.schema() + "." + earlier.name(),
            List.of(
                new TableName.Part(earlier.schema(), true),
                new TableName.Part(earlier.name(), true)));
    return resolve(name);
  }

  private String remedy(TableName wanted) throws SQLException {
    TableName.Part last = wanted.parts().get(wanted.parts().size() - 1);
    try (PreparedStatement statement = connection.prepareStatement(ELSEWHERE)) {
      statement.setString(1, last.name());
      statement.setString(2, last.folded());
      try (ResultSet found = statement.executeQuery()) {
        return found.next()
            ? ": there is one in schema " + found.getString(1) + ", write schema.table"
            : ": ./polystream tables lists what can be exported";
      }
    }
  }

  PostgresTable describe(Identity identity) throws SQLException {
    return new PostgresTable(
        identity.oid(),
        identity.schema(),
        identity.name(),
        identity.kind(),
        columns(identity.oid()),
        identity.kind() == TableKind.VIEW ? List.of() : leaves(identity.oid()),
        access(identity.oid()));
  }

  private List<PostgresColumn> columns(long oid) throws SQLException {
    List<PostgresColumn> columns = new ArrayList<>();
    try (PreparedStatement statement = connection.prepareStatement(COLUMNS)) {
      statement.setLong(1, oid);
      statement.setLong(2, oid);
      try (ResultSet found = statement.executeQuery()) {
        while (found.next()) {
          columns.add(
              new PostgresColumn(
                  found.getString(1),
                  found.getString(2),
                  found.getBoolean(3),
                  PostgresType.of(
                      steps(
                          (Integer[]) found.getArray(4).getArray(),
                          found.getString(5),
                          (Integer[]) found.getArray(6).getArray())),
                  found.getString(7),
                  found.getString(8),
                  found.getString(9)));
        }
      }
    }
    return columns;
  }

  private static List<PostgresType.Step> steps(
      Integer[] oids, String delimiters, Integer[] modifiers) {
    return IntStream.range(0, oids.length)
        .mapToObj(i -> new PostgresType.Step(oids[i], delimiters.charAt(i), modifiers[i]))
        .toList();
  }

  private List<PostgresTable.Leaf> leaves(long oid) throws SQLException {
    List<PostgresTable.Leaf> leaves = new ArrayList<>();
    try (PreparedStatement statement = connection.prepareStatement(LEAVES)) {
      statement.setLong(1, oid);
      try (ResultSet found = statement.executeQuery()) {
        while (found.next()) {
          leaves.add(
              new PostgresTable.Leaf(
                  kind(found.getString(1)).orElseThrow(),
                  found.getLong(2),
                  found.getLong(3),
                  found.getLong(4),
                  found.getBoolean(5)));
        }
      }
    }
    return leaves;
  }

  private PostgresTable.Access access(long oid) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(ACCESS)) {
      statement.setLong(1, oid);
      try (ResultSet found = statement.executeQuery()) {
        return found.next()
            ? new PostgresTable.Access(
                found.getBoolean(1), found.getBoolean(2), found.getBoolean(3))
            : new PostgresTable.Access(false, false, false);
      }
    }
  }

  private static Optional<TableKind> kind(String relkind) {
    return switch (relkind) {
      case "r" -> Optional.of(TableKind.TABLE);
      case "p" -> Optional.of(TableKind.PARTITIONED_TABLE);
      case "v" -> Optional.of(TableKind.VIEW);
      case "m" -> Optional.of(TableKind.MATERIALIZED_VIEW);
      case "f" -> Optional.of(TableKind.FOREIGN_TABLE);
      default -> Optional.empty();
    };
  }
}
