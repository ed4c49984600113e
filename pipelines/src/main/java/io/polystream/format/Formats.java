package io.polystream.format;

import static io.polystream.error.PolyStreamException.configuration;

import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.ServiceLoader;
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
   * Checks the names of options.
   *
   * @throws io.polystream.error.PolyStreamException of kind {@code CONFIGURATION} when the format
   *     does not take one of the options
   */
  public static void requireOptions(Format format, Map<String, String> options) {
    for (String option : options.keySet()) {
      if (!format.takes(option)) {
        throw configuration(
            "format "
                + format.name()
                + " does not take the option "
                + option
                + (format.options().isEmpty()
                    ? ": it has none"
                    : ": it takes "
                        + format.options().stream()
                            .map(FormatOption::name)
                            .collect(Collectors.joining(", "))));
      }
    }
  }
}
