package io.polystream.service;

import static io.polystream.error.PolyStreamException.configuration;

import io.polystream.error.PolyStreamException;
import io.polystream.export.ByteSize;
import io.polystream.service.jobs.RunnerLimits;
import io.polystream.source.DatabaseUrl;
import io.polystream.source.PoolSettings;
import io.polystream.source.TableName;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What the service is told by its environment; {@code .env.example} has every variable.
 *
 * @param database empty when DATABASE_URL is not set
 * @param port 0 for any that is free
 * @param tables what may be exported; empty for all that the role can read
 * @param rowLimit of every export
 * @param downloadBytesPerSecond of each download, if that is limited
 * @param mostTransfers downloads at once
 */
public record ServiceSettings(
    Optional<DatabaseUrl> database,
    int port,
    String bindAddress,
    Path exportDirectory,
    TableName table,
    List<TableName> tables,
    OptionalLong rowLimit,
    RunnerLimits limits,
    PoolSettings pool,
    Path store,
    OptionalLong downloadBytesPerSecond,
    int mostTransfers,
    Duration drainTimeout,
    LogFormat logFormat) {
  private static final Pattern DURATION = Pattern.compile("([0-9]+)\\s*(ms|s|m|h|d)");

  private static final int MOST_PORT = 65_535;

  /** How lines of the log are written. */
  public enum LogFormat {
    TEXT,
    JSON
  }

  /** Whether only this machine reaches the service. */
  public boolean isLoopback() {
    try {
      return InetAddress.getByName(bindAddress).isLoopbackAddress();
    } catch (UnknownHostException e) {
      throw configuration("BIND_ADDRESS " + bindAddress + " is no address of this machine");
    }
  }

  /**
   * Reads the environment.
   *
   * @throws PolyStreamException of kind {@code CONFIGURATION} that names every variable that is
   *     wrong
   */
  public static ServiceSettings of(Map<String, String> environment) {
    Reader reader = new Reader(environment);
    Path directory = Path.of(reader.text("EXPORT_DIR", "exports"));
    PoolSettings pool =
        reader.attempt(
            "DB_POOL_MAX, DB_CONNECT_TIMEOUT or DB_IDLE_TIMEOUT",
            new PoolSettings(10, Duration.ofSeconds(2), Duration.ofSeconds(30)),
            () ->
                new PoolSettings(
                    (int) reader.number("DB_POOL_MAX", 10, 1, 1000),
                    reader.duration("DB_CONNECT_TIMEOUT", Duration.ofSeconds(2)),
                    reader.duration("DB_IDLE_TIMEOUT", Duration.ofSeconds(30))));
    ServiceSettings settings =
        new ServiceSettings(
            reader
                .parsed("DATABASE_URL", DatabaseUrl::parse)
                .map(url -> withLogin(url, environment)),
            (int) reader.number("PORT", 8080, 0, MOST_PORT),
            reader.text("BIND_ADDRESS", "127.0.0.1"),
            directory,
            reader.parsed("EXPORT_TABLE", TableName::parse).orElse(TableName.parse("records")),
            reader.parsed("EXPORT_TABLES", ServiceSettings::tables).orElse(List.of()),
            reader.optionalNumber("EXPORT_ROW_LIMIT", 1),
            new RunnerLimits(
                (int) reader.number("MAX_CONCURRENT_EXPORTS", 1, 1, 64),
                (int) reader.number("MAX_QUEUED_EXPORTS", 100, 0, 1_000_000),
                reader.positiveDuration("EXPORT_TIMEOUT", Duration.ofHours(6)),
                reader.positiveDuration("EXPORT_TTL", Duration.ofHours(24)),
                reader.size("EXPORT_DISK_LIMIT")),
            pool,
            reader.parsed("STORE_PATH", Path::of).orElse(directory.resolve("polystream.db")),
            reader.size("DOWNLOAD_RATE_LIMIT"),
            (int) reader.number("MAX_TRANSFERS", 64, 1, 1000),
            reader.duration("DRAIN_TIMEOUT", Duration.ofSeconds(30)),
            reader.parsed("LOG_FORMAT", ServiceSettings::logFormat).orElse(LogFormat.TEXT));
    reader.requireNoProblems();
    return settings;
  }

  /** The same, of another database. */
  public ServiceSettings withDatabase(DatabaseUrl other) {
    return new ServiceSettings(
        Optional.of(other),
        port,
        bindAddress,
        exportDirectory,
        table,
        tables,
        rowLimit,
        limits,
        pool,
        store,
        downloadBytesPerSecond,
        mostTransfers,
        drainTimeout,
        logFormat);
  }

  /** As on the command line: the URL goes first. */
  private static DatabaseUrl withLogin(DatabaseUrl url, Map<String, String> environment) {
    String user = environment.get("PGUSER");
    String password = environment.get("PGPASSWORD");
    DatabaseUrl named = url.user().isEmpty() && user != null ? url.withUser(user) : url;
    return named.password().isEmpty() && password != null ? named.withPassword(password) : named;
  }

  /** A list that came out empty would be taken for none, which lets everything be exported. */
  private static List<TableName> tables(String text) {
    List<TableName> tables = TableName.parseList(text);
    if (tables.isEmpty()) {
      throw configuration("has no table in it: name some, or unset it for all");
    }
    return tables;
  }

  private static LogFormat logFormat(String text) {
    return Arrays.stream(LogFormat.values())
        .filter(known -> known.name().toLowerCase(Locale.ROOT).equals(text))
        .findFirst()
        .orElseThrow(() -> configuration("must be json or text, not \"" + text + "\""));
  }

  /** Reads variables one by one and remembers what is wrong. */
  private static final class Reader {
    private final Map<String, String> environment;
    private final List<String> problems = new ArrayList<>();

    Reader(Map<String, String> environment) {
      this.environment = environment;
    }

    Optional<String> text(String name) {
      return Optional.ofNullable(environment.get(name))
          .map(String::strip)
          .filter(value -> !value.isEmpty());
    }

    String text(String name, String otherwise) {
      return text(name).orElse(otherwise);
    }

    <T> Optional<T> parsed(String name, Function<String, T> parser) {
      return text(name)
          .flatMap(
              value -> attempt(name, Optional.empty(), () -> Optional.of(parser.apply(value))));
    }

    <T> T attempt(String name, T otherwise, java.util.function.Supplier<T> parsing) {
      try {
        return parsing.get();
      } catch (PolyStreamException e) {
        problems.add(name + ": " + e.getMessage());
        return otherwise;
      }
    }

    long number(String name, long otherwise, long least, long most) {
      return parsed(name, value -> number(value, least, most)).orElse(otherwise);
    }

    OptionalLong optionalNumber(String name, long least) {
      return parsed(name, value -> number(value, least, Long.MAX_VALUE))
          .map(OptionalLong::of)
          .orElse(OptionalLong.empty());
    }

    private static long number(String value, long least, long most) {
      try {
        long number = Long.parseLong(value);
        if (number >= least && number <= most) {
          return number;
        }
      } catch (NumberFormatException e) {
        // Said below.
      }
      throw configuration(
          "must be a whole number "
              + (most == Long.MAX_VALUE
                  ? "of " + least + " or more"
                  : "from " + least + " to " + most)
              + ", not \""
              + value
              + "\"");
    }

    OptionalLong size(String name) {
      return parsed(name, Reader::positiveSize).map(OptionalLong::of).orElse(OptionalLong.empty());
    }

    private static long positiveSize(String value) {
      long bytes = ByteSize.parse(value);
      if (bytes < 1) {
        throw configuration("must be 1 byte or more; unset it for no limit");
      }
      return bytes;
    }

    Duration duration(String name, Duration otherwise) {
      return parsed(name, Reader::duration).orElse(otherwise);
    }

    /** What takes no time at all happens to nobody. */
    Duration positiveDuration(String name, Duration otherwise) {
      return parsed(
              name,
              value -> {
                Duration duration = duration(value);
                if (duration.isZero()) {
                  throw configuration("must be longer than nothing, not \"" + value + "\"");
                }
                return duration;
              })
          .orElse(otherwise);
    }

    private static Duration duration(String value) {
      Matcher duration = DURATION.matcher(value.toLowerCase(Locale.ROOT));
      if (!duration.matches() || duration.group(1).length() > 9) {
        throw configuration(
            "must be a number with a unit, such as 500ms, 30s, 15m, 24h or 7d, not \""
                + value
                + "\"");
      }
      long number = Long.parseLong(duration.group(1));
      return switch (duration.group(2)) {
        case "ms" -> Duration.ofMillis(number);
        case "s" -> Duration.ofSeconds(number);
        case "m" -> Duration.ofMinutes(number);
        case "h" -> Duration.ofHours(number);
        default -> Duration.ofDays(number);
      };
    }

    void requireNoProblems() {
      if (!problems.isEmpty()) {
        throw configuration(String.join("; ", problems));
      }
    }
  }
}
