package io.polystream.service.log;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.logging.Handler;
import java.util.logging.LogManager;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;

/** Sets up the logging of the whole process, and puts it back. */
class ServiceLogTest {
  private static final ObjectMapper JSON =
      new ObjectMapper().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

  private static final Logger LOG = LoggerFactory.getLogger("io.polystream.service.Example");

  private final PrintStream usual = System.err;
  private final ByteArrayOutputStream written = new ByteArrayOutputStream();

  @BeforeEach
  void capture() {
    System.setErr(new PrintStream(written, true, UTF_8));
  }

  @AfterEach
  void putBack() throws IOException {
    MDC.clear();
    System.setErr(usual);
    LogManager.getLogManager().readConfiguration();
  }

  private List<String> lines() {
    return written.toString(UTF_8).lines().toList();
  }

  private List<JsonNode> objects() throws IOException {
    List<JsonNode> objects = new ArrayList<>();
    for (String line : lines()) {
      objects.add(JSON.readTree(line));
    }
    return objects;
  }

  @Test
  void everyLineOfJsonIsAnObjectWithTimeLevelAndLogger() throws IOException {
    ServiceLog.configure(true);
    Instant before = Instant.now();
    LOG.info("export completed: {} rows", 42);
    LOG.warn("something");
    assertThat(objects()).hasSize(2);
    JsonNode line = objects().get(0);
    assertThat(Instant.parse(line.get("time").asText()))
        .isBetween(before.minusMillis(1), Instant.now());
    assertThat(line.get("level").asText()).isEqualTo("INFO");
    assertThat(line.get("logger").asText()).isEqualTo("io.polystream.service.Example");
    assertThat(line.get("message").asText()).isEqualTo("export completed: 42 rows");
    assertThat(objects().get(1).get("level").asText()).isEqualTo("WARNING");
  }

  @Test
  void aMessageMayHaveAnythingInIt() throws IOException {
    ServiceLog.configure(true);
    String message = "a \"quoted\"\nline\r\n\twith \\ {0} % \u0000 \u001b \u2028 größe 😀";
    LOG.info(message);
    assertThat(objects()).hasSize(1);
    assertThat(objects().get(0).get("message").asText()).isEqualTo(message);
  }

  @Test
  void halfACharacterDoesNotBreakALine() throws IOException {
    ServiceLog.configure(true);
    LOG.info("half \ud83d of one");
    assertThat(objects()).hasSize(1);
  }

  @Test
  void theIdsOfRequestAndExportAreInEveryLine() throws IOException {
    ServiceLog.configure(true);
    try (MDC.MDCCloseable trace = MDC.putCloseable("traceId", "abc-1");
        MDC.MDCCloseable export = MDC.putCloseable("exportId", "01234567")) {
      LOG.info("inside");
    }
    LOG.info("outside");
    assertThat(objects().get(0).get("traceId").asText()).isEqualTo("abc-1");
    assertThat(objects().get(0).get("exportId").asText()).isEqualTo("01234567");
    assertThat(objects().get(1).has("traceId")).isFalse();
    assertThat(objects().get(1).has("exportId")).isFalse();
  }

  @Test
  void aStackIsPartOfItsLine() throws IOException {
    ServiceLog.configure(true);
    LOG.error("failed", new IllegalStateException("why \"not\""));
    assertThat(objects()).hasSize(1);
    assertThat(objects().get(0).get("level").asText()).isEqualTo("SEVERE");
    assertThat(objects().get(0).get("stack").asText())
        .startsWith("java.lang.IllegalStateException: why \"not\"\n")
        .contains("\tat io.polystream.service.log.ServiceLogTest.");
  }

  @Test
  void aLineOfTextHasTimeLevelIdsAndMessage() {
    ServiceLog.configure(false);
    try (MDC.MDCCloseable trace = MDC.putCloseable("traceId", "abc-1")) {
      LOG.info("GET /health 200 größe");
    }
    assertThat(lines()).hasSize(1);
    assertThat(lines().get(0))
        .matches(
            "\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(\\.\\d+)?Z INFO traceId=abc-1"
                + " GET /health 200 größe");
  }

  @Test
  void nobodyCanMakeALineOfText() {
    ServiceLog.configure(false);
    LOG.info("GET /x\n2026-01-01T00:00:00Z SEVERE\r\nall is lost\u2028really\u0085");
    assertThat(lines()).hasSize(1);
  }

  @Test
  void librariesSayWarningsOnly() {
    ServiceLog.configure(false);
    Logger library = LoggerFactory.getLogger("com.example.Library");
    library.info("chatter");
    library.warn("trouble");
    LOG.debug("detail");
    assertThat(lines()).hasSize(1);
    assertThat(lines().get(0)).endsWith(" WARNING trouble");
  }

  @Test
  void linesAreWrittenInUtf8WhateverTheLocale() {
    ServiceLog.configure(true);
    assertThat(java.util.logging.Logger.getLogger("").getHandlers())
        .extracting(Handler::getEncoding)
        .containsExactly("UTF-8");
  }

  @Test
  void configuringTwiceDoesNotDoubleLines() {
    ServiceLog.configure(false);
    ServiceLog.configure(true);
    LOG.info("once");
    assertThat(lines()).hasSize(1);
  }
}
