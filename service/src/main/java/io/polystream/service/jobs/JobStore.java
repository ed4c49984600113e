package io.polystream.service.jobs;

import io.polystream.error.ErrorKind;
import io.polystream.error.PolyStreamException;
import io.polystream.format.Formats;
import io.polystream.output.Compression;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * The jobs, in an SQLite file that one service has for itself: what was answered is on the disk.
 * Thread-safe, one statement at a time. Failures are {@link PolyStreamException} of kind {@code
 * STORAGE}.
 */
public final class JobStore implements AutoCloseable {
  private static final int SCHEMA_VERSION = 2;

  /** What version 1 did not have. */
  private static final List<String> ADDED_SINCE_1 =
      List.of(
          "ALTER TABLE jobs ADD COLUMN file_limited INTEGER",
          "ALTER TABLE jobs ADD COLUMN file_warnings TEXT");

  private static final String TABLE =
      """
      CREATE TABLE jobs (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        id TEXT NOT NULL UNIQUE,
        status TEXT NOT NULL,
        request TEXT NOT NULL,
        format TEXT NOT NULL,
        compression TEXT NOT NULL,
        file_name TEXT,
        one_shot INTEGER NOT NULL,
        idempotency_key TEXT UNIQUE,
        request_hash TEXT NOT NULL,
        attempts INTEGER NOT NULL DEFAULT 0,
        created_at INTEGER NOT NULL,
        started_at INTEGER,
        finished_at INTEGER,
        queue_seconds REAL NOT NULL DEFAULT 0,
        rows INTEGER NOT NULL DEFAULT 0,
        bytes INTEGER NOT NULL DEFAULT 0,
        partitions_done INTEGER NOT NULL DEFAULT 0,
        partitions_total INTEGER NOT NULL DEFAULT 0,
        seconds REAL NOT NULL DEFAULT 0,
        file_bytes INTEGER,
        file_crc32c INTEGER,
        file_limited INTEGER,
        file_warnings TEXT,
        failure_reason TEXT,
        failure_detail TEXT)""";

  private static final String INDEX = "CREATE INDEX jobs_by_status ON jobs (status, number)";

  /** All of a job but its request, which may be long. */
  private static final String WITHOUT_REQUEST =
      "SELECT number, id, status, '{}' AS request, format, compression, file_name, one_shot, attempts,"
          + " created_at, started_at, finished_at, queue_seconds, rows, bytes, partitions_done,"
          + " partitions_total, seconds, file_bytes, file_crc32c, file_limited, file_warnings,"
          + " failure_reason, failure_detail"
          + " FROM jobs ";

  /** What the requests of one page may have together: a request may have 1 MiB. */
  private static final int PAGE_CHARACTERS = 2 * 1024 * 1024;

  private final Clock clock;
  private final Path file;

  // Guarded by this.
  private final Connection connection;

  private JobStore(Path file, Connection connection, Clock clock) {
    this.file = file;
    this.connection = connection;
    this.clock = clock;
  }

  /** What a request under an idempotency key came to. */
  public sealed interface Insertion {
    /** There is a new job. */
    record Created(Job job) implements Insertion {}

    /** The same was asked for before, under the same key. */
    record Repeated(Job job) implements Insertion {}

    /** Something else was asked for before, under the same key. */
    record KeyTaken(Job job) implements Insertion {}
  }

  /**
   * Opens the file, or makes it.
   *
   * @throws PolyStreamException of kind {@code CONFIGURATION} when another service has it
   */
  public static JobStore open(Path file, Clock clock) {
    Connection connection = null;
    try {
      connection = DriverManager.getConnection("jdbc:sqlite:" + file.toAbsolutePath());
      JobStore store = new JobStore(file, connection, clock);
      store.prepare();
      return store;
    } catch (PolyStreamException e) {
      closeQuietly(connection);
      throw e;
    } catch (SQLException e) {
      closeQuietly(connection);
      // SQLITE_BUSY: https://www.sqlite.org/rescode.html#busy
      if ((e.getErrorCode() & 0xff) == 5) {
        throw PolyStreamException.configuration(
            "another service uses the job store " + file + ": stop it, or set STORE_PATH");
      }
      throw PolyStreamException.storage(
          "cannot open the job store " + file + ": " + e.getMessage(), e);
    }
  }

