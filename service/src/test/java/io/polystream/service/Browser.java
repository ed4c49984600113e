package io.polystream.service;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.polystream.testing.Patience;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * A Chromium without a window that saves what it is led to, told so by its DevTools protocol
 * (https://chromedevtools.github.io/devtools-protocol/). Closing it ends its process.
 */
final class Browser implements AutoCloseable {
  private static final List<String> PROGRAMS = List.of("chromium", "google-chrome", "chrome");

  private final Process process;
  private final WebSocket socket;
  private final BlockingQueue<JsonNode> said = new LinkedBlockingQueue<>();
  private final Path downloads;
  private final String page;
  private int commands;

  /**
   * @param state {@code completed} or {@code canceled}
   */
  record Download(String name, String state) {}

  /** The program's name, where there is one. */
  static Optional<String> installed() {
    return PROGRAMS.stream()
        .filter(
            program ->
                Stream.of(System.getenv("PATH").split(":"))
                    .anyMatch(directory -> Files.isExecutable(Path.of(directory, program))))
        .findFirst();
  }

  /**
   * @param home what it may make files in
   * @param downloads where it saves
   */
  Browser(String program, Path home, Path downloads) throws Exception {
    this.downloads = downloads;
    process =
        new ProcessBuilder(
                program,
                "--headless=new",
                "--no-sandbox",
                "--disable-gpu",
                "--no-first-run",
                "--no-proxy-server",
                "--remote-debugging-port=0",
                "--user-data-dir=" + home,
                "about:blank")
            .redirectErrorStream(true)
            .redirectOutput(home.resolveSibling("browser.txt").toFile())
            .start();
    Path address = home.resolve("DevToolsActivePort");
    Patience.await("the browser").until(() -> Files.exists(address) && lines(address).size() == 2);
    URI uri = URI.create("ws://127.0.0.1:" + lines(address).get(0) + lines(address).get(1));
    socket =
        HttpClient.newHttpClient()
            .newWebSocketBuilder()
            .buildAsync(uri, new Listener())
            .get(Patience.LONGEST.toSeconds(), TimeUnit.SECONDS);
    command(
        "Browser.setDownloadBehavior",
        parameters("behavior", "allow")
            .put("downloadPath", downloads.toString())
            .put("eventsEnabled", true));
    String target =
        command("Target.createTarget", parameters("url", "about:blank")).get("targetId").asText();
    page =
        command("Target.attachToTarget", parameters("targetId", target).put("flatten", true))
            .get("sessionId")
            .asText();
  }

  private static List<String> lines(Path file) throws IOException {
    return Files.readAllLines(file, UTF_8);
  }

  private static ObjectNode parameters(String name, String value) {
    return Api.JSON.createObjectNode().put(name, value);
  }

  private final class Listener implements WebSocket.Listener {
    private final StringBuilder text = new StringBuilder();

    @Override
    public CompletionStage<?> onText(WebSocket from, CharSequence data, boolean last) {
      text.append(data);
      if (last) {
        try {
          said.add(Api.JSON.readTree(text.toString()));
        } catch (IOException e) {
          throw new IllegalStateException(e);
        }
        text.setLength(0);
      }
      from.request(1);
      return null;
    }
  }

  private JsonNode command(String method, ObjectNode parameters) throws Exception {
    return command(method, parameters, Optional.empty());
  }

  private JsonNode command(String method, ObjectNode parameters, Optional<String> session)
      throws Exception {
    int id = ++commands;
    ObjectNode command = Api.JSON.createObjectNode().put("id", id).put("method", method);
    command.set("params", parameters);
    session.ifPresent(of -> command.put("sessionId", of));
    socket.sendText(command.toString(), true).get(Patience.LONGEST.toSeconds(), TimeUnit.SECONDS);
    JsonNode answer = next(message -> message.path("id").asInt() == id);
    if (answer.has("error")) {
      throw new IllegalStateException(method + ": " + answer);
    }
    return answer.get("result");
  }

  /** What it says next of this kind; what comes before is dropped. */
  private JsonNode next(Predicate<JsonNode> wanted) throws InterruptedException {
    while (true) {
      JsonNode message = said.poll(Patience.LONGEST.toSeconds(), TimeUnit.SECONDS);
      if (message == null) {
        throw new IllegalStateException("the browser says nothing");
      }
      if (wanted.test(message)) {
        return message;
      }
    }
  }

  /** Goes to an address that is a download, and waits for its end. */
  Download download(String url) throws Exception {
    socket
        .sendText(
            Api.JSON
                .createObjectNode()
                .put("id", ++commands)
                .put("method", "Page.navigate")
                .put("sessionId", page)
                .<ObjectNode>set("params", parameters("url", url))
                .toString(),
            true)
        .get(Patience.LONGEST.toSeconds(), TimeUnit.SECONDS);
    JsonNode begun = next(event("Browser.downloadWillBegin")).get("params");
    JsonNode ended =
        next(
            event("Browser.downloadProgress")
                .and(message -> !message.at("/params/state").asText().equals("inProgress")));
    return new Download(
        begun.get("suggestedFilename").asText(), ended.at("/params/state").asText());
  }

  private static Predicate<JsonNode> event(String method) {
    return message -> message.path("method").asText().equals(method);
  }

  /** What a finished download was saved as. */
  Path saved(Download download) {
    return downloads.resolve(download.name());
  }

  @Override
  public void close() {
    socket.abort();
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly();
  }
}
