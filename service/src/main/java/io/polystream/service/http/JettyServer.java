package io.polystream.service.http;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import javax.servlet.Filter;
import javax.servlet.ServletException;
import javax.servlet.http.HttpServletRequest;
import javax.servlet.http.HttpServletResponse;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.handler.AbstractHandler;
import org.eclipse.jetty.server.handler.ErrorHandler;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.slf4j.MDC;
import spark.embeddedserver.EmbeddedServer;
import spark.embeddedserver.jetty.websocket.WebSocketHandlerWrapper;
import spark.ssl.SslStores;

/**
 * The server below Spark-Java: Jetty with a small pool and short patience, and without what
 * Spark-Java puts around requests: it would read whole bodies, believe headers about the method and
 * the sender, and make sessions.
 */
final class JettyServer implements EmbeddedServer {
  /**
   * Connections without anything going on are closed after it, and so are clients that stand still.
   */
  private static final long IDLE_MILLIS = 30_000;

  /** A body that comes slower than this holds a thread for nothing, bytes a second. */
  private static final long LEAST_BODY_RATE = 100;

  /**
   * What the system keeps of a download that its client has not taken; it doubles this. Left to
   * itself it would keep megabytes for each slow client, outside every limit of ours, and ask for
   * more so late that a client at 10 kB/s looks as if it stood still.
   */
  private static final int SEND_BUFFER_BYTES = 256 * 1024;

  private static final int HEADER_BYTES = 8 * 1024;
  private static final int LEAST_THREADS = 4;
  private static final int THREAD_IDLE_MILLIS = 30_000;
  private static final int BACKLOG = 256;

  private final Filter routes;
  private final Around around;
  private final CompletableFuture<Integer> started;
  private final Server server;

  /** What is done around the answer to every request. */
  @FunctionalInterface
  interface Around {
    /** Has the request answered, whatever happens meanwhile. Must not throw anything. */
    void answer(HttpServletRequest request, HttpServletResponse response, Answer answer);
  }

  /** Answers one request. */
  @FunctionalInterface
  interface Answer {
    void run() throws IOException, ServletException;
  }

  /**
   * @param threads for requests: each that is being answered has one
   * @param started gets the port, or why there is none: Spark-Java tells nobody who waits
   */
  JettyServer(Filter routes, Around around, int threads, CompletableFuture<Integer> started) {
    this.routes = routes;
    this.around = around;
    this.started = started;
    QueuedThreadPool pool = new QueuedThreadPool(threads, LEAST_THREADS, THREAD_IDLE_MILLIS);
    pool.setName("http");
    server = new Server(pool);
  }

  @Override
  public int ignite(
      String host, int port, SslStores ssl, int maxThreads, int minThreads, int idleMillis)
      throws Exception {
    HttpConfiguration config = new HttpConfiguration();
    config.setSendServerVersion(false);
    config.setRequestHeaderSize(HEADER_BYTES);
    config.setMinRequestDataRate(LEAST_BODY_RATE);
    // Spark-Java would take the one for the method, and hide paths from who accepts what they are
    // not.
    config.addCustomizer(
        (connector, channelConfig, request) -> {
          request.getHttpFields().remove("X-HTTP-Method-Override");
          request.getHttpFields().remove(HttpHeader.ACCEPT);
        });
    ServerConnector connector =
        new ServerConnector(server, null, null, null, 1, 1, new HttpConnectionFactory(config));
    connector.setHost(host);
    connector.setPort(port);
    connector.setIdleTimeout(IDLE_MILLIS);
    connector.setAcceptQueueSize(BACKLOG);
    connector.setAcceptedSendBufferSize(SEND_BUFFER_BYTES);
    server.addConnector(connector);
    server.setHandler(new RouteHandler());
    server.setErrorHandler(new ProblemErrors());
    try {
      server.start();
    } catch (Exception e) {
      started.completeExceptionally(e);
      throw e;
    }
    started.complete(connector.getLocalPort());
    return connector.getLocalPort();
  }

  /** Hands requests to Spark-Java as they are. */
  private final class RouteHandler extends AbstractHandler {
    @Override
    public void handle(
        String target, Request base, HttpServletRequest request, HttpServletResponse response) {
      base.setHandled(true);
      around.answer(request, response, () -> routes.doFilter(request, response, null));
    }
  }

  /** Requests that Jetty refuses by itself: not HTTP, or too long a header. */
  private static final class ProblemErrors extends ErrorHandler {
    @Override
    public ByteBuffer badMessageError(int status, String reason, HttpFields fields) {
      try (MDC.MDCCloseable unused = Exchange.beginTrace(UUID.randomUUID().toString())) {
        fields.put(HttpHeader.CONTENT_TYPE, "application/problem+json");
        fields.put("X-Request-Id", Exchange.traceId());
        return ByteBuffer.wrap(body(status, reason));
      }
    }

    @Override
    public void handle(
        String target, Request base, HttpServletRequest request, HttpServletResponse response)
        throws IOException {
      base.setHandled(true);
      try (MDC.MDCCloseable unused = Exchange.beginTrace(UUID.randomUUID().toString())) {
        response.setContentType("application/problem+json");
        response.setHeader("X-Request-Id", Exchange.traceId());
        response.getOutputStream().write(body(response.getStatus(), null));
      }
    }

    private static byte[] body(int status, String reason) {
      return Exchange.problemJson(
          new ProblemException(
              status, "http", "The request is not as HTTP has it", detail(status, reason)));
    }

    private static String detail(int status, String reason) {
      return switch (status) {
        case 414, 431 ->
            "path and headers have at most " + HEADER_BYTES + " bytes together: send fewer";
        case 426, 505 -> "the service speaks HTTP/1.1";
        default -> reason == null ? "the request is not as HTTP has it" : reason;
      };
    }
  }

  @Override
  public void trustForwardHeaders(boolean trust) {
    // They are not trusted, whatever Spark-Java's default is.
  }

  @Override
  public void configureWebSockets(
      Map<String, WebSocketHandlerWrapper> handlers, Optional<Long> idleTimeoutMillis) {
    // There are none.
  }

  @Override
  public void join() throws InterruptedException {
    server.join();
  }

  @Override
  public void extinguish() {
    try {
      server.stop();
    } catch (Exception e) {
      throw new IllegalStateException("the HTTP server does not stop", e);
    }
  }

  @Override
  public int activeThreadCount() {
    return server.getThreadPool().getThreads();
  }
}
