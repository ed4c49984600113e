package io.polystream.cli;

import static io.polystream.error.PolyStreamException.configuration;

import io.polystream.export.Configuration;
import io.polystream.export.RequestDocument;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import picocli.CommandLine.Option;

/** The configuration file, read when something in it is asked for, or when it was named. */
final class ConfigFile {
  private static final String NAME = "polystream.yaml";

  @Option(
      names = "--config",
      paramLabel = "FILE",
      description = {
        "Databases and exports with names: see docs/configuration.md.",
        "Without it: ./polystream.yaml, or polystream/polystream.yaml in the user's config folder."
      })
  private Path named;

  private Optional<Configuration> read;

  /** The file, if there is one. */
  Optional<Configuration> find(Map<String, String> environment) {
    if (read == null) {
      read =
          (named == null
                  ? places(environment).filter(Files::exists).findFirst()
                  : Optional.of(named))
              .map(Configuration::read);
    }
    return read;
  }

  boolean isNamed() {
    return named != null;
  }

  private static Stream<Path> places(Map<String, String> environment) {
    Optional<Path> userFolder =
        given("XDG_CONFIG_HOME", environment)
            .or(() -> given("HOME", environment).map(home -> home.resolve(".config")));
    return Stream.concat(
        Stream.of(Path.of(NAME)),
        userFolder.map(folder -> folder.resolve("polystream").resolve(NAME)).stream());
  }

  /** A folder that is not absolute is none (XDG Base Directory Specification). */
  private static Optional<Path> given(String variable, Map<String, String> environment) {
    return Optional.ofNullable(environment.get(variable)).map(Path::of).filter(Path::isAbsolute);
  }

  /** An export with its origin. */
  Layers.Layer export(String name, Map<String, String> environment) {
    Configuration configuration = require("--name " + name, environment);
    RequestDocument document = configuration.exports().get(name);
    if (document == null) {
      throw unknown("export", name, configuration, configuration.exports());
    }
    return new Layers.Layer(
        new Origin(Origin.Rank.FILE, "configuration " + configuration.file() + ", export " + name),
        document);
  }

  /** A database by its name. */
  Configuration.NamedDatabase database(String name, Map<String, String> environment) {
    Configuration configuration = require("database " + name, environment);
    Configuration.NamedDatabase database = configuration.databases().get(name);
    if (database == null) {
      throw unknown("database", name, configuration, configuration.databases());
    }
    return database;
  }

  private Configuration require(String what, Map<String, String> environment) {
    return find(environment)
        .orElseThrow(
            () ->
                configuration(
                    what
                        + " is looked up in a configuration file, and there is none: name one with"
                        + " --config, or write ./"
                        + NAME));
  }

  private static RuntimeException unknown(
      String what, String name, Configuration configuration, Map<String, ?> known) {
    return configuration(
        "configuration "
            + configuration.file()
            + " has no "
            + what
            + " \""
            + name
            + "\": "
            + (known.isEmpty() ? "it has none" : "it has " + String.join(", ", known.keySet())));
  }
}
