package io.polystream.format;

import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * An option of a format: a field of a request, and a flag of the command line.
 *
 * @param name in a request, camelCase
 * @param values a few words on what it may be
 * @param choices all it may be, when that is not much; else empty
 * @param flag with its dashes
 * @param flagValue what the flag stands for when it takes no value
 * @param help what it does and what it is by default, for people who read {@code --help}
 */
public record FormatOption(
    String name,
    String values,
    List<String> choices,
    String flag,
    Optional<String> flagValue,
    String help) {
  /** By which of its names an option goes in a message: the one that was written. */
  public enum Spelling {
    FIELD,
    FLAG
  }

  public FormatOption {
    choices = List.copyOf(choices);
  }

  /** An option that is one of a few words. */
  public static FormatOption oneOf(String name, List<String> choices, String help) {
    return new FormatOption(
        name, String.join(", ", choices), choices, flag(name), Optional.empty(), help);
  }

  /** An option that is whatever its format understands. */
  public static FormatOption of(String name, String values, String help) {
    return new FormatOption(name, values, List.of(), flag(name), Optional.empty(), help);
  }

  /** An option that is true unless it is switched off. */
  public static FormatOption switchedOff(String name, String help) {
    return new FormatOption(
        name,
        "true or false",
        List.of("true", "false"),
        "--no-" + flag(name).substring(2),
        Optional.of("false"),
        help);
  }

  /** Its name there. */
  public String spelled(Spelling spelling) {
    return spelling == Spelling.FLAG ? flag : name;
  }

  private static String flag(String name) {
    return "--" + name.replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT);
  }
}
