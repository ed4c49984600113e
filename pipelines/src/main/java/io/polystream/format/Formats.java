package io.polystream.format;

import static io.polystream.error.PolyStreamException.configuration;

import io.polystream.error.PolyStreamException;
import io.polystream.format.FormatOption.Spelling;
import io.polystream.row.Column;
import io.polystream.row.Kind;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The formats on the class path. */
public final class Formats {
  private static final List<Format> ALL =
      ServiceLoader.load(Format.class, Formats.class.getClassLoader()).stream()
          .map(ServiceLoader.Provider::get)
          .sorted(Comparator.comparing(Format::name))
          .toList();

  private Formats() {}

  /** All formats, by name. */
  public static List<Format> all() {
    return ALL;
  }

  /** The names of all formats, for help and errors: {@code csv, json, ndjson, tsv}. */
  public static String names() {
    return ALL.stream().map(Format::name).collect(Collectors.joining(", "));
  }

  /**
   * Finds a format by its name.
   *
   * @throws io.polystream.error.PolyStreamException of kind {@code CONFIGURATION} when there is no
   *     such format
   */
  public static Format byName(String name) {
    return ALL.stream()
        .filter(format -> format.name().equals(name))
        .findFirst()
        .orElseThrow(() -> configuration("unknown format \"" + name + "\": use one of " + names()));
  }

  /** The format that has the extension the file name ends with, in any case. */
  public static Optional<Format> byFileName(String fileName) {
    String lowerCase = fileName.toLowerCase(Locale.ROOT);
    return ALL.stream()
        .filter(
            format ->
                Stream.concat(Stream.of(format.extension()), format.otherExtensions().stream())
                    .anyMatch(extension -> lowerCase.endsWith("." + extension)))
        .findFirst();
  }

  /** The options of all formats, each once. */
  public static List<FormatOption> options() {
    return ALL.stream().flatMap(format -> format.options().stream()).distinct().toList();
  }

  /**
   * Checks options, all of them.
   *
   * @throws io.polystream.error.PolyStreamException of kind {@code CONFIGURATION} that names every
   *     option that the format does not take, or not with this value
   */
  public static void requireOptions(Format format, Map<String, String> options) {
    List<String> problems =
        new TreeMap<>(options)
            .entrySet().stream()
                .flatMap(option -> problem(format, option.getKey(), option.getValue()).stream())
                .toList();
    if (!problems.isEmpty()) {
      throw configuration(String.join("; ", problems));
    }
  }

  /** What is wrong with an option of a format, by its field's name; empty for nothing. */
  public static Optional<String> problem(Format format, String name, String value) {
    return problem(format, name, value, Spelling.FIELD);
  }

  /** The same by the name that was written. */
  public static Optional<String> problem(
      Format format, String name, String value, Spelling spelling) {
    String written =
        options().stream()
            .filter(option -> option.name().equals(name))
            .map(option -> option.spelled(spelling))
            .findFirst()
            .orElse(name);
    if (!format.takes(name)) {
      return Optional.of(
          "format "
              + format.name()
              + " does not take the option "
              + written
              + (format.options().isEmpty()
                  ? ": it has none"
                  : ": it takes "
                      + format.options().stream()
                          .map(option -> option.spelled(spelling))
                          .collect(Collectors.joining(", "))));
    }
    try {
      // Whether a format takes a value is known when it is bound, whatever the columns are.
      format.encoding(List.of(new Column(name, Kind.TEXT)), Map.of(name, value));
      return Optional.empty();
    } catch (PolyStreamException e) {
      return Optional.of(written + " " + e.getMessage());
    }
  }

  /**
   * Why files of a format are not compressed as a whole; empty when they may be.
   *
   * @param remedy what to change
   */
  public static Optional<String> compressionProblem(
      Format format, String remedy, Spelling spelling) {
    return format
        .ownCompression()
        .map(
            option ->
                "a "
                    + format.name()
                    + " file is compressed inside, not as a whole: "
                    + remedy
                    + ", and choose how with "
                    + option.spelled(spelling)
                    + " ("
                    + option.values()
                    + ")");
  }
}
