package io.polystream.cli;

import static io.polystream.error.PolyStreamException.configuration;

import io.polystream.error.ErrorKind;
import io.polystream.error.PolyStreamException;
import io.polystream.export.Configuration.NamedDatabase;
import io.polystream.export.RequestDocument.DatabaseReference;
import io.polystream.source.DatabaseUrl;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** How a command finds its database. */
final class ConnectionOptions {
  private static final String URL_VARIABLE = "DATABASE_URL";

  @Mixin private ConfigFile config;

  @Option(
      names = "--db-url",
      paramLabel = "URL",
      description = {
        "postgresql://user:password@host:port/database, or a jdbc:postgresql:// URL.",
        "Without it: $DATABASE_URL."
      })
  private String url;

  @Option(
      names = "--database",
      paramLabel = "NAME",
      description = "A database of the configuration file, in the URL's place.")
  private String name;

  @Option(
      names = "--password-file",
      paramLabel = "FILE",
      description = "File whose first line is the password. Without it: the URL, or $PGPASSWORD.")
  private Path passwordFile;

  @Option(
      names = "--no-password",
      description = "Never ask for a password on the terminal, if the server wants one.")
  private boolean neverAsks;

  /**
   * Does something with the database, and once more with a password from the terminal when the
   * server wants one, none was given, and somebody is there.
   */
  <T> T with(DatabaseUrl database, Function<DatabaseUrl, T> work) {
    try {
      return work.apply(database);
    } catch (PolyStreamException e) {
      if (e.kind() != ErrorKind.PASSWORD_MISSING
          || database.password().isPresent()
          || neverAsks
          || !PasswordPrompt.isPossible()) {
        throw e;
      }
      String typed = PasswordPrompt.ask(database.toString()).orElseThrow(() -> e);
      return work.apply(database.withPassword(typed));
    }
  }

  ConfigFile config() {
    return config;
  }

  /** The database of a command that has nothing but flags. */
  DatabaseUrl databaseUrl(Map<String, String> environment) {
    return settings(environment, new Layers(List.of())).toUrl();
  }

  /**
   * Finds the database.
   *
   * @param layers with a say in it, but for the flags
   */
  ConnectionSettings settings(Map<String, String> environment, Layers layers) {
    if (config.isNamed()) {
      config.find(environment);
    }
    Optional<Setting<DatabaseReference>> said = said(layers);
    Setting<DatabaseReference> chosen =
        said.filter(
                reference -> reference.origin().countsAsMuchAs(Origin.environment(URL_VARIABLE)))
            .or(() -> inEnvironment(environment))
            .or(() -> said)
            .or(() -> byDefault(environment))
            .orElseThrow(
                () ->
                    configuration(
                        "no database: give --db-url postgresql://user:password@host:port/database,"
                            + " or set DATABASE_URL"));
    Optional<NamedDatabase> named =
        chosen.value().name().map(wanted -> config.database(wanted, environment));
    Setting<DatabaseUrl> database =
        chosen
            .map(reference -> reference.url().or(() -> named.map(NamedDatabase::url)).orElseThrow())
            .map(found -> withUser(found, environment));
    return new ConnectionSettings(
        database,
        chosen.value().name(),
        password(database, named, environment),
        overruled(said, chosen));
  }

  private Optional<Setting<DatabaseReference>> said(Layers layers) {
    if (url != null && name != null) {
      throw configuration("--db-url and --database say both which database: give one of them");
    }
    if (url != null) {
      return Optional.of(new Setting<>(reference(url), Origin.flag("--db-url")));
    }
    if (name != null) {
      return Optional.of(
          new Setting<>(
              new DatabaseReference(Optional.empty(), Optional.of(name)),
              Origin.flag("--database")));
    }
    return layers.find(
        "",
        document ->
            Optional.of(document.database())
                .filter(reference -> reference.url().isPresent() || reference.name().isPresent()));
  }

  private static Optional<Setting<DatabaseReference>> inEnvironment(
      Map<String, String> environment) {
    return Optional.ofNullable(environment.get(URL_VARIABLE))
        .filter(text -> !text.isBlank())
        .map(text -> new Setting<>(reference(text), Origin.environment(URL_VARIABLE)));
  }

  private Optional<Setting<DatabaseReference>> byDefault(Map<String, String> environment) {
    return config
        .find(environment)
        .filter(found -> found.database().isPresent())
        .map(
            found ->
                new Setting<>(
                    new DatabaseReference(Optional.empty(), found.database()),
                    new Origin(Origin.Rank.FILE, "configuration " + found.file())));
  }

  private static DatabaseReference reference(String text) {
    return new DatabaseReference(Optional.of(DatabaseUrl.parse(text.strip())), Optional.empty());
  }

  private static DatabaseUrl withUser(DatabaseUrl database, Map<String, String> environment) {
    String user = environment.get("PGUSER");
    return database.user().isEmpty() && user != null ? database.withUser(user) : database;
  }

  private Optional<Setting<Supplier<String>>> password(
      Setting<DatabaseUrl> database,
      Optional<NamedDatabase> named,
      Map<String, String> environment) {
    if (passwordFile != null) {
      return Optional.of(
          new Setting<>(() -> firstLine(passwordFile), Origin.flag("--password-file")));
    }
    if (database.value().password().isPresent()) {
      return Optional.empty();
    }
    return variable("PGPASSWORD", environment)
        .or(() -> named.flatMap(found -> found.passwordFile().map(file -> inFile(file, database))))
        .or(
            () ->
                named
                    .flatMap(NamedDatabase::passwordVariable)
                    .map(variable -> required(variable, environment)));
  }

  private static Optional<Setting<Supplier<String>>> variable(
      String variable, Map<String, String> environment) {
    return Optional.ofNullable(environment.get(variable))
        .map(value -> new Setting<>(() -> value, Origin.environment(variable)));
  }

  private static Setting<Supplier<String>> inFile(Path file, Setting<DatabaseUrl> database) {
    return new Setting<>(
        () -> firstLine(file),
        new Origin(Origin.Rank.FILE, database.origin().label() + ", passwordFile " + file));
  }

  private static Setting<Supplier<String>> required(
      String variable, Map<String, String> environment) {
    return variable(variable, environment)
        .orElseGet(
            () ->
                new Setting<>(
                    () -> {
                      throw configuration(
                          "the configuration takes the password from "
                              + variable
                              + ", and there is no such environment variable: set it");
                    },
                    Origin.environment(variable)));
  }

  /** Who wrote an export with its database may not know what his environment has. */
  private static Optional<String> overruled(
      Optional<Setting<DatabaseReference>> said, Setting<DatabaseReference> chosen) {
    return said.filter(meant -> !meant.equals(chosen))
        .map(
            meant ->
                "the environment's DATABASE_URL goes before the database of "
                    + meant.origin().label()
                    + ": unset it, or say --database or --db-url");
  }

  private static String firstLine(Path file) {
    try {
      return Files.readString(file).lines().findFirst().orElse("");
    } catch (IOException e) {
      throw PolyStreamException.storage("cannot read the password file " + file, e);
    }
  }
}
