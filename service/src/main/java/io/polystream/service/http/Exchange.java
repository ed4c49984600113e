package io.polystream.service.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.net.StandardSocketOptions;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.CharacterCodingException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeoutException;
import java.util.regex.Pattern;
import javax.servlet.http.HttpServletRequest;
import javax.servlet.http.HttpServletResponse;
import org.eclipse.jetty.http.BadMessageException;
import org.eclipse.jetty.server.HttpChannel;
import org.eclipse.jetty.server.HttpConnection;
import org.eclipse.jetty.server.HttpOutput;
import org.eclipse.jetty.server.Request;
import org.slf4j.MDC;

/** One request and its answer. Used by one thread. */
final class Exchange {
  /** What a body may have: as much as a request document. */
  static final int MOST_BODY_BYTES = 1024 * 1024;

  static final JsonMapper JSON = JsonMapper.builder().build();

  private static final String TRACE_ID = "traceId";

  private static final Pattern NOT_ASCII = Pattern.compile("[^\\x00-\\x7f]+");

  private final HttpServletRequest request;
  private final HttpServletResponse response;
  private final Map<String, String> pathParameters;
  private Map<String, List<String>> query;

  /**
   * @param pathParameters as they stand in the path, decoded
   */
  Exchange(
      HttpServletRequest request,
      HttpServletResponse response,
      Map<String, String> pathParameters) {
    this.request = request;
    this.response = response;
    this.pathParameters = pathParameters;
  }

  /** What the log calls the request whose thread this is. */
  static String traceId() {
    return Optional.ofNullable(MDC.get(TRACE_ID)).orElse("");
  }

  /** Calls what this thread does from now on by this name, until it is closed. */
  static MDC.MDCCloseable beginTrace(String id) {
    return MDC.putCloseable(TRACE_ID, id);
  }

  boolean isHead() {
    return request.getMethod().equals("HEAD");
  }

  String pathParameter(String name) {
    return pathParameters.get(name);
  }

  /** A header, several of one name joined as lists are (RFC 9110 section 5.3). */
  Optional<String> header(String name) {
    List<String> values = Collections.list(request.getHeaders(name));
    return values.isEmpty() ? Optional.empty() : Optional.of(String.join(", ", values));
  }

  /**
   * A header that is no list.
   *
   * @throws ProblemException when it is there twice
   */
  Optional<String> soleHeader(String name) {
    if (Collections.list(request.getHeaders(name)).size() > 1) {
      throw ProblemException.badRequest("the request has " + name + " more than once");
    }
    return header(name);
  }

  /**
   * A parameter of the query string.
   *
   * @throws ProblemException when it is there twice
   */
  Optional<String> queryParameter(String name) {
    List<String> values = query().getOrDefault(name, List.of());
    if (values.size() > 1) {
      throw ProblemException.badRequest("the query has " + name + " more than once");
    }
    return values.stream().findFirst();
  }

  /** The query's names, in its order. */
  Set<String> queryNames() {
    return query().keySet();
  }

  /** Refuses a query with other parameters than these. */
  void requireQuery(String... names) {
    Set<String> others = new TreeSet<>(queryNames());
    others.removeAll(Set.of(names));
    if (!others.isEmpty()) {
      throw ProblemException.badRequest(
          "unknown query parameter "
              + String.join(", ", others)
              + ": there "
              + (names.length == 0 ? "are none" : "is " + String.join(", ", names)));
    }
  }

  /** From the query string only: a body with parameters is nobody's. */
  private Map<String, List<String>> query() {
    if (query == null) {
      query = new LinkedHashMap<>();
      String text = request.getQueryString();
      if (text != null) {
        for (String pair : text.split("&", -1)) {
          if (!pair.isEmpty()) {
            int equals = pair.indexOf('=');
            String name = decoded(equals < 0 ? pair : pair.substring(0, equals));
            String value = equals < 0 ? "" : decoded(pair.substring(equals + 1));
            query.computeIfAbsent(name, unused -> new ArrayList<>()).add(value);
          }
        }
      }
    }
    return query;
  }

