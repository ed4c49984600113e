package io.polystream.service;

import static io.polystream.testing.Patience.await;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.polystream.testing.PostgresExtension;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Clock;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * A service on a free port, and somebody who asks it over HTTP and holds every answer against the
 * service's own description. Closing ends the service, unless it is another process's.
 */
final class Api implements AutoCloseable {
  static final ObjectMapper JSON = new ObjectMapper();

  private final HttpClient client = HttpClient.newHttpClient();
  private final Optional<PolyStreamService> service;
  private final int port;
  private final String base;
  private final Description description;

  private Api(Optional<PolyStreamService> service, int port)
      throws IOException, InterruptedException {
    this.service = service;
    this.port = port;
    base = "http://127.0.0.1:" + port;
    description =
        new Description(
            client
                .send(
                    HttpRequest.newBuilder(URI.create(base + "/openapi.json")).build(),
                    BodyHandlers.ofString())
                .body());
  }

  /** With the class's database, files in the test's directory, and these settings on top. */
  static Api start(PostgresExtension postgres, String... namesAndValues) throws Exception {
    return start(settings(postgres, namesAndValues), Clock.systemUTC());
  }

  static Api start(ServiceSettings settings, Clock clock) throws Exception {
    PolyStreamService service = PolyStreamService.start(settings, clock);
    return new Api(Optional.of(service), service.port());
  }

  /** A service that another process is. */
  static Api at(int port) throws Exception {
    return new Api(Optional.empty(), port);
  }

  static ServiceSettings settings(PostgresExtension postgres, String... namesAndValues) {
    return ServiceSettings.of(environment(postgres, namesAndValues));
  }

  /** What the settings are read from. */
  static Map<String, String> environment(PostgresExtension postgres, String... namesAndValues) {
    Map<String, String> environment = new HashMap<>();
    environment.put("DATABASE_URL", postgres.urlText());
    environment.put("PORT", "0");
    for (int i = 0; i < namesAndValues.length; i += 2) {
      environment.put(namesAndValues[i], namesAndValues[i + 1]);
    }
    environment.computeIfAbsent("EXPORT_DIR", name -> exportDirectory(postgres).toString());
    return environment;
  }

  static Path exportDirectory(PostgresExtension postgres) {
    return postgres.directory().resolve("exports");
  }

  PolyStreamService service() {
    return service.orElseThrow();
  }

  int port() {
    return port;
  }

  HttpClient client() {
    return client;
  }

  Description description() {
    return description;
  }

  HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create(base + path));
  }

  HttpResponse<byte[]> get(String path, String... headers) throws Exception {
    return send("GET", path, BodyPublishers.noBody(), headers);
  }

  HttpResponse<byte[]> head(String path, String... headers) throws Exception {
    return send("HEAD", path, BodyPublishers.noBody(), headers);
  }

  HttpResponse<byte[]> delete(String path) throws Exception {
    return send("DELETE", path, BodyPublishers.noBody());
  }

  HttpResponse<byte[]> post(String path, String json, String... headers) throws Exception {
    String[] all = new String[headers.length + 2];
    all[0] = "Content-Type";
    all[1] = "application/json";
    System.arraycopy(headers, 0, all, 2, headers.length);
    return send("POST", path, BodyPublishers.ofString(json), all);
  }

  /** Sends a request; the answer is one that the description has. */
  HttpResponse<byte[]> send(
      String method, String path, HttpRequest.BodyPublisher body, String... headers)
      throws Exception {
    HttpRequest.Builder request = request(path).method(method, body);
    if (headers.length > 0) {
      request.headers(headers);
    }
    HttpResponse<byte[]> response = client.send(request.build(), BodyHandlers.ofByteArray());
    description.requireDescribed(method, response);
    return response;
  }

  static JsonNode json(HttpResponse<byte[]> response) throws IOException {
    return JSON.readTree(response.body());
  }

  /** Submits an export and gives its id. */
  String submit(String json) throws Exception {
    HttpResponse<byte[]> response = post("/exports", json);
    assertThat(response.statusCode()).as(new String(response.body(), UTF_8)).isEqualTo(201);
    return json(response).get("exportId").asText();
  }

  JsonNode status(String id) throws Exception {
    return json(get("/exports/" + id));
  }

  /** Waits until an export has this status; fails when it has ended with another. */
  JsonNode awaitStatus(String id, String wanted) throws Exception {
    await("status " + wanted)
        .failFast(
            () -> {
              String status = status(id).get("status").asText();
              return !status.equals(wanted)
                  && !status.equals("pending")
                  && !status.equals("running");
            })
        .until(() -> status(id).get("status").asText().equals(wanted));
    return status(id);
  }

  /** Submits an export and waits for its file. */
  String completed(String json) throws Exception {
    String id = submit(json);
    awaitStatus(id, "completed");
    return id;
  }

  @Override
  public void close() {
    service.ifPresent(PolyStreamService::close);
  }
}
