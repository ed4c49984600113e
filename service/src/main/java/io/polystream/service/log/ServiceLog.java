package io.polystream.service.log;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UnsupportedEncodingException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.Optional;
import java.util.logging.ConsoleHandler;
import java.util.logging.Formatter;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogManager;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.slf4j.MDC;

/** Sets up java.util.logging, which all logging ends in. */
public final class ServiceLog {
  private ServiceLog() {}

  /** From now on the service's own lines, and warnings of libraries, go to standard error. */
  public static void configure(boolean asJson) {
    LogManager.getLogManager().reset();
    ConsoleHandler handler = new ConsoleHandler();
    handler.setFormatter(asJson ? new JsonLines() : new TextLines());
    useUtf8(handler);
    Logger root = Logger.getLogger("");
    root.addHandler(handler);
    root.setLevel(Level.WARNING);
    // Kept, or it might be collected with its level.
    ours.setLevel(Level.INFO);
  }

  private static final Logger ours = Logger.getLogger("io.polystream.service");

  /** Services are often started without a locale, and Java 17 would write question marks. */
  private static void useUtf8(Handler handler) {
    try {
      handler.setEncoding(StandardCharsets.UTF_8.name());
    } catch (UnsupportedEncodingException e) {
      throw new IllegalStateException(e);
    }
  }

  /** What the thread works on: set while it does, and read by it. */
  private static Map<String, String> context() {
    return Optional.ofNullable(MDC.getCopyOfContextMap()).orElse(Map.of());
  }

  private static String stack(Throwable thrown) {
    StringWriter text = new StringWriter();
    thrown.printStackTrace(new PrintWriter(text));
    return text.toString();
  }

  private static String time(LogRecord line) {
    return Instant.ofEpochMilli(line.getMillis()).truncatedTo(ChronoUnit.MILLIS).toString();
  }

  private static final class TextLines extends Formatter {
    @Override
    public String format(LogRecord line) {
      StringBuilder text = new StringBuilder(time(line));
      text.append(' ').append(line.getLevel()).append(' ');
      context().forEach((name, value) -> text.append(name).append('=').append(value).append(' '));
      text.append(formatMessage(line).replaceAll("\\s*\\R\\s*", " ")).append('\n');
      if (line.getThrown() != null) {
        text.append(stack(line.getThrown()));
      }
      return text.toString();
    }
  }

  private static final class JsonLines extends Formatter {
    private final JsonMapper json = JsonMapper.builder().build();

    @Override
    public String format(LogRecord line) {
      ObjectNode object = json.createObjectNode();
      object.put("time", time(line));
      object.put("level", line.getLevel().getName());
      object.put("logger", line.getLoggerName());
      context().forEach(object::put);
      object.put("message", formatMessage(line));
      if (line.getThrown() != null) {
        object.put("stack", stack(line.getThrown()));
      }
      try {
        return json.writeValueAsString(object) + "\n";
      } catch (JsonProcessingException e) {
        return formatMessage(line) + "\n";
      }
    }
  }
}
