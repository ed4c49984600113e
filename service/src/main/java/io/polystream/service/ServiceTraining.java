package io.polystream.service;

import io.polystream.export.ClassTraining;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Does what services do, so that their classes are loaded when the launcher has them archived: the
 * next service starts faster.
 */
final class ServiceTraining {
  private ServiceTraining() {}

  /** Starts a service on a port of this machine only, asks it, and ends it. Never throws. */
  static void run() {
    ClassTraining.run();
    try {
      Path directory = Files.createTempDirectory("polystream-training-");
      try {
        serve(directory);
      } finally {
        delete(directory);
      }
    } catch (IOException | RuntimeException e) {
      // Then fewer classes are archived.
    }
  }

  private static void serve(Path directory) throws IOException {
    ServiceSettings settings =
        ServiceSettings.of(
            Map.of(
                // Nobody is there.
                "DATABASE_URL", "postgresql://nobody@127.0.0.1:1/nothing",
                "DB_CONNECT_TIMEOUT", "250ms",
                "PORT", "0",
                "EXPORT_DIR", directory.toString()));
    try (PolyStreamService service = PolyStreamService.start(settings, Clock.systemUTC())) {
      for (String path : List.of("/health", "/health/ready", "/exports", "/metrics", "/tables")) {
        HttpURLConnection connection =
            (HttpURLConnection)
                URI.create("http://127.0.0.1:" + service.port() + path).toURL().openConnection();
        connection.getResponseCode();
        connection.disconnect();
      }
    }
  }

  private static void delete(Path directory) throws IOException {
    try (Stream<Path> tree = Files.walk(directory)) {
      for (Path path : (Iterable<Path>) tree.sorted(Comparator.reverseOrder())::iterator) {
        Files.deleteIfExists(path);
      }
    }
  }
}
