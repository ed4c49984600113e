package io.polystream.service.jobs;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.polystream.error.ErrorKind;
import io.polystream.error.PolyStreamException;
import io.polystream.format.Formats;
import io.polystream.output.Compression;
import io.polystream.service.SettableClock;
import io.polystream.service.jobs.JobStore.Insertion;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.BiConsumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class JobStoreTest {
  private static final Job.Progress PROGRESS = new Job.Progress(3_000_000_000L, 42, 2, 3, 1.5);
  private static final Job.JobFile FILE =
      new Job.JobFile(5_000_000_000L, 0xE306_9283, true, List.of("a warning", "and another"));
  private static final JobFailure FAILURE =
      new JobFailure(JobFailure.Reason.QUERY, "division by zero");

  @TempDir private Path directory;

  private final SettableClock clock = SettableClock.standing();
  private Path file;
  private JobStore store;

  @BeforeEach
  void open() {
    file = directory.resolve("jobs.db");
    store = JobStore.open(file, clock);
  }

  @AfterEach
  void close() {
    store.close();
  }

  private static NewJob newJob(String request, String key) {
    return new NewJob(
        request,
        Formats.byName("csv"),
        Compression.Method.NONE,
        Optional.empty(),
        false,
        Optional.ofNullable(key));
  }

  private Job insert() {
    return created(store.insert(newJob("{}", null)));
  }

  private static Job created(Insertion insertion) {
    assertThat(insertion).isInstanceOf(Insertion.Created.class);
    return ((Insertion.Created) insertion).job();
  }

  private Job now(Job job) {
    return store.find(job.id()).orElseThrow();
  }

  private Job insertRunning() {
    Job job = insert();
    store.start(job.id(), 0.25);
    return job;
  }

  private Job insertCompleted() {
    Job job = insertRunning();
    store.complete(job.id(), PROGRESS, FILE);
    return job;
  }

  @Test
  void aNewJobWaitsWithAllThatWasSaidOfIt() {
    Job job =
        created(
            store.insert(
                new NewJob(
                    "{\"table\":\"größe 😀\"}",
                    Formats.byName("json"),
                    Compression.Method.GZIP,
                    Optional.of("größe.json.gz"),
                    true,
                    Optional.of("key"))));
    assertThat(now(job))
        .isEqualTo(job)
        .isEqualTo(
            new Job(
                1,
                job.id(),
                JobStatus.PENDING,
                "{\"table\":\"größe 😀\"}",
                Formats.byName("json"),
                Compression.Method.GZIP,
                Optional.of("größe.json.gz"),
                true,
                0,
                clock.instant(),
                Optional.empty(),
                Optional.empty(),
                0,
                Job.Progress.NONE,
                Optional.empty(),
                Optional.empty()));
  }

  @Test
  void whatNobodyAskedForIsNotThere() {
    assertThat(store.find(UUID.randomUUID())).isEmpty();
  }

  @Test
  void aJobThatHasItsTurnRuns() {
    Job job = insert();
    clock.advance(Duration.ofSeconds(3));
    store.start(job.id(), 2.5);
    assertThat(now(job).status()).isEqualTo(JobStatus.RUNNING);
    assertThat(now(job).attempts()).isEqualTo(1);
    assertThat(now(job).startedAt()).hasValue(clock.instant());
    assertThat(now(job).queueSeconds()).isEqualTo(2.5);
    assertThat(now(job).createdAt()).isEqualTo(job.createdAt());
  }

  @Test
  void aJobThatIsDoneHasAFile() {
    Job job = insertRunning();
    clock.advance(Duration.ofSeconds(3));
    store.complete(job.id(), PROGRESS, FILE);
    assertThat(now(job).status()).isEqualTo(JobStatus.COMPLETED);
    assertThat(now(job).finishedAt()).hasValue(clock.instant());
    assertThat(now(job).progress()).isEqualTo(PROGRESS);
    assertThat(now(job).file()).hasValue(FILE);
    assertThat(now(job).failure()).isEmpty();
  }

  @Test
  void aJobThatFailedSaysWhyAndHowFarItCame() {
    Job job = insertRunning();
    clock.advance(Duration.ofSeconds(3));
    store.fail(job.id(), PROGRESS, FAILURE);
    assertThat(now(job).status()).isEqualTo(JobStatus.FAILED);
    assertThat(now(job).finishedAt()).hasValue(clock.instant());
    assertThat(now(job).progress()).isEqualTo(PROGRESS);
    assertThat(now(job).failure()).hasValue(FAILURE);
    assertThat(now(job).file()).isEmpty();
  }

  @ParameterizedTest
  @EnumSource
  void everyReasonIsKept(JobFailure.Reason reason) {
    Job job = insertRunning();
    store.fail(job.id(), PROGRESS, new JobFailure(reason, "why"));
    assertThat(now(job).failure()).hasValue(new JobFailure(reason, "why"));
  }

  @Test
  void aJobCanBeCancelledBeforeItRunsAndWhileItDoes() {
    Job waiting = insert();
    Job running = insertRunning();
    store.cancel(waiting.id(), Job.Progress.NONE);
    store.cancel(running.id(), PROGRESS);
    assertThat(now(waiting).status()).isEqualTo(JobStatus.CANCELLED);
    assertThat(now(waiting).finishedAt()).hasValue(clock.instant());
    assertThat(now(running).status()).isEqualTo(JobStatus.CANCELLED);
    assertThat(now(running).progress()).isEqualTo(PROGRESS);
    assertThat(now(running).file()).isEmpty();
    assertThat(now(running).failure()).isEmpty();
  }

  @Test
  void aJobThatWasBegunWaitsAgainAndItsAttemptsAreCounted() {
    Job job = insertRunning();
    store.restart(job.id());
    assertThat(now(job).status()).isEqualTo(JobStatus.PENDING);
    assertThat(now(job).startedAt()).isEmpty();
    assertThat(now(job).attempts()).isEqualTo(1);
    store.start(job.id(), 0);
    assertThat(now(job).attempts()).isEqualTo(2);
  }

  @Test
  void anAttemptThatTheServiceEndedInOrderIsNotCounted() {
    Job job = insertRunning();
    store.takeBack(job.id());
    assertThat(now(job).attempts()).isZero();
  }

  @Test
  void onlyAJobThatWaitsCanBegin() {
    Job job = insertCompleted();
    Job before = now(job);
    clock.advance(Duration.ofSeconds(3));
    store.start(job.id(), 9);
    assertThat(now(job)).isEqualTo(before);
  }

  @Test
  void onlyAJobThatRunsCanBeginAgain() {
    Job job = insertCompleted();
    store.restart(job.id());
    assertThat(now(job).status()).isEqualTo(JobStatus.COMPLETED);
  }

  @Test
  void anExpiredJobIsRememberedWithWhatItsFileWas() {
    Job job = insertCompleted();
    store.setStatus(job.id(), JobStatus.EXPIRED);
    assertThat(now(job).status()).isEqualTo(JobStatus.EXPIRED);
    assertThat(now(job).file()).hasValue(FILE);
  }

  /** Whatever a job does that somebody deletes meanwhile. */
  static Stream<BiConsumer<JobStore, UUID>> endings() {
    return Stream.of(
        (jobs, id) -> jobs.start(id, 0),
        JobStore::restart,
        JobStore::takeBack,
        (jobs, id) -> jobs.complete(id, PROGRESS, FILE),
        (jobs, id) -> jobs.fail(id, PROGRESS, FAILURE),
        (jobs, id) -> jobs.cancel(id, PROGRESS));
  }

  @ParameterizedTest
  @MethodSource("endings")
  void whatIsDeletedStaysSoWhateverBecomesOfIt(BiConsumer<JobStore, UUID> ending) {
    Job job = insertRunning();
    store.setStatus(job.id(), JobStatus.DELETED);
    Job deleted = now(job);
    ending.accept(store, job.id());
    assertThat(now(job)).isEqualTo(deleted);
  }

  @Test
  void whatIsForgottenIsNotThere() {
    Job job = insertCompleted();
    Job other = insert();
    store.forget(job.id());
    assertThat(store.find(job.id())).isEmpty();
    assertThat(store.find(other.id())).isPresent();
  }

  @Test
  void jobsWithoutAFileAreForgottenSomeTimeAfterTheirEnd() {
    Job failed = insertRunning();
    store.fail(failed.id(), PROGRESS, FAILURE);
    Job cancelled = insert();
    store.cancel(cancelled.id(), PROGRESS);
    Job expired = insertCompleted();
    store.setStatus(expired.id(), JobStatus.EXPIRED);
    Job deletedBeforeItsEnd = insert();
    store.setStatus(deletedBeforeItsEnd.id(), JobStatus.DELETED);
    List<Job> kept = List.of(insert(), insertRunning(), insertCompleted());
    Instant end = clock.instant();

    store.forgetEndedBefore(end);
    assertThat(Stream.of(failed, cancelled, expired, deletedBeforeItsEnd))
        .allMatch(job -> store.find(job.id()).isPresent());
    store.forgetEndedBefore(end.plusMillis(1));
    assertThat(Stream.of(failed, cancelled, expired, deletedBeforeItsEnd))
        .allMatch(job -> store.find(job.id()).isEmpty());
    assertThat(kept).allMatch(job -> store.find(job.id()).isPresent());
  }

  @Test
  void onlyFilesThatAreThereHaveBytes() {
    assertThat(store.fileBytes()).isZero();
    insertCompleted();
    insertCompleted();
    store.setStatus(insertCompleted().id(), JobStatus.EXPIRED);
    store.setStatus(insertCompleted().id(), JobStatus.DELETED);
    insertRunning();
    assertThat(store.fileBytes()).isEqualTo(2 * FILE.bytes());
  }

  @Test
  void jobsOfAStatusComeInTheOrderTheyWereAskedFor() {
    Job first = insert();
    insertRunning();
    Job second = insert();
    assertThat(store.withStatus(JobStatus.PENDING)).containsExactly(first, second);
    assertThat(store.withStatus(JobStatus.FAILED)).isEmpty();
  }

  @Test
  void theListHasTheNewestFirstAndNothingDeleted() {
    Job first = insert();
    Job deleted = insert();
    store.setStatus(deleted.id(), JobStatus.DELETED);
    Job last = insert();
    assertThat(store.list(Optional.empty(), Long.MAX_VALUE, 10)).containsExactly(last, first);
    assertThat(store.list(Optional.of(JobStatus.DELETED), Long.MAX_VALUE, 10)).isEmpty();
  }

  @Test
  void theListCanHaveOneStatusOnly() {
    Job waiting = insert();
    insertRunning();
    assertThat(store.list(Optional.of(JobStatus.PENDING), Long.MAX_VALUE, 10))
        .containsExactly(waiting);
  }

  @Test
  void pagesHaveEveryJobOnceThoughNewOnesCome() {
    List<UUID> wanted = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      wanted.add(0, insert().id());
    }
    List<UUID> found = new ArrayList<>();
    long before = Long.MAX_VALUE;
    while (true) {
      List<Job> page = store.list(Optional.empty(), before, 3);
      if (page.isEmpty()) {
        break;
      }
      page.forEach(job -> found.add(job.id()));
      before = page.get(page.size() - 1).number();
      insert();
    }
    assertThat(found).containsExactlyElementsOf(wanted);
  }

  @Test
  void numbersAreNotGivenTwice() {
    Job last = insert();
    store.forget(last.id());
    assertThat(insert().number()).isGreaterThan(last.number());
  }

  @Test
  void withoutAKeyTheSameIsTwoJobs() {
    assertThat(insert().id()).isNotEqualTo(insert().id());
  }

  @Test
  void theSameUnderOneKeyIsOneJob() {
    Job job = created(store.insert(newJob("{}", "key")));
    assertThat(store.insert(newJob("{}", "key"))).isEqualTo(new Insertion.Repeated(job));
    assertThat(store.underKey("key", newJob("{}", "key"))).hasValue(new Insertion.Repeated(job));
    assertThat(store.list(Optional.empty(), Long.MAX_VALUE, 10)).hasSize(1);
  }

  @Test
  void somethingElseUnderAKeyIsRefused() {
    Job job = created(store.insert(newJob("{}", "key")));
    assertThat(store.insert(newJob("{\"limit\":1}", "key"))).isEqualTo(new Insertion.KeyTaken(job));
    assertThat(store.list(Optional.empty(), Long.MAX_VALUE, 10)).hasSize(1);
  }

  @Test
  void anotherKeyIsAnotherJob() {
    created(store.insert(newJob("{}", "key")));
    created(store.insert(newJob("{}", "Key")));
    assertThat(store.underKey("none", newJob("{}", "none"))).isEmpty();
  }

  @Test
  void aKeyIsTakenAsLongAsItsJobIsRemembered() {
    Job job = created(store.insert(newJob("{}", "key")));
    store.setStatus(job.id(), JobStatus.DELETED);
    assertThat(store.insert(newJob("{}", "key"))).isEqualTo(new Insertion.Repeated(now(job)));
    store.forget(job.id());
    created(store.insert(newJob("{}", "key")));
  }

  @Test
  void manyAtOnceUnderOneKeyAreOneJob() throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(8);
    try {
      Callable<Insertion> insertion = () -> store.insert(newJob("{}", "key"));
      int created = 0;
      Set<UUID> ids = new HashSet<>();
      for (Future<Insertion> done : threads.invokeAll(Collections.nCopies(40, insertion))) {
        if (done.get() instanceof Insertion.Created job) {
          created++;
          ids.add(job.job().id());
        } else if (done.get() instanceof Insertion.Repeated job) {
          ids.add(job.job().id());
        }
      }
      assertThat(created).isEqualTo(1);
      assertThat(ids).hasSize(1);
    } finally {
      threads.shutdownNow();
    }
  }

  @Test
  void whatWasSaidIsThereAfterTheStoreIsOpenedAgain() {
    Job completed = now(insertCompleted());
    Job failed = insertRunning();
    store.fail(failed.id(), PROGRESS, FAILURE);
    failed = now(failed);
    Job waiting = created(store.insert(newJob("{}", "key")));
    store.close();
    store = JobStore.open(file, clock);
    assertThat(store.list(Optional.empty(), Long.MAX_VALUE, 10))
        .containsExactly(waiting, failed, completed);
    assertThat(store.insert(newJob("{}", "key"))).isEqualTo(new Insertion.Repeated(waiting));
    assertThat(insert().number()).isGreaterThan(waiting.number());
  }

  @Test
  void whatWasAnsweredIsWrittenAtOnce() throws IOException {
    Job job = insert();
    byte[] journal = Files.readAllBytes(directory.resolve("jobs.db-wal"));
    assertThat(new String(journal, ISO_8859_1)).contains(job.id().toString());
  }

  /** A machine may lose its power: FULL (2) is a write to the disk for each transaction. */
  @Test
  void whatWasAnsweredSurvivesTheMachine() {
    assertThat(store.setting("synchronous")).isEqualTo("2");
    assertThat(store.setting("journal_mode")).isEqualTo("wal");
    assertThat(store.setting("locking_mode")).isEqualTo("exclusive");
  }

  @Test
  void aSecondServiceIsRefused() {
    assertThatThrownBy(() -> JobStore.open(file, clock))
        .isInstanceOfSatisfying(
            PolyStreamException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.CONFIGURATION))
        .hasMessage("another service uses the job store " + file + ": stop it, or set STORE_PATH");
    assertThat(insert().status()).isEqualTo(JobStatus.PENDING);
  }

  @Test
  void aStoreThatWasOnlyReadIsTheOpenersToo() {
    insert();
    store.close();
    store = JobStore.open(file, clock);
    store.list(Optional.empty(), Long.MAX_VALUE, 10);
    assertThatThrownBy(() -> JobStore.open(file, clock)).hasMessageContaining("another service");
  }

  @Test
  void theNextServiceMayHaveWhatIsClosed() {
    store.close();
    store = JobStore.open(file, clock);
    store.ping();
  }

  @Test
  void theStoreOfAnotherVersionIsRefusedAndLeftAlone() throws SQLException {
    Job job = insert();
    store.close();
    setVersion(99);
    assertThatThrownBy(() -> JobStore.open(file, clock))
        .isInstanceOfSatisfying(
            PolyStreamException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.CONFIGURATION))
        .hasMessage(
            "the job store "
                + file
                + " was written by another version of PolyStream: move it away");
    // Nobody holds it any more.
    setVersion(2);
    store = JobStore.open(file, clock);
    assertThat(store.find(job.id())).isPresent();
  }

  @Test
  void aFileOfTheFirstVersionIsTakenOver() throws SQLException {
    Job job = insertCompleted();
    store.close();
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file);
        Statement statement = connection.createStatement()) {
      statement.execute("ALTER TABLE jobs DROP COLUMN file_limited");
      statement.execute("ALTER TABLE jobs DROP COLUMN file_warnings");
    }
    setVersion(1);
    store = JobStore.open(file, clock);
    assertThat(now(job).file())
        .contains(new Job.JobFile(FILE.bytes(), FILE.crc32c(), false, List.of()));
    assertThat(now(insertCompleted()).file()).contains(FILE);
  }

  private void setVersion(int version) throws SQLException {
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file);
        Statement statement = connection.createStatement()) {
      statement.execute("PRAGMA user_version = " + version);
    }
  }

  @Test
  void aFileThatIsNoStoreIsRefusedAndLeftAlone() throws IOException {
    Path other = directory.resolve("notes.txt");
    Files.writeString(other, "these are somebody's notes\n".repeat(100));
    assertThatThrownBy(() -> JobStore.open(other, clock))
        .isInstanceOfSatisfying(
            PolyStreamException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.STORAGE))
        .hasMessageStartingWith("cannot open the job store " + other + ": ");
    assertThat(other).hasContent("these are somebody's notes\n".repeat(100));
  }

  @Test
  void aStoreThatCannotBeMadeIsAFailureOfStorage() {
    Path nowhere = directory.resolve("missing/jobs.db");
    assertThatThrownBy(() -> JobStore.open(nowhere, clock))
        .isInstanceOfSatisfying(
            PolyStreamException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.STORAGE))
        .hasMessageStartingWith("cannot open the job store " + nowhere + ": ");
  }

  @Test
  void aStoreThatDoesNotAnswerIsAFailureOfStorage() {
    store.close();
    assertThatThrownBy(() -> store.ping())
        .isInstanceOfSatisfying(
            PolyStreamException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.STORAGE))
        .hasMessageStartingWith("the job store " + file + " does not work: ");
  }
}
