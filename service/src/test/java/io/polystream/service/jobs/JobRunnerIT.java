package io.polystream.service.jobs;

import static io.polystream.testing.Patience.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.polystream.export.Exporter;
import io.polystream.format.Formats;
import io.polystream.output.Compression;
import io.polystream.source.TableName;
import io.polystream.testing.Patience;
import io.polystream.testing.PostgresExtension;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What only whoever stands beside the runner sees. */
class JobRunnerIT {
  @RegisterExtension static final PostgresExtension postgres = new PostgresExtension();

  private static final RunnerLimits LIMITS =
      new RunnerLimits(1, 10, Duration.ofHours(1), Duration.ofHours(1), OptionalLong.empty());

  @BeforeAll
  static void createTable() throws SQLException {
    postgres.execute("CREATE TABLE records AS SELECT generate_series(1, 10) AS id");
  }

  private static NewJob newJob() {
    return new NewJob(
        "{\"table\": \"records\", \"format\": \"csv\", \"columns\": [{\"source\": \"id\"}]}",
        Formats.byName("csv"),
        Compression.Method.NONE,
        Optional.empty(),
        false,
        Optional.empty());
  }

  /** Does something with each job when its turn has come, and before it runs. */
  private record AtBeginning(Consumer<Job> action) implements JobEvents {
    @Override
    public void started(Job job) {
      action.accept(job);
    }

    @Override
    public void ended(Job job) {}
  }

  private static Function<Job, Exporter> exporters(Path path) {
    ExportDirectory directory = ExportDirectory.at(path);
    ExportFactory exports =
        new ExportFactory(postgres.url(), TableName.parse("records"), 1, OptionalLong.empty());
    return job -> exports.exporter(job, directory);
  }

  private static JobRunner runner(
      JobStore store, Path path, Function<Job, Exporter> exporters, JobEvents events) {
    JobRunner runner =
        new JobRunner(
            store, ExportDirectory.at(path), exporters, LIMITS, events, Clock.systemUTC());
    runner.recover();
    runner.start();
    return runner;
  }

  private static JobStore store() {
    return JobStore.open(postgres.directory().resolve("jobs.db"), Clock.systemUTC());
  }

  private static void awaitEnd(JobRunner runner, Job job) {
    await("the end").until(() -> runner.active(job.id()).isEmpty());
  }

  /** Or somebody who asks in that moment would see numbers fall to nothing. */
  @Test
  void oneThatHasEndedSinceItWasFoundIsSeenAsItIsNow() throws Exception {
    CompletableFuture<Job> began = new CompletableFuture<>();
    Path path = postgres.directory().resolve("exports");
    try (JobStore store = store();
        JobRunner runner = runner(store, path, exporters(path), new AtBeginning(began::complete))) {
      runner.submit(newJob());
      Job found = began.get(Patience.LONGEST.toSeconds(), TimeUnit.SECONDS);
      assertThat(found.status()).isEqualTo(JobStatus.RUNNING);
      awaitEnd(runner, found);
      JobRunner.View now = runner.view(found);
      assertThat(now.job().status()).isEqualTo(JobStatus.COMPLETED);
      assertThat(now.progress().rows()).isEqualTo(10);
    }
  }

  /** The turn of the others comes all the same. */
  @Test
  void filesThatCannotBeDeletedNowAreSweptByTheNextService() throws Exception {
    Path path = postgres.directory().resolve("exports");
    Path aside = postgres.directory().resolve("aside");
    CompletableFuture<Job> began = new CompletableFuture<>();
    CompletableFuture<Void> deleted = new CompletableFuture<>();
    try (JobStore store = store();
        JobRunner runner =
            runner(
                store,
                path,
                exporters(path),
                new AtBeginning(
                    job -> {
                      if (began.complete(job)) {
                        deleted.join();
                      }
                    }))) {
      runner.submit(newJob());
      Job job = began.get(Patience.LONGEST.toSeconds(), TimeUnit.SECONDS);
      runner.delete(job);
      Files.move(path, aside);
      Files.createFile(path);
      deleted.complete(null);
      awaitEnd(runner, job);
      Files.delete(path);
      Files.move(aside, path);
      Job next = ((JobStore.Insertion.Created) runner.submit(newJob())).job();
      awaitEnd(runner, next);
      assertThat(store.find(next.id()).orElseThrow().status()).isEqualTo(JobStatus.COMPLETED);
    }
  }

  @Test
  void oneThatIsAboutToBeginWhenTheServiceEndsIsTheNextOnes() throws Exception {
    Path path = postgres.directory().resolve("exports");
    CompletableFuture<Job> turn = new CompletableFuture<>();
    CompletableFuture<Void> ending = new CompletableFuture<>();
    Function<Job, Exporter> exporters = exporters(path);
    try (JobStore store = store();
        JobRunner runner =
            runner(
                store,
                path,
                job -> {
                  turn.complete(job);
                  ending.join();
                  return exporters.apply(job);
                },
                new AtBeginning(job -> {}))) {
      runner.submit(newJob());
      Job job = turn.get(Patience.LONGEST.toSeconds(), TimeUnit.SECONDS);
      ActiveJob active = runner.active(job.id()).orElseThrow();
      CompletableFuture<Void> drained =
          CompletableFuture.runAsync(() -> runner.drain(Duration.ZERO));
      await("it to be stopped").until(() -> active.stopped().isPresent());
      ending.complete(null);
      drained.get(Patience.LONGEST.toSeconds(), TimeUnit.SECONDS);
      Job left = store.find(job.id()).orElseThrow();
      assertThat(left.status()).isEqualTo(JobStatus.PENDING);
      assertThat(left.attempts()).isZero();
    }
  }
}
