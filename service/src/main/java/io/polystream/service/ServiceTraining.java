package io.polystream.service;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.polystream.demo.DemoDatabase;
import io.polystream.export.ClassTraining;
import io.polystream.format.Format;
import io.polystream.format.Formats;
import io.polystream.source.DatabaseUrl;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;

/**
 * Does what services do, so that their classes are loaded when the launcher has them archived: the
 * next service starts faster.
 */
final class ServiceTraining {
  private static final int ROWS = 1000;

  private ServiceTraining() {}

  /**
   * Starts a database and a service on ports of this machine only, asks it for exports, and ends
   * both. Where no database can be started, it does what there is to do without. Never throws an
   * exception.
   *
   * @param directory for the files, some of which stay there
   */
  static void run(Path directory) {
    try (DemoDatabase database = DemoDatabase.start()) {
      database.seed(ROWS);
      serve(directory, database.url(), Formats.all());
    } catch (IOException | RuntimeException e) {
      serveWithoutDatabase(directory);
    }
  }

  private static void serveWithoutDatabase(Path directory) {
    ClassTraining.run();
    try {
      serve(directory, DatabaseUrl.parse("postgresql://nobody@127.0.0.1:1/nothing"), List.of());
    } catch (IOException | RuntimeException e) {
      // Then fewer classes are archived.
    }
  }

  private static void serve(Path directory, DatabaseUrl database, List<Format> formats)
      throws IOException {
    ServiceSettings settings =
        ServiceSettings.of(
                Map.of(
                    "DB_CONNECT_TIMEOUT", "250ms",
                    "PORT", "0",
                    "EXPORT_DIR", directory.toString()))
            .withDatabase(database);
    try (PolyStreamService service = PolyStreamService.start(settings, Clock.systemUTC())) {
      URI root = URI.create("http://127.0.0.1:" + service.port());
      for (String path : List.of("/health", "/health/ready", "/exports", "/metrics", "/tables")) {
        answer(connection(root, path));
      }
      for (Format format : formats) {
        HttpURLConnection submission = connection(root, "/exports");
        submission.setRequestProperty("Content-Type", "application/json");
        submission.setDoOutput(true);
        try (OutputStream body = submission.getOutputStream()) {
          body.write(
              """
              {"format": "%s", "columns": [{"source": "id", "target": "ID"}, {"source": "metadata", "target": "m"}]}
              """
                  .formatted(format.name())
                  .getBytes(UTF_8));
        }
        answer(submission);
        answer(connection(root, submission.getHeaderField("Location") + "/download"));
      }
    }
  }

  private static HttpURLConnection connection(URI root, String path) throws IOException {
    return (HttpURLConnection) root.resolve(path).toURL().openConnection();
  }

  private static void answer(HttpURLConnection connection) throws IOException {
    try {
      if (connection.getResponseCode() < HttpURLConnection.HTTP_BAD_REQUEST) {
        try (InputStream body = connection.getInputStream()) {
          body.transferTo(OutputStream.nullOutputStream());
        }
      }
    } finally {
      connection.disconnect();
    }
  }
}
