package io.polystream.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Flag before request before environment before configuration file before default. */
class PrecedenceTest {
  @TempDir private Path directory;

  /**
   * One setting: its field, the flag with its value, and what a document, the environment and the
   * configuration say of it and what goes without saying, as the dump shows them; - is nothing.
   */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        // field      | flag              | as shown  | request | environment | file | default
        "table         | --table f           | `\"f\"` | `\"r\"` | - | `\"c\"` | -",
        "columns       | --columns f:F       | `[{\"source\":\"f\",\"target\":\"F\"}]` | `[{\"source\":\"r\"}]` | - | `[{\"source\":\"c\"}]` | absent",
        "filter        | - | - | `{\"and\":[{\"column\":\"r\",\"op\":\"isNull\"}]}` | - | `{\"and\":[{\"column\":\"c\",\"op\":\"eq\",\"value\":1.50}]}` | absent",
        "where         | --where f           | `\"f\"` | `\"r\"` | - | `\"c\"` | absent",
        "limit         | --limit 1           | 1 | 2 | - | 3 | absent",
        "format        | --format json       | `\"json\"` | `\"tsv\"` | - | `\"ndjson\"` | `\"csv\"`",
        "header        | --no-header         | false | true | - | false | absent",
        "lineEnding    | --line-ending lf    | `\"lf\"` | `\"crlf\"` | - | `\"lf\"` | absent",
        "compression   | --compression gzip  | `\"gzip\"` | `\"zstd\"` | - | `\"gzip\"` | `\"none\"`",
        "allowEmpty    | --allow-empty       | true | false | - | true | false",
        "read          | --read cursor       | `\"cursor\"` | `\"copy\"` | - | `\"cursor\"` | `\"auto\"`",
        "parallelism   | --parallelism 3     | 3 | 4 | - | 1 | -",
        "database      | --db-url postgresql://f/d | `\"postgresql://f/d\"` | `\"postgresql://r/d\"` | `DATABASE_URL=postgresql://e/d` | `\"postgresql://c/d\"` | -",
        "database      | --database other    | `\"other\"` | `\"other\"` | `DATABASE_URL=postgresql://e/d` | `\"shop\"` | `\"shop\"`",
        "output/file   | -o f.csv            | `\"f.csv\"` | `\"r.csv\"` | - | `\"c.csv\"` | `\"t.csv\"`",
        "output/overwrite | --overwrite      | true | false | - | true | false",
        "output/manifest | --manifest f      | `\"f\"` | `\"r\"` | - | `\"c\"` | absent",
        "output/maxFileBytes | --max-file-bytes 1kB | 1000 | 2000 | - | 3000 | absent",
        "output/maxFileRows | --max-file-rows 1 | 1 | 2 | - | 3 | absent",
      })
  void whatCountsMoreGoesFirst(
      String field,
      String flag,
      String shown,
      String request,
      String environment,
      String file,
      String byDefault)
      throws IOException {
    List<Level> levels =
        List.of(
            new Level("flag", shown),
            new Level("request", request),
            new Level("environment", environment.replaceFirst("^\\w+=(.*)$", "\"$1\"")),
            new Level("configuration", file),
            new Level("default", byDefault));
    for (int strongest = 0; strongest < levels.size(); strongest++) {
      Level expected = levels.get(strongest);
      if (expected.value().equals("-")) {
        continue;
      }
      Given given = new Given(field);
      if (strongest == 0) {
        given.arguments.addAll(List.of(flag.split(" ")));
      }
      if (strongest <= 1 && !request.equals("-")) {
        given.inRequest(field, request);
      }
      if (strongest <= 2 && !environment.equals("-")) {
        given.environment.put("DATABASE_URL", environment.replaceFirst("^\\w+=", ""));
      }
      if (strongest <= 3) {
        given.inFile(field, file);
      }
      String line = lineOf(field, given.dump());
      if (expected.value().equals("absent")) {
        assertThat(line).as(given.toString()).isEmpty();
      } else {
        assertThat(line).as(given.toString()).contains(": " + expected.value() + " # ");
        assertThat(line.substring(line.indexOf(" # ") + 3))
            .as(given.toString())
            .startsWith(field.equals("database") && strongest == 4 ? "conf" : expected.name());
      }
    }
  }

  private record Level(String name, String value) {}

  /** Everything that says something, with a table and a database at the weakest. */
  private final class Given {
    private final List<String> arguments = new ArrayList<>();
    private final Map<String, String> environment = new HashMap<>();
    private final List<String> request = new ArrayList<>();
    private final Map<String, String> file = new HashMap<>();

    Given(String field) {
      file.put("table", "t");
      if (field.startsWith("output/maxFile")) {
        file.put("output", "{file: out/}");
      }
    }

    void inRequest(String field, String json) {
      request.add(
          field.startsWith("output/")
              ? "\"output\":{\"" + field.substring("output/".length()) + "\":" + json + "}"
              : "\"" + field + "\":" + json);
    }

    void inFile(String field, String json) {
      if (field.startsWith("output/")) {
        String others = file.getOrDefault("output", "{}").replaceFirst("}$", "");
        String separator = others.endsWith("{") ? "" : ", ";
        file.put(
            "output", others + separator + field.substring("output/".length()) + ": " + json + "}");
      } else {
        file.put(field, json);
      }
    }

    String dump() throws IOException {
      List<String> all = new ArrayList<>(arguments);
      Path config = directory.resolve("c.yaml");
      StringBuilder yaml =
          new StringBuilder(
              """
              database: shop
              databases:
                shop: {url: "postgresql://shop/d"}
                other: {url: "postgresql://other/d"}
              exports:
                nightly:
              """);
      file.forEach((name, value) -> yaml.append("    " + name + ": " + value + "\n"));
      Files.writeString(config, yaml);
      all.addAll(List.of("--config", config.toString(), "--name", "nightly"));
      if (!request.isEmpty()) {
        Path document = directory.resolve("r.json");
        Files.writeString(document, "{" + String.join(",", request) + "}");
        all.addAll(List.of("--request", document.toString()));
      }
      return PrecedenceTest.dump(settings(environment, all));
    }

    @Override
    public String toString() {
      return arguments + " " + request + " " + environment + " " + file;
    }
  }

  private static ExportSettings settings(Map<String, String> environment, List<String> arguments) {
    Options command = new Options();
    new CommandLine(command)
        .setCaseInsensitiveEnumValuesAllowed(true)
        .parseArgs(arguments.toArray(String[]::new));
    return command.options.settings(environment);
  }

  @Command
  private static final class Options {
    @Mixin private ExportOptions options;
  }

  private static String dump(ExportSettings settings) {
    StringWriter text = new StringWriter();
    new SettingsDump(settings).print(new PrintWriter(text));
    return text.toString();
  }

  private static String lineOf(String field, String dump) {
    String start = field.startsWith("output/") ? "  " + field.substring(7) + ": " : field + ": ";
    return dump.lines().filter(line -> line.startsWith(start)).findFirst().orElse("");
  }
}
