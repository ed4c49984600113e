package io.polystream.format;

import static io.polystream.error.PolyStreamException.configuration;

import java.util.Map;

/** The option of formats whose files begin with a line of column names. */
public final class HeaderOption {
  private static final String NAME = "header";

  /** As {@link Format#options()} has it. */
  public static final FormatOption OPTION =
      FormatOption.switchedOff(NAME, "csv, tsv: no line of column names.");

  private HeaderOption() {}

  /**
   * Whether the file gets the line; it does unless the options say otherwise.
   *
   * @throws io.polystream.error.PolyStreamException as {@link Format#encoding}, when the value is
   *     neither true nor false
   */
  public static boolean isOn(Map<String, String> options) {
    String value = options.getOrDefault(NAME, "true");
    return switch (value) {
      case "true" -> true;
      case "false" -> false;
      default -> throw configuration("must be true or false, not \"" + value + "\"");
    };
  }
}
