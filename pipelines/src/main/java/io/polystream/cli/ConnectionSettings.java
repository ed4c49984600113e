package io.polystream.cli;

import io.polystream.export.RequestDocument.DatabaseReference;
import io.polystream.source.DatabaseUrl;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Which database is read.
 *
 * @param name what a configuration file calls it, if it was found there
 * @param password what goes before the URL's own, if anything does; read when it is needed
 * @param overruled what a person may have meant instead
 */
record ConnectionSettings(
    Setting<DatabaseUrl> database,
    Optional<String> name,
    Optional<Setting<Supplier<String>>> password,
    Optional<String> overruled) {
  /**
   * With the password.
   *
   * @throws io.polystream.error.PolyStreamException of kind {@code STORAGE} when its file cannot be
   *     read
   */
  DatabaseUrl toUrl() {
    return password
        .map(given -> database.value().withPassword(given.value().get()))
        .orElseGet(database::value);
  }

  /** Where the password comes from, if there is one. */
  Optional<Origin> passwordOrigin() {
    return password
        .map(Setting::origin)
        .or(() -> database.value().password().map(inUrl -> database.origin()));
  }

  DatabaseReference reference() {
    return name.isPresent()
        ? new DatabaseReference(Optional.empty(), name)
        : new DatabaseReference(Optional.of(database.value()), Optional.empty());
  }
}