  private static void closeQuietly(Connection connection) {
    try {
      if (connection != null) {
        connection.close();
      }
    } catch (SQLException e) {
      // It was no use anyway.
    }
  }

  private void prepare() throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute("PRAGMA busy_timeout = 0");
      statement.execute("PRAGMA locking_mode = EXCLUSIVE");
      statement.execute("PRAGMA journal_mode = WAL");
      statement.execute("PRAGMA synchronous = FULL");
      // Kibibytes: jobs are few and short.
      statement.execute("PRAGMA cache_size = -512");
      // Takes the lock, which is then kept.
      statement.execute("BEGIN IMMEDIATE");
      int version;
      try (ResultSet found = statement.executeQuery("PRAGMA user_version")) {
        version = found.getInt(1);
      }
      if (version == 0) {
        statement.execute(TABLE);
        statement.execute(INDEX);
        statement.execute("PRAGMA user_version = " + SCHEMA_VERSION);
      } else if (version == 1) {
        for (String addition : ADDED_SINCE_1) {
          statement.execute(addition);
        }
        statement.execute("PRAGMA user_version = " + SCHEMA_VERSION);
      } else if (version != SCHEMA_VERSION) {
        statement.execute("ROLLBACK");
        throw PolyStreamException.configuration(
            "the job store "
                + file
                + " was written by another version of PolyStream: move it away");
      }
      statement.execute("COMMIT");
    }
  }

  /** Remembers a job, unless its key is that of an earlier one. */
  public synchronized Insertion insert(NewJob job) {
    String hash = hash(job.request());
    if (job.idempotencyKey().isPresent()) {
      Optional<Insertion> earlier = underKey(job.idempotencyKey().get(), hash);
      if (earlier.isPresent()) {
        return earlier.get();
      }
    }
    UUID id = UUID.randomUUID();
    update(
        """
        INSERT INTO jobs (id, status, request, format, compression, file_name, one_shot,
                          idempotency_key, request_hash, created_at)
        VALUES (?, 'PENDING', ?, ?, ?, ?, ?, ?, ?, ?)""",
        id.toString(),
        job.request(),
        job.format().name(),
        job.compression().name(),
        job.fileName().orElse(null),
        job.isOneShot() ? 1 : 0,
        job.idempotencyKey().orElse(null),
        hash,
        clock.millis());
    return new Insertion.Created(find(id).orElseThrow());
  }

  /** What there is under an idempotency key already; empty when nothing is. */
  public synchronized Optional<Insertion> underKey(String key, NewJob job) {
    return underKey(key, hash(job.request()));
  }

  private Optional<Insertion> underKey(String key, String hash) {
    return query(
            "SELECT * FROM jobs WHERE idempotency_key = ?",
            row ->
                row.getString("request_hash").equals(hash)
                    ? (Insertion) new Insertion.Repeated(job(row))
                    : new Insertion.KeyTaken(job(row)),
            key)
        .stream()
        .findFirst();
  }

  /** The job with this id, whatever its status. */
  public synchronized Optional<Job> find(UUID id) {
    return query("SELECT * FROM jobs WHERE id = ?", JobStore::job, id.toString()).stream()
        .findFirst();
  }

  /**
   * Jobs that are not deleted, the newest first.
   *
   * @param before only jobs with smaller numbers
   * @param limit at most so many; fewer when their requests are long, but at least one if there is
   *     one
   */
  public synchronized List<Job> list(Optional<JobStatus> status, long before, int limit) {
    return query(
        """
        SELECT * FROM (
          SELECT *, sum(length(request)) OVER (ORDER BY number DESC) - length(request) AS ahead
            FROM (SELECT * FROM jobs
                   WHERE number < ? AND status <> 'DELETED' AND (? IS NULL OR status = ?)
                   ORDER BY number DESC LIMIT ?))
         WHERE ahead < ? ORDER BY number DESC""",
        JobStore::job,
        before,
        status.map(Enum::name).orElse(null),
        status.map(Enum::name).orElse(null),
        limit,
        PAGE_CHARACTERS);
  }

  /** Whether {@link #list} has jobs with smaller numbers. */
  public synchronized boolean hasMore(Optional<JobStatus> status, long before) {
    return query(
            "SELECT EXISTS (SELECT 1 FROM jobs WHERE number < ? AND status <> 'DELETED'"
                + " AND (? IS NULL OR status = ?)) AS more",
            row -> row.getInt("more") != 0,
            before,
            status.map(Enum::name).orElse(null),
            status.map(Enum::name).orElse(null))
        .get(0);
  }

  /** All jobs of a status, the oldest first, with an empty request each. */
  synchronized List<Job> withStatus(JobStatus status) {
    return query(
        WITHOUT_REQUEST + "WHERE status = ? ORDER BY number", JobStore::job, status.name());
  }

  /** Jobs that were completed before a moment, with an empty request each. */
  synchronized List<Job> completedBefore(Instant moment) {
    return query(
        WITHOUT_REQUEST + "WHERE status = 'COMPLETED' AND finished_at < ? ORDER BY number",
        JobStore::job,
        moment.toEpochMilli());
  }

  /** Bytes of all files there are. */
  public synchronized long fileBytes() {
    return query(
            "SELECT coalesce(sum(file_bytes), 0) AS bytes FROM jobs WHERE status = 'COMPLETED'",
            row -> row.getLong("bytes"))
        .get(0);
  }

  synchronized void start(UUID id, double queueSeconds) {
    update(
        "UPDATE jobs SET status = 'RUNNING', attempts = attempts + 1, started_at = ?,"
            + " queue_seconds = ? WHERE id = ? AND status = 'PENDING'",
        clock.millis(),
        queueSeconds,
        id.toString());
  }

  /** Lets a job that was begun wait for its turn anew; the attempt counts. */
  synchronized void restart(UUID id) {
    update(
        "UPDATE jobs SET status = 'PENDING', started_at = NULL WHERE id = ? AND status = 'RUNNING'",
        id.toString());
  }

  /** As {@link #restart}, for a job that was stopped in order: that was no attempt. */
  synchronized void takeBack(UUID id) {
    update(
        "UPDATE jobs SET status = 'PENDING', started_at = NULL, attempts = attempts - 1"
            + " WHERE id = ? AND status = 'RUNNING'",
        id.toString());
  }

  synchronized void complete(UUID id, Job.Progress progress, Job.JobFile jobFile) {
    end(id, JobStatus.COMPLETED, progress, Optional.of(jobFile), Optional.empty());
  }

  synchronized void fail(UUID id, Job.Progress progress, JobFailure failure) {
    end(id, JobStatus.FAILED, progress, Optional.empty(), Optional.of(failure));
  }

  synchronized void cancel(UUID id, Job.Progress progress) {
    end(id, JobStatus.CANCELLED, progress, Optional.empty(), Optional.empty());
  }

  /** What was deleted meanwhile stays so. */
  private void end(
      UUID id,
      JobStatus status,
      Job.Progress progress,
      Optional<Job.JobFile> jobFile,
      Optional<JobFailure> failure) {
    update(
        """
        UPDATE jobs SET status = ?, finished_at = ?, rows = ?, bytes = ?, partitions_done = ?,
                        partitions_total = ?, seconds = ?, file_bytes = ?, file_crc32c = ?,
                        file_limited = ?, file_warnings = ?, failure_reason = ?, failure_detail = ?
         WHERE id = ? AND status <> 'DELETED'""",
        status.name(),
        clock.millis(),
        progress.rows(),
        progress.bytes(),
        progress.partitionsDone(),
        progress.partitionsTotal(),
        progress.seconds(),
        jobFile.map(Job.JobFile::bytes).orElse(null),
        jobFile.map(Job.JobFile::crc32c).orElse(null),
        jobFile.map(Job.JobFile::limited).orElse(null),
        jobFile.map(whole -> String.join("\n", whole.warnings())).orElse(null),
        failure.map(JobFailure::reason).map(Enum::name).orElse(null),
        failure.map(JobFailure::detail).orElse(null),
        id.toString());
  }

  synchronized void setStatus(UUID id, JobStatus status) {
    update("UPDATE jobs SET status = ? WHERE id = ?", status.name(), id.toString());
  }

  /** Forgets a job altogether. */
  synchronized void forget(UUID id) {
    update("DELETE FROM jobs WHERE id = ?", id.toString());
  }

  /** Forgets jobs that ended before a moment and have no file. */
  synchronized void forgetEndedBefore(Instant moment) {
    update(
        "DELETE FROM jobs WHERE status IN ('FAILED', 'CANCELLED', 'EXPIRED', 'DELETED')"
            + " AND coalesce(finished_at, created_at) < ?",
        moment.toEpochMilli());
  }

  /** Writes what is there already: fails when the store could not take a job. */
  public synchronized void ping() {
    update("PRAGMA user_version = " + SCHEMA_VERSION);
  }

  /** A setting of SQLite's: what it promises depends on some. */
  synchronized String setting(String name) {
    return query("PRAGMA " + name, row -> row.getString(1)).get(0);
  }

  private static Job job(ResultSet row) throws SQLException {
    long fileBytes = row.getLong("file_bytes");
    Optional<Job.JobFile> file =
        row.wasNull()
            ? Optional.empty()
            : Optional.of(
                new Job.JobFile(
                    fileBytes,
                    row.getInt("file_crc32c"),
                    row.getInt("file_limited") != 0,
                    Optional.ofNullable(row.getString("file_warnings"))
                        .map(lines -> lines.lines().toList())
                        .orElse(List.of())));
    Optional<JobFailure> failure =
        Optional.ofNullable(row.getString("failure_reason"))
            .map(JobFailure.Reason::valueOf)
            .map(reason -> new JobFailure(reason, detail(row)));
    return new Job(
        row.getLong("number"),
        UUID.fromString(row.getString("id")),
        JobStatus.valueOf(row.getString("status")),
        row.getString("request"),
        Formats.byName(row.getString("format")),
        Compression.Method.valueOf(row.getString("compression")),
        Optional.ofNullable(row.getString("file_name")),
        row.getInt("one_shot") != 0,
        row.getInt("attempts"),
        Instant.ofEpochMilli(row.getLong("created_at")),
        instant(row, "started_at"),
        instant(row, "finished_at"),
        row.getDouble("queue_seconds"),
        new Job.Progress(
            row.getLong("rows"),
            row.getLong("bytes"),
            row.getInt("partitions_done"),
            row.getInt("partitions_total"),
            row.getDouble("seconds")),
        file,
        failure);
  }

  private static String detail(ResultSet row) {
    try {
      return row.getString("failure_detail");
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  private static Optional<Instant> instant(ResultSet row, String column) throws SQLException {
    long millis = row.getLong(column);
    return row.wasNull() ? Optional.empty() : Optional.of(Instant.ofEpochMilli(millis));
  }

  private static String hash(String text) {
    try {
      return HexFormat.of()
          .formatHex(
              MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Makes something of a row. */
  @FunctionalInterface
  private interface RowReader<T> {
    T read(ResultSet row) throws SQLException;
  }

  private <T> List<T> query(String sql, RowReader<T> reader, Object... parameters) {
    try (PreparedStatement statement = prepared(sql, parameters);
        ResultSet found = statement.executeQuery()) {
      List<T> all = new ArrayList<>();
      while (found.next()) {
        all.add(reader.read(found));
      }
      return all;
    } catch (SQLException e) {
      throw failure(e);
    }
  }

  private void update(String sql, Object... parameters) {
    try (PreparedStatement statement = prepared(sql, parameters)) {
      statement.executeUpdate();
    } catch (SQLException e) {
      throw failure(e);
    }
  }

  private PreparedStatement prepared(String sql, Object... parameters) throws SQLException {
    PreparedStatement statement = connection.prepareStatement(sql);
    for (int i = 0; i < parameters.length; i++) {
      statement.setObject(i + 1, parameters[i]);
    }
    return statement;
  }

  private PolyStreamException failure(SQLException e) {
    return new PolyStreamException(
        ErrorKind.STORAGE, "the job store " + file + " does not work: " + e.getMessage(), e);
  }

  @Override
  public synchronized void close() {
    closeQuietly(connection);
  }
}