  /** Strictly: a byte that is not UTF-8 would become a character that somebody may have meant. */
  private static String decoded(String text) {
    String ascii =
        NOT_ASCII.matcher(text).replaceAll(found -> URLEncoder.encode(found.group(), UTF_8));
    try {
      byte[] bytes = URLDecoder.decode(ascii, ISO_8859_1).getBytes(ISO_8859_1);
      return UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (IllegalArgumentException e) {
      throw ProblemException.badRequest(
          "the query has a % without two hexadecimal digits: " + text);
    } catch (CharacterCodingException e) {
      throw ProblemException.badRequest("the query is not UTF-8: " + text);
    }
  }

  /**
   * The body of a request that has to be JSON, not parsed.
   *
   * @throws ProblemException with 413 when it is too long, 415 when it says it is something else,
   *     400 or 408 when it does not come as it should
   */
  byte[] jsonBody() {
    String type = Optional.ofNullable(request.getContentType()).orElse("");
    String essence = type.replaceFirst(";.*", "").strip().toLowerCase(Locale.ROOT);
    if (!essence.equals("application/json")) {
      throw new ProblemException(
              415,
              "media-type",
              "The body has to be JSON",
              essence.isEmpty()
                  ? "the request has no Content-Type: send application/json"
                  : "the body is " + essence + ": send application/json")
          .with("Accept", "application/json");
    }
    String coding = header("Content-Encoding").orElse("identity");
    if (!coding.equalsIgnoreCase("identity")) {
      throw new ProblemException(
              415,
              "media-type",
              "The body has to be JSON",
              "the body's Content-Encoding is " + coding + ": send it as it is")
          .with("Accept-Encoding", "identity");
    }
    if (request.getContentLengthLong() > MOST_BODY_BYTES) {
      throw tooLong();
    }
    // Not the wrapped one, which would read all of it first, however much there is.
    try (InputStream body = request.getInputStream()) {
      byte[] bytes = body.readNBytes(MOST_BODY_BYTES + 1);
      if (bytes.length > MOST_BODY_BYTES) {
        throw tooLong();
      }
      return bytes;
    } catch (BadMessageException e) {
      throw incomplete(e.getCode(), e);
    } catch (IOException e) {
      throw incomplete(e.getCause() instanceof TimeoutException ? 408 : 400, e);
    }
  }

  private static ProblemException incomplete(int status, Exception failure) {
    return new ProblemException(
            status,
            "body",
            "The body does not come as it should",
            String.valueOf(failure.getMessage()))
        .with("Connection", "close");
  }

  private static ProblemException tooLong() {
    return new ProblemException(
            413,
            "too-long",
            "The body is too long",
            "a request has at most " + MOST_BODY_BYTES + " bytes")
        .with("Connection", "close");
  }

  void header(String name, String value) {
    response.setHeader(name, value);
  }

  void removeHeader(String name) {
    // The servlet API has no other way.
    response.setHeader(name, null);
  }

  void json(int status, JsonNode body) throws IOException {
    bytes(status, "application/json", JSON.writeValueAsBytes(body));
  }

  void bytes(int status, String contentType, byte[] body) throws IOException {
    response.setStatus(status);
    response.setContentType(contentType);
    response.setContentLength(body.length);
    if (response.getHeader("Cache-Control") == null) {
      response.setHeader("Cache-Control", "no-store");
    }
    if (!isHead()) {
      response.getOutputStream().write(body);
    }
    response.flushBuffer();
  }

  /** An answer without a body. */
  void empty(int status) throws IOException {
    response.setStatus(status);
    response.flushBuffer();
  }

  /** Answers with what went wrong, or breaks the connection off if an answer has begun. */
  void problem(ProblemException problem) throws IOException {
    if (response.isCommitted()) {
      abort("the answer cannot go on");
      return;
    }
    response.reset();
    response.setDateHeader("Date", System.currentTimeMillis());
    response.setHeader("X-Request-Id", traceId());
    problem.headers().forEach(response::setHeader);
    bytes(problem.status(), "application/problem+json", problemJson(problem));
  }

  static byte[] problemJson(ProblemException problem) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("type", problem.type());
    json.put("title", problem.title());
    json.put("status", problem.status());
    json.put("detail", problem.getMessage());
    json.put(TRACE_ID, traceId());
    if (!problem.errors().isEmpty()) {
      ArrayNode errors = json.putArray("errors");
      for (io.polystream.error.Problem error : problem.errors()) {
        errors.addObject().put("pointer", error.pointer()).put("detail", error.text());
      }
    }
    try {
      return JSON.writeValueAsBytes(json);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Sends status and headers; a body of a length that is not known follows. */
  void begin(int status) throws IOException {
    response.setStatus(status);
    response.flushBuffer();
  }

  /** As {@link #begin(int)}, with the length. */
  void begin(int status, long bodyBytes) throws IOException {
    response.setContentLengthLong(bodyBytes);
    begin(status);
  }

  /** Lets the client take as long as this for the next bytes, in place of what others may. */
  void setPatience(Duration longest) {
    channel().getEndPoint().setIdleTimeout(longest.toMillis());
  }

  HttpOutput output() throws IOException {
    return (HttpOutput) response.getOutputStream();
  }

  /** Breaks the connection off, so that no client takes what it has for all there is. */
  void abort(String why) {
    resetWhenClosed(true);
    channel().abort(new IOException(why));
  }

  /**
   * Whether the connection is reset if it is closed now, by whomever: to HTTP/1.0, which many
   * proxies speak to us, its mere end is the end of the body.
   */
  void resetWhenClosed(boolean resets) {
    if (channel().getEndPoint().getTransport() instanceof SocketChannel socket) {
      try {
        socket.setOption(StandardSocketOptions.SO_LINGER, resets ? 0 : -1);
      } catch (IOException closed) {
        // It has been done.
      }
    }
  }

  private HttpChannel channel() {
    return ((Request) request).getHttpChannel();
  }

  /**
   * Whether the client has closed the connection, as far as is known without sending anything. What
   * it may have sent behind its request is lost: the connection is closed after the answer.
   */
  boolean isAbandoned() {
    if (!(channel().getEndPoint().getTransport() instanceof SocketChannel socket)) {
      return false;
    }
    try {
      int read = socket.read(ByteBuffer.allocate(1));
      if (read > 0) {
        HttpConnection.getCurrentConnection().getGenerator().setPersistent(false);
      }
      return read < 0;
    } catch (IOException broken) {
      return true;
    }
  }
}
