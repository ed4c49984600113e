package io.polystream.service;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What {@code /metrics} says at a moment.
 *
 * @param lines without comments
 */
record Metrics(List<String> lines) {
  static Metrics of(Api api) throws Exception {
    return new Metrics(
        new String(api.get("/metrics").body(), UTF_8)
            .lines()
            .filter(line -> !line.startsWith("#"))
            .toList());
  }

  /** Names with their labels in braces, without values. */
  Set<String> series() {
    return lines.stream()
        .map(line -> line.substring(0, line.lastIndexOf(' ')))
        .collect(Collectors.toSet());
  }

  /** The value of the only series that begins so. */
  double value(String beginning) {
    List<String> found = lines.stream().filter(line -> line.startsWith(beginning)).toList();
    assertThat(found).as("series that begin with " + beginning).hasSize(1);
    return Double.parseDouble(found.get(0).substring(found.get(0).lastIndexOf(' ') + 1));
  }
}
