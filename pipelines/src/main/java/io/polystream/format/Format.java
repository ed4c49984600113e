package io.polystream.format;

import io.polystream.row.Column;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A file format, found by {@link java.util.ServiceLoader} through {@link Formats}. Implementations
 * have no state.
 */
public interface Format {
  /** What people call it, in lower case: the value of {@code --format}. */
  String name();

  /** The file name's ending, without the dot. */
  String extension();

  /** Other endings that files of this format go by: they are understood, and given to none. */
  default List<String> otherExtensions() {
    return List.of();
  }

  /** The media type a finished file is served as. */
  String contentType();

  /** The options this format takes. An option that several formats have is the same in all. */
  List<FormatOption> options();

  /** Whether it takes an option. */
  default boolean takes(String option) {
    return options().stream().anyMatch(taken -> taken.name().equals(option));
  }

  /**
   * The option that says how what is inside a file of this format is compressed, when it makes no
   * sense to compress the file.
   */
  default Optional<FormatOption> ownCompression() {
    return Optional.empty();
  }

  /**
   * Binds the format to one export.
   *
   * @param options by name; only names in {@link #options()} are given
   * @throws io.polystream.error.PolyStreamException of kind {@code CONFIGURATION} when a value is
   *     not understood; says what it must be, and not the option's name, which {@link
   *     Formats#problem} knows as it was written
   */
  Encoding encoding(List<Column> columns, Map<String, String> options);
}
