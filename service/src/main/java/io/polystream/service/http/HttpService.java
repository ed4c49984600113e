package io.polystream.service.http;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.polystream.service.catalog.ExportableTables;
import io.polystream.service.jobs.ExportDirectory;
import io.polystream.service.jobs.ExportFactory;
import io.polystream.service.jobs.JobRunner;
import io.polystream.service.jobs.JobStore;
import io.polystream.service.metrics.ServiceMetrics;
import io.polystream.source.Catalog;
import java.io.IOException;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.servlet.http.HttpServletRequest;
import javax.servlet.http.HttpServletResponse;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;
import spark.Request;
import spark.Response;
import spark.RouteImpl;
import spark.Service;
import spark.embeddedserver.EmbeddedServers;
import spark.http.matching.MatcherFilter;
import spark.route.HttpMethod;
import spark.utils.urldecoding.UrlDecode;

/** The service's address: routes, and what is done around them. */
public final class HttpService implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(HttpService.class);

  /** Beside downloads: status, health, submitting; and Jetty's own two. */
  private static final int MORE_THREADS = 24;

  private static final Pattern REQUEST_ID = Pattern.compile("[A-Za-z0-9._-]{1,64}");

  /** All that Spark-Java has routes for. */
  private static final List<HttpMethod> METHODS =
      List.of(
          HttpMethod.get,
          HttpMethod.head,
          HttpMethod.post,
          HttpMethod.put,
          HttpMethod.patch,
          HttpMethod.delete,
          HttpMethod.options,
          HttpMethod.trace,
          HttpMethod.connect);

  private static final String ROUTE = "io.polystream.route";

  private final Service spark = Service.ignite();
  private final ServiceMetrics metrics;
  private final Transfers transfers;
  private final List<Endpoint> endpoints;
  private final CompletableFuture<Integer> started = new CompletableFuture<>();

  /** What the routes are about. */
  public record Parts(
      JobStore store,
      JobRunner runner,
      ExportDirectory directory,
      ExportFactory exports,
      ExportableTables tables,
      Catalog catalog,
      ServiceMetrics metrics) {}

  /**
   * @param downloadBytesPerSecond of each download, if that is limited
   */
  public HttpService(Parts parts, int mostTransfers, OptionalLong downloadBytesPerSecond) {
    metrics = parts.metrics();
    transfers = new Transfers(mostTransfers, downloadBytesPerSecond, metrics);
    endpoints = endpoints(parts);
    // Spark-Java's servers are in a map of the process: each service has a key of its own.
    Object key = new Object();
    EmbeddedServers.add(
        key,
        (routes, staticFiles, exceptions, others) -> {
          MatcherFilter filter = new MatcherFilter(routes, staticFiles, exceptions, false, others);
          filter.init(null);
          return new JettyServer(filter, this::around, mostTransfers + MORE_THREADS, started);
        });
    spark.embeddedServerIdentifier(key);
    spark.initExceptionHandler(started::completeExceptionally);
  }

  private List<Endpoint> endpoints(Parts parts) {
    Downloads downloads =
        new Downloads(parts.store(), parts.runner(), parts.directory(), transfers, metrics);
    Requests requests = new Requests(parts.exports(), parts.tables(), parts.catalog());
    ExportsApi exports =
        new ExportsApi(parts.store(), parts.runner(), parts.directory(), requests, downloads);
    BenchmarkApi benchmark =
        new BenchmarkApi(parts.exports(), parts.directory(), requests, parts.runner());
    TablesApi tables =
        new TablesApi(parts.tables(), parts.exports().table(), requests, parts.runner(), downloads);
    HealthApi health =
        new HealthApi(parts.catalog(), parts.store(), parts.directory(), parts.runner());
    OpenApi openApi = new OpenApi();
    // Spark-Java takes the first that matches: names before parameters.
    return List.of(
        Endpoint.post("/exports", exports::submit),
        Endpoint.get("/exports", exports::list),
        Endpoint.get("/exports/benchmark", benchmark::run),
        Endpoint.get("/exports/{id}", exports::get),
        Endpoint.delete("/exports/{id}", exports::delete),
        Endpoint.get("/exports/{id}/download", exports::download),
        Endpoint.get("/exports/{id}/manifest", exports::manifest),
        Endpoint.post("/exports/{id}/cancel", exports::cancel),
        Endpoint.get("/tables", tables::list),
        Endpoint.get("/tables/{name}", tables::get),
        Endpoint.get("/tables/{name}/rows.{extension}", tables::rows),
        Endpoint.get("/api/export/csv", tables::csv),
        Endpoint.get("/api/export/json", tables::json),
        Endpoint.get("/health", health::health),
        Endpoint.get("/health/live", health::live),
        Endpoint.get("/health/ready", health::ready),
        Endpoint.get("/metrics", this::metrics),
        Endpoint.get("/openapi.json", openApi::get));
  }

  private void metrics(Exchange exchange) throws IOException {
    exchange.bytes(200, "text/plain; version=0.0.4; charset=utf-8", metrics.text().getBytes(UTF_8));
  }

  /**
   * Begins to listen.
   *
   * @param port 0 for any that is free
   * @return the port
   * @throws IOException when it cannot
   */
  public int start(String address, int port) throws IOException {
    spark.ipAddress(address);
    spark.port(port);
    for (Endpoint endpoint : endpoints) {
      add(endpoint.method(), endpoint);
      if (endpoint.method().equals("GET")) {
        add("HEAD", endpoint);
      }
    }
    // Not notFound, which Spark-Java keeps for all services of the process.
    for (HttpMethod method : METHODS) {
      spark.addRoute(method, RouteImpl.create("/*", this::unknown));
    }
    spark.init();
    try {
      return started.get();
    } catch (ExecutionException e) {
      throw new IOException(reason(e), e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }

  /** Methods and paths as Spark-Java has them, once it is started. */
  List<String> routes() {
    return spark.routes().stream()
        .map(
            route ->
                route.getHttpMethod().name().toUpperCase(Locale.ROOT) + " " + route.getMatchUri())
        .toList();
  }

  /** The system's own words: what Jetty wraps them in names the address, as we do. */
  private static String reason(Throwable failure) {
    Throwable root = failure;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    return root.getMessage() == null ? root.toString() : root.getMessage();
  }

  private void add(String method, Endpoint endpoint) {
    spark.addRoute(
        HttpMethod.get(method.toLowerCase(Locale.ROOT)),
        RouteImpl.create(
            endpoint.sparkPath(),
            (request, response) -> {
              if (!template(request.raw().getRequestURI()).equals(Optional.of(endpoint.path()))) {
                return unknown(request, response);
              }
              request.raw().setAttribute(ROUTE, endpoint.path());
              return answer(request, response, endpoint.handler());
            }));
  }

  /** Always the empty text: the answer is written, and null would become a page of Spark-Java's. */
  private Object answer(Request request, Response response, Endpoint.Handler handler)
      throws IOException {
    Exchange exchange = new Exchange(request.raw(), response.raw(), parameters(request));
    try {
      handler.handle(exchange);
    } catch (Exception e) {
      refuse(exchange, e);
    }
    return "";
  }

  private static Map<String, String> parameters(Request request) {
    return request.params().entrySet().stream()
        .collect(Collectors.toMap(entry -> entry.getKey().substring(1), Map.Entry::getValue));
  }

  private void refuse(Exchange exchange, Throwable failure) throws IOException {
    ProblemException problem = Problems.of(failure);
    if (problem.status() == 500) {
      LOG.warn("request failed", failure);
    } else if (problem.status() > 500) {
      LOG.warn("request refused: {}", failure.getMessage());
    }
    metrics.rejected(problem.type().replaceFirst(".*:", ""));
    exchange.problem(problem);
  }

  private Object unknown(Request request, Response response) throws IOException {
    refuse(new Exchange(request.raw(), response.raw(), Map.of()), unknown(request.raw()));
    return "";
  }

  /** No such path, or no such method of it (RFC 9110 section 15.5.6). */
  private ProblemException unknown(HttpServletRequest request) {
    String path =
        Optional.ofNullable(request.getRequestURI()).filter(HttpService::isUtf8).orElse("");
    String allowed =
        template(path).stream()
            .flatMap(template -> endpoints.stream().filter(known -> known.path().equals(template)))
            .flatMap(
                endpoint ->
                    endpoint.method().equals("GET")
                        ? Stream.of("GET", "HEAD")
                        : Stream.of(endpoint.method()))
            .sorted()
            .collect(Collectors.joining(", "));
    if (allowed.isEmpty()) {
      return ProblemException.notFound(
          "there is no such path: GET /openapi.json says what there is");
    }
    return new ProblemException(
            405,
            "method",
            "The method is not that of the path",
            path + " takes " + allowed + ", not " + request.getMethod())
        .with("Allow", allowed);
  }

  /** The path that a request's is one of: one that is written out goes before a parameter. */
  private Optional<String> template(String path) {
    return endpoints.stream()
        .filter(endpoint -> endpoint.hasPath(path))
        .map(Endpoint::path)
        .findFirst();
  }

  /** Around every request: its id, its line in the log, and whatever no route has caught. */
  private void around(
      HttpServletRequest request, HttpServletResponse response, JettyServer.Answer answer) {
    long begun = System.nanoTime();
    String id =
        Optional.ofNullable(request.getHeader("X-Request-Id"))
            .filter(given -> REQUEST_ID.matcher(given).matches())
            .orElseGet(() -> UUID.randomUUID().toString());
    try (MDC.MDCCloseable unused = Exchange.beginTrace(id)) {
      response.setHeader("X-Request-Id", id);
      try {
        if (Collections.list(request.getHeaders("Host")).size() > 1) {
          refuse(new Exchange(request, response, Map.of()), twoHosts());
        } else if (isReadable(request)) {
          answer.run();
        } else {
          refuse(new Exchange(request, response, Map.of()), unknown(request));
        }
      } catch (Throwable e) {
        LOG.error("request failed by a defect", e);
        attempt(new Exchange(request, response, Map.of()), e);
      }
      Duration duration = Duration.ofNanos(System.nanoTime() - begun);
      // Whatever somebody makes up must not become a label.
      Optional<String> route = Optional.ofNullable((String) request.getAttribute(ROUTE));
      metrics.answered(
          route.isPresent() ? request.getMethod() : "other",
          route.orElse("unknown"),
          response.getStatus(),
          duration);
      LOG.info(
          "{} {} {} {} ms",
          request.getMethod(),
          request.getRequestURI(),
          response.getStatus(),
          duration.toMillis());
    }
  }

  /** RFC 9112 section 3.2; Jetty 9 takes the first. */
  private static ProblemException twoHosts() {
    return new ProblemException(
        400, "http", "The request is not as HTTP has it", "it has more than one Host");
  }

  /** Whether Spark-Java can read method and path: at others it fails, or takes GET for get. */
  private static boolean isReadable(HttpServletRequest request) {
    String method = request.getMethod();
    String path = request.getRequestURI();
    return path != null
        && METHODS.stream().anyMatch(known -> known.name().toUpperCase(Locale.ROOT).equals(method))
        && isUtf8(path);
  }

  private static boolean isUtf8(String path) {
    try {
      UrlDecode.path(path);
      return true;
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  private void attempt(Exchange exchange, Throwable failure) {
    try {
      refuse(exchange, failure);
    } catch (IOException e) {
      exchange.abort("the answer cannot be sent");
    }
  }

  /** Waits until no download is under way, for so long at most. */
  public boolean awaitTransfers(Duration timeout) throws InterruptedException {
    return transfers.awaitNone(timeout);
  }

  /** Stops listening, and breaks off what is under way. */
  @Override
  public void close() {
    spark.stop();
    spark.awaitStop();
  }
}
