package io.polystream.testing;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** An export in another thread, so that a test can do something to the table meanwhile. */
public final class RunningExport {
  private final PostgresExtension postgres;
  private final Path file;
  private final CompletableFuture<ExportedFile> result;

  private RunningExport(
      PostgresExtension postgres, Path file, CompletableFuture<ExportedFile> result) {
    this.postgres = postgres;
    this.file = file;
    this.result = result;
  }

  public static RunningExport start(PostgresExtension postgres, TestExport export) {
    Path file = export.newFile();
    CompletableFuture<ExportedFile> result = new CompletableFuture<>();
    Thread thread =
        new Thread(
            () -> {
              try {
                result.complete(export.into(file));
              } catch (Throwable e) {
                result.completeExceptionally(e);
              }
            },
            "export of a test");
    thread.setDaemon(true);
    thread.start();
    return new RunningExport(postgres, file, result);
  }

  /** Waits until snapshot and lock are there and rows are about to flow. */
  public JsonNode awaitPlan() throws IOException, InterruptedException {
    long deadline = System.nanoTime() + Patience.LONGEST.toNanos();
    while (true) {
      Optional<JsonNode> plan = plan();
      if (plan.isPresent()) {
        return plan.get();
      }
      assertThat(result.isDone()).as("export ended before its plan was seen: %s", result).isFalse();
      assertThat(System.nanoTime()).as("no plan").isLessThan(deadline);
      Thread.sleep(1);
    }
  }

  private Optional<JsonNode> plan() throws IOException {
    try (DirectoryStream<Path> work =
        Files.newDirectoryStream(file.getParent(), "." + file.getFileName() + ".polystream-*")) {
      for (Path directory : work) {
        JsonNode plan = ExportedFile.json(Files.readAllBytes(directory.resolve("plan.json")));
        if (plan.has("partitions")) {
          return Optional.of(plan);
        }
      }
    } catch (JsonProcessingException | NoSuchFileException notYet) {
      return Optional.empty();
    }
    return Optional.empty();
  }

  /**
   * What a query gives in the very snapshot the export reads: one text per row. The export must
   * still run.
   */
  public List<String> queryInSnapshot(String sql)
      throws SQLException, IOException, InterruptedException {
    String snapshot = awaitPlan().at("/consistency/snapshotId").asText();
    try (Connection connection = postgres.connect();
        Statement statement = connection.createStatement()) {
      connection.setAutoCommit(false);
      statement.execute(
          "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY; SET TRANSACTION SNAPSHOT '"
              + snapshot
              + "'");
      List<String> values = new ArrayList<>();
      try (ResultSet rows = statement.executeQuery(sql)) {
        while (rows.next()) {
          values.add(rows.getString(1));
        }
      }
      return values;
    }
  }

  public boolean isDone() {
    return result.isDone();
  }

  /** The finished export; its failure is thrown. */
  public ExportedFile await() throws InterruptedException {
    try {
      return result.get(Patience.LONGEST.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException | TimeoutException e) {
      throw new AssertionError("the export failed: " + e, e);
    }
  }
}
