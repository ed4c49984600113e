package io.polystream.cli;

import io.polystream.export.RequestDocument;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * All that says what is wanted, as documents: flags, request, configuration file. Immutable.
 *
 * @param layers what counts more comes first
 */
record Layers(List<Layer> layers) {
  /** One document with where it comes from. */
  record Layer(Origin origin, RequestDocument document) {
    /** The origin of one of its settings, which the flag says, too. */
    Origin origin(String flag) {
      return origin.rank() == Origin.Rank.FLAG ? Origin.flag(flag) : origin;
    }
  }

  Layers {
    layers = List.copyOf(layers);
  }

  /** The first that says something of a field. */
  <T> Optional<Setting<T>> find(String flag, Function<RequestDocument, Optional<T>> field) {
    for (Layer layer : layers) {
      Optional<T> value = field.apply(layer.document());
      if (value.isPresent()) {
        return Optional.of(new Setting<>(value.get(), layer.origin(flag)));
      }
    }
    return Optional.empty();
  }

  /** The format's options, each from the first that says it. */
  Map<String, Setting<String>> formatOptions(Map<String, String> flags) {
    Map<String, Setting<String>> options = new LinkedHashMap<>();
    for (Layer layer : layers) {
      layer
          .document()
          .formatOptions()
          .forEach(
              (name, value) ->
                  options.putIfAbsent(
                      name, new Setting<>(value, layer.origin(flags.getOrDefault(name, name)))));
    }
    return options;
  }
}
