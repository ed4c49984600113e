package io.polystream.cli;

import static io.polystream.testing.Patience.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.polystream.error.ErrorKind;
import io.polystream.error.PolyStreamException;
import io.polystream.export.Exporter;
import io.polystream.testing.Gate;
import io.polystream.testing.Patience;
import io.polystream.testing.PostgresExtension;
import io.polystream.testing.RunningExport;
import io.polystream.testing.TestExport;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Exports of one process, beside one another and after one another: none is another's business. */
class ManyExportsIT {
  @RegisterExtension static final PostgresExtension postgres = new PostgresExtension();

  @BeforeAll
  static void createTables() throws SQLException {
    SlowTable.create(postgres);
    postgres.execute("CREATE TABLE item AS SELECT generate_series(1, 1000) AS id");
  }

  private static TestExport gated() {
    return TestExport.of(postgres, SlowTable.NAME).where(SlowTable.GATED);
  }

  @Test
  void twoAtOnceBothBecomeWhole() throws Exception {
    try (Gate gate = Gate.shut(postgres)) {
      RunningExport one = RunningExport.start(postgres, gated());
      RunningExport two = RunningExport.start(postgres, gated().format("json").parallelism(4));
      gate.awaitReaders(2);
      gate.open();
      assertThat(one.await().summary().rows()).isEqualTo(SlowTable.ROWS);
      assertThat(two.await().summary().rows()).isEqualTo(SlowTable.ROWS);
    }
  }

  @Test
  void oneThatFailsAndOneThatIsStoppedLeaveTheThirdAlone() throws Exception {
    try (Gate gate = Gate.shut(postgres)) {
      RunningExport good = RunningExport.start(postgres, gated());
      Path file = gated().newFile();
      Exporter exporter = gated().exporter(file);
      CompletableFuture<PolyStreamException> stopped =
          CompletableFuture.supplyAsync(
              () -> catchThrowableOfType(PolyStreamException.class, exporter::run));
      gate.awaitReaders(2);

      TestExport.of(postgres, SlowTable.NAME).where(SlowTable.FAIL_LATE).failsWith(ErrorKind.QUERY);
      exporter.cancel(new PolyStreamException(ErrorKind.CANCELLED, "enough"));

      PolyStreamException failure = stopped.get(Patience.LONGEST.toMillis(), TimeUnit.MILLISECONDS);
      assertThat(failure).isNotNull().hasMessage("enough");
      assertThat(failure.kind()).isEqualTo(ErrorKind.CANCELLED);
      assertThat(file).doesNotExist();
      assertThat(good.isDone()).isFalse();
      gate.open();
      assertThat(good.await().summary().rows()).isEqualTo(SlowTable.ROWS);
    }
  }

  @Test
  void oneThatIsStoppedBeforeItBeginsDoesNothing() {
    Path file = gated().newFile();
    Exporter exporter = gated().exporter(file);
    exporter.cancel(new PolyStreamException(ErrorKind.CANCELLED, "enough"));
    PolyStreamException failure = catchThrowableOfType(PolyStreamException.class, exporter::run);
    assertThat(failure).isNotNull().hasMessage("enough");
    assertThat(file).doesNotExist();
  }

  @Test
  void twentyInARowLeaveNothingBehind() throws Exception {
    assumeTrue(Files.isDirectory(Path.of("/proc/self/fd")), "there is a /proc");
    everyWayToEnd();
    Set<Thread> threadsBefore = liveThreads();
    List<String> filesBefore = openFiles();

    for (int i = 0; i < 5; i++) {
      everyWayToEnd();
    }

    await("threads and files to be as before")
        .untilAsserted(
            () -> {
              assertThat(liveThreads()).as("threads").isSubsetOf(threadsBefore);
              assertThat(openFiles()).as("open files").hasSizeLessThanOrEqualTo(filesBefore.size());
            });
    postgres.requireNoConnections();
    try (Stream<Path> files = Files.list(postgres.directory())) {
      // Six times two files with their manifests.
      assertThat(files).hasSize(6 * 2 * 2);
    }
  }

  /** Four exports. */
  private static void everyWayToEnd() throws IOException {
    TestExport.of(postgres, "item").run();
    TestExport.of(postgres, SlowTable.NAME).format("json").run();
    TestExport.of(postgres, SlowTable.NAME).where(SlowTable.FAIL_LATE).failsWith(ErrorKind.QUERY);
    TestExport.of(postgres, "item").where("false").refuseEmpty().failsWith(ErrorKind.NO_ROWS);
  }

  private static Set<Thread> liveThreads() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(Thread::isAlive)
        // The JDK's, the driver's and Awaitility's own come and go.
        .filter(thread -> !thread.getName().matches("ForkJoinPool.*|.*[Aa]waitility.*"))
        .collect(Collectors.toSet());
  }

  private static List<String> openFiles() throws IOException {
    List<String> open = new ArrayList<>();
    try (Stream<Path> descriptors = Files.list(Path.of("/proc/self/fd"))) {
      for (Path descriptor : descriptors.toList()) {
        try {
          open.add(Files.readSymbolicLink(descriptor).toString());
        } catch (NoSuchFileException closed) {
          // The one that lists them.
        }
      }
    }
    return open;
  }
}
