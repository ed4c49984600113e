package io.polystream.flink;

import static io.polystream.testing.Patience.await;
import static io.polystream.testing.Patience.awaitPromised;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.polystream.error.ErrorKind;
import io.polystream.error.PolyStreamException;
import io.polystream.export.Exporter;
import io.polystream.export.RunnerChoice;
import io.polystream.testing.ExportedFile;
import io.polystream.testing.Patience;
import io.polystream.testing.PostgresExtension;
import io.polystream.testing.TestExport;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Workers in processes of their own, one of which dies without a word. */
@Tag("soak")
class FlinkClusterIT {
  @RegisterExtension static final PostgresExtension postgres = new PostgresExtension();

  /** Some seconds of work for four readers. */
  private static final String SLOWLY = "id % 10 <> 0 OR pg_sleep(0.001)::text = ''";

  @TempDir static Path directory;

  private static FlinkCluster cluster;

  @BeforeAll
  static void startCluster() throws Exception {
    postgres.execute(
        "CREATE TABLE paged AS SELECT id, md5(id::text) AS name, repeat('x', 400) AS filler"
            + " FROM generate_series(1, 200000) AS id",
        "ANALYZE paged");
    cluster = new FlinkCluster(directory);
    cluster.startJobManager();
    cluster.startTaskManager();
    cluster.startTaskManager();
  }

  @BeforeEach
  void awaitSlots() {
    cluster.awaitTaskManagers(2);
  }

  @AfterAll
  static void stopCluster() throws Exception {
    if (cluster != null) {
      cluster.close();
      System.out.println(cluster.logs());
    }
  }

  private static RunnerChoice onCluster(Path workDirectory) {
    return new RunnerChoice(
        "flink",
        List.of("--flinkMaster=" + cluster.master(), "--parallelism=4"),
        Optional.of(workDirectory.toString()));
  }

  @Test
  void aWorkerThatIsKilledIsReplacedByAnother() throws Exception {
    Path work = Files.createDirectory(postgres.directory().resolve("work"));
    TestExport export = TestExport.of(postgres, "paged").where(SLOWLY);
    Path file = export.newFile();
    Exporter exporter = export.runner(onCluster(work)).exporter(file);
    CompletableFuture<Void> run = CompletableFuture.runAsync(exporter::run);

    await("parts")
        .until(() -> run.isDone() || exporter.progress().filter(p -> p.rows() > 0).isPresent());
    assertThat(run).isNotDone();
    cluster.killTaskManager();
    cluster.startTaskManager();
    run.get(Patience.LONGEST.toSeconds(), TimeUnit.SECONDS);

    ExportedFile direct = export.runner(RunnerChoice.DIRECT).run();
    assertThat(Files.mismatch(file, direct.path())).isNegative();
    assertThat(work).isEmptyDirectory();
  }

  @Test
  void aCancelledExportEndsItsStatementsAndItsJob() throws Exception {
    Path work = Files.createDirectory(postgres.directory().resolve("work"));
    TestExport export = TestExport.of(postgres, "paged").where("pg_sleep(1)::text = ''");
    Exporter exporter = export.runner(onCluster(work)).exporter(export.newFile());
    CompletableFuture<Void> run = CompletableFuture.runAsync(exporter::run);

    await("slow statements").until(() -> sleepers() == 4);
    exporter.cancel(new PolyStreamException(ErrorKind.CANCELLED, "enough"));
    awaitPromised("their end", Duration.ofSeconds(2), () -> sleepers() == 0);
    assertThatThrownBy(() -> run.get(Patience.LONGEST.toSeconds(), TimeUnit.SECONDS))
        .hasRootCauseMessage("enough");
    assertThat(work).isEmptyDirectory();
    cluster.awaitNoJobs();
  }

  @Test
  void aRefusedStatementIsSaidAsItIsByADirectReaderThoughTheClusterWouldTryAgain()
      throws Exception {
    Path work = Files.createDirectory(postgres.directory().resolve("work"));
    TestExport failing = TestExport.of(postgres, "paged").where("1 / (id - 150000) < 2");
    String direct = failing.runner(RunnerChoice.DIRECT).failsWith(ErrorKind.QUERY).getMessage();
    assertThat(failing.runner(onCluster(work)).failsWith(ErrorKind.QUERY)).hasMessage(direct);
    assertThat(work).isEmptyDirectory();
    cluster.awaitNoJobs();
  }

  private static long sleepers() throws SQLException {
    return postgres.queryLong(
        "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'"
            + " AND datname = current_database()");
  }
}
