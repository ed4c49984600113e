package io.polystream.export;

import io.polystream.error.PolyStreamException;
import io.polystream.source.DatabaseUrl;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * What a configuration file says (docs/configuration.md): databases and exports with names.
 * Immutable.
 *
 * @param file where it was read from
 * @param database the name of the one to use when nothing else says which
 * @param databases by name, in the file's order
 * @param exports by name, in the file's order; their databases are among these
 */
public record Configuration(
    Path file,
    Optional<String> database,
    Map<String, NamedDatabase> databases,
    Map<String, RequestDocument> exports) {
  /** The most a file may have. */
  public static final int MOST_BYTES = 1024 * 1024;

  /**
   * A database with a name.
   *
   * @param passwordFile whose first line is the password; absolute
   * @param passwordVariable the environment variable that has the password; at most one of both
   */
  public record NamedDatabase(
      DatabaseUrl url, Optional<Path> passwordFile, Optional<String> passwordVariable) {}

  public Configuration {
    databases = Collections.unmodifiableMap(new LinkedHashMap<>(databases));
    exports = Collections.unmodifiableMap(new LinkedHashMap<>(exports));
  }

  /**
   * Reads a file in YAML or JSON.
   *
   * @throws PolyStreamException of kind {@code CONFIGURATION} with all that is wrong in it in one
   *     message, each with its line and its JSON Pointer; {@code STORAGE} when it cannot be read
   */
  public static Configuration read(Path file) {
    try (InputStream stream = Files.newInputStream(file)) {
      WrittenDocument written =
          WrittenDocument.read(
              stream, "configuration " + file, MOST_BYTES, WrittenDocument.Syntax.JSON_OR_YAML);
      RequestProblems problems = new RequestProblems();
      Configuration configuration =
          new ConfigurationParser(file, problems).configuration(written.tree());
      if (!problems.areNone()) {
        throw written.refusal(problems);
      }
      return configuration;
    } catch (IOException e) {
      throw PolyStreamException.storage("cannot read the configuration " + file, e);
    }
  }
}
