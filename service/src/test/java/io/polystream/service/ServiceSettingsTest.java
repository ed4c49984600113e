package io.polystream.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.polystream.error.ErrorKind;
import io.polystream.error.PolyStreamException;
import io.polystream.service.jobs.RunnerLimits;
import io.polystream.source.DatabaseUrl;
import io.polystream.source.PoolSettings;
import io.polystream.source.TableName;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ServiceSettingsTest {
  private static final String DATABASE = "postgresql://me@there/shop";

  // ------------------------------------------------------------------ .env.example

  /**
   * A line of .env.example with a variable.
   *
   * @param isDefault whether that is its default; else there is none, and it is commented out
   * @param before the line before
   */
  private record Example(String name, String value, boolean isDefault, String before) {
    private static final Pattern LINE = Pattern.compile("(#?)([A-Z_]+)=(.*)");

    static List<Example> all() throws IOException {
      List<Example> found = new ArrayList<>();
      String before = "";
      for (String line : Files.readAllLines(Path.of("../.env.example"))) {
        Matcher variable = LINE.matcher(line);
        if (variable.matches()) {
          found.add(
              new Example(
                  variable.group(2), variable.group(3), variable.group(1).isEmpty(), before));
        }
        before = line;
      }
      return found;
    }
  }

  /** An environment that remembers what it was asked for. */
  private static final class Watched extends HashMap<String, String> {
    private static final long serialVersionUID = 1L;

    private final Set<String> asked = new TreeSet<>();

    @Override
    public String get(Object name) {
      asked.add((String) name);
      return super.get(name);
    }
  }

  @Test
  void theExampleHasEveryVariableThatIsAskedForAndNoOther() throws IOException {
    Watched environment = new Watched();
    // The password is asked for only where there is a URL without one.
    environment.put("DATABASE_URL", DATABASE);
    ServiceSettings.of(environment);
    assertThat(Example.all())
        .extracting(Example::name)
        .containsExactlyInAnyOrderElementsOf(environment.asked);
  }

  @Test
  void whatTheExampleSetsAreTheDefaults() throws IOException {
    assertThat(
            ServiceSettings.of(
                Example.all().stream()
                    .filter(Example::isDefault)
                    .collect(Collectors.toMap(Example::name, Example::value))))
        .isEqualTo(ServiceSettings.of(Map.of()));
  }

  @Test
  void whatTheExampleCommentsOutIsRightAndNoDefault() throws IOException {
    for (Example example : Example.all()) {
      if (!example.isDefault() && !Set.of("PGUSER", "PGPASSWORD").contains(example.name())) {
        ServiceSettings settings = ServiceSettings.of(Map.of(example.name(), example.value()));
        // Where the default follows from another, the example may be the same.
        if (!example.name().equals("STORE_PATH")) {
          assertThat(settings).as(example.name()).isNotEqualTo(ServiceSettings.of(Map.of()));
        }
      }
    }
  }

  @Test
  void theExampleHasASentenceForEveryVariable() throws IOException {
    assertThat(Example.all())
        .allSatisfy(example -> assertThat(example.before()).startsWith("# ").endsWith("."));
  }

  /** All but the port, which is the container's own affair, and the password, which the URL has. */
  @Test
  void theContainerIsToldEveryVariable() throws IOException {
    String told =
        Files.readString(Path.of("../docker-compose.yml"))
            + Files.readString(Path.of("../Dockerfile"));
    assertThat(Example.all())
        .extracting(Example::name)
        .filteredOn(name -> !Set.of("PORT", "PGUSER", "PGPASSWORD").contains(name))
        .allSatisfy(name -> assertThat(told).containsPattern("\\b" + name + "[:=]"));
  }

  // ------------------------------------------------------------------ values

  @Test
  void anEmptyEnvironmentHasDefaultsForAllButTheDatabase() {
    ServiceSettings settings = ServiceSettings.of(Map.of());
    assertThat(settings)
        .isEqualTo(
            new ServiceSettings(
                Optional.empty(),
                8080,
                "127.0.0.1",
                Path.of("exports"),
                TableName.parse("records"),
                List.of(),
                OptionalLong.empty(),
                new RunnerLimits(
                    1, 100, Duration.ofHours(6), Duration.ofHours(24), OptionalLong.empty()),
                new PoolSettings(10, Duration.ofSeconds(2), Duration.ofSeconds(30)),
                Path.of("exports", "polystream.db"),
                OptionalLong.empty(),
                64,
                Duration.ofSeconds(30),
                ServiceSettings.LogFormat.TEXT));
    assertThat(settings.isLoopback()).isTrue();
  }

  @Test
  void whatIsEmptyOrBlankIsAsIfItWereNotThere() throws IOException {
    Map<String, String> environment = new HashMap<>();
    for (Example example : Example.all()) {
      environment.put(example.name(), environment.size() % 2 == 0 ? "" : " ");
    }
    assertThat(ServiceSettings.of(environment)).isEqualTo(ServiceSettings.of(Map.of()));
  }

  @Test
  void everyVariableIsRead() {
    ServiceSettings settings =
        ServiceSettings.of(
            Map.ofEntries(
                Map.entry("DATABASE_URL", DATABASE),
                Map.entry("PGUSER", "somebody"),
                Map.entry("PGPASSWORD", "secret"),
                Map.entry("PORT", "1"),
                Map.entry("BIND_ADDRESS", "0.0.0.0"),
                Map.entry("EXPORT_DIR", "/data/files"),
                Map.entry("EXPORT_TABLE", "sales.orders"),
                Map.entry("EXPORT_TABLES", "a, \"B.c\" ,,d.e"),
                Map.entry("EXPORT_ROW_LIMIT", "2"),
                Map.entry("MAX_CONCURRENT_EXPORTS", "3"),
                Map.entry("MAX_QUEUED_EXPORTS", "0"),
                Map.entry("EXPORT_TIMEOUT", "4m"),
                Map.entry("EXPORT_TTL", "5d"),
                Map.entry("EXPORT_DISK_LIMIT", "6kB"),
                Map.entry("DB_POOL_MAX", "7"),
                Map.entry("DB_CONNECT_TIMEOUT", "800ms"),
                Map.entry("DB_IDLE_TIMEOUT", "90s"),
                Map.entry("STORE_PATH", "/data/jobs.db"),
                Map.entry("DOWNLOAD_RATE_LIMIT", "10MiB"),
                Map.entry("MAX_TRANSFERS", "11"),
                Map.entry("DRAIN_TIMEOUT", "0s"),
                Map.entry("LOG_FORMAT", "json")));
    assertThat(settings)
        .isEqualTo(
            new ServiceSettings(
                Optional.of(DatabaseUrl.parse(DATABASE).withPassword("secret")),
                1,
                "0.0.0.0",
                Path.of("/data/files"),
                TableName.parse("sales.orders"),
                List.of(TableName.parse("a"), TableName.parse("\"B.c\""), TableName.parse("d.e")),
                OptionalLong.of(2),
                new RunnerLimits(
                    3, 0, Duration.ofMinutes(4), Duration.ofDays(5), OptionalLong.of(6000)),
                new PoolSettings(7, Duration.ofMillis(800), Duration.ofSeconds(90)),
                Path.of("/data/jobs.db"),
                OptionalLong.of(10 << 20),
                11,
                Duration.ZERO,
                ServiceSettings.LogFormat.JSON));
    assertThat(settings.isLoopback()).isFalse();
  }

  @Test
  void thePasswordOfTheUrlGoesFirst() {
    assertThat(password("postgresql://me:own@there/shop", "other")).hasValue("own");
    assertThat(password("postgresql://me@there/shop", " o t ")).hasValue(" o t ");
  }

  private static Optional<String> password(String url, String password) {
    return ServiceSettings.of(Map.of("DATABASE_URL", url, "PGPASSWORD", password))
        .database()
        .orElseThrow()
        .password();
  }

  @ParameterizedTest
  @CsvSource({"500ms, 500", "30s, 30000", "15m, 900000", "24H, 86400000", "'7 d', 604800000"})
  void timesHaveAUnit(String text, long millis) {
    assertThat(ServiceSettings.of(Map.of("EXPORT_TTL", text)).limits().fileTtl())
        .isEqualTo(Duration.ofMillis(millis));
  }

  @ParameterizedTest
  @ValueSource(strings = {"30", "-1s", "1.5h", "2w", "s", "1h30m", "99999999999d"})
  void otherTimesAreRefused(String text) {
    assertThatThrownBy(() -> ServiceSettings.of(Map.of("EXPORT_TTL", text)))
        .hasMessage(
            "EXPORT_TTL: must be a number with a unit, such as 500ms, 30s, 15m, 24h or 7d, not \""
                + text
                + "\"");
  }

  @ParameterizedTest
  @CsvSource({"1, 1", "500kB, 500000", "1.5GiB, 1610612736", "64 mb, 64000000"})
  void sizesMayHaveAUnit(String text, long bytes) {
    assertThat(ServiceSettings.of(Map.of("EXPORT_DISK_LIMIT", text)).limits().diskBytes())
        .hasValue(bytes);
  }

  @ParameterizedTest
  @ValueSource(strings = {"127.0.0.1", "127.1.2.3", "localhost", "::1", "[::1]"})
  void onlyThisMachineReachesLoopback(String address) {
    assertThat(ServiceSettings.of(Map.of("BIND_ADDRESS", address)).isLoopback()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"0.0.0.0", "::", "192.0.2.1"})
  void otherMachinesReachTheRest(String address) {
    assertThat(ServiceSettings.of(Map.of("BIND_ADDRESS", address)).isLoopback()).isFalse();
  }

  // ------------------------------------------------------------------ what is wrong

  @Test
  void allThatIsWrongIsSaidInOneMessage() {
    Map<String, String> wrong =
        Map.ofEntries(
            Map.entry("DATABASE_URL", "mysql://there/shop"),
            Map.entry("PORT", "65536"),
            Map.entry("EXPORT_TABLE", "a.b.c"),
            Map.entry("EXPORT_TABLES", "ok,\"open"),
            Map.entry("EXPORT_ROW_LIMIT", "0"),
            Map.entry("EXPORT_TTL", "a day"),
            Map.entry("EXPORT_DISK_LIMIT", "0"),
            Map.entry("EXPORT_TIMEOUT", "-1s"),
            Map.entry("MAX_CONCURRENT_EXPORTS", "0"),
            Map.entry("MAX_QUEUED_EXPORTS", "-1"),
            Map.entry("DB_POOL_MAX", "none"),
            Map.entry("DB_CONNECT_TIMEOUT", "2"),
            Map.entry("DB_IDLE_TIMEOUT", "soon"),
            Map.entry("DOWNLOAD_RATE_LIMIT", "fast"),
            Map.entry("MAX_TRANSFERS", "1001"),
            Map.entry("DRAIN_TIMEOUT", "1y"),
            Map.entry("LOG_FORMAT", "xml"));
    assertThatThrownBy(() -> ServiceSettings.of(wrong))
        .isInstanceOfSatisfying(
            PolyStreamException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.CONFIGURATION))
        .message()
        .satisfies(
            message ->
                assertThat(message.split("; (?=[A-Z_]+: )"))
                    .extracting(problem -> problem.replaceFirst(": .*", ""))
                    .containsExactlyInAnyOrderElementsOf(wrong.keySet()))
        .contains("PORT: must be a whole number from 0 to 65535, not \"65536\"")
        .contains("EXPORT_ROW_LIMIT: must be a whole number of 1 or more, not \"0\"")
        .contains("LOG_FORMAT: must be json or text, not \"xml\"")
        .doesNotContain("\n");
  }

  @ParameterizedTest
  @ValueSource(strings = {",", " , ,"})
  void aListWithoutATableIsNotAllTables(String list) {
    assertThatThrownBy(() -> ServiceSettings.of(Map.of("EXPORT_TABLES", list)))
        .hasMessageContaining("EXPORT_TABLES: has no table in it");
  }

  @ParameterizedTest
  @CsvSource({"DB_CONNECT_TIMEOUT, 249ms, 250 ms", "DB_IDLE_TIMEOUT, 9999ms, 10000 ms"})
  void whatThePoolDoesNotTakeIsNamed(String name, String value, String least) {
    assertThatThrownBy(() -> ServiceSettings.of(Map.of(name, value)))
        .hasMessageContaining(name)
        .hasMessageContaining(least + " or more");
  }
}
