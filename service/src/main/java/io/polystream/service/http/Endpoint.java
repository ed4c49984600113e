package io.polystream.service.http;

import java.util.regex.Pattern;

/**
 * A method and a path, and who answers.
 *
 * @param path with parameters in braces, as OpenAPI has it
 */
record Endpoint(String method, String path, Handler handler) {
  /** Answers a request, or throws what is to be answered instead. */
  @FunctionalInterface
  interface Handler {
    void handle(Exchange exchange) throws Exception;
  }

  private static final Pattern PARAMETER = Pattern.compile("\\{(\\w+)}");

  /** The parameter that stands for {@code rows.csv}: Spark-Java knows whole segments only. */
  private static final String ROWS = "rows.{extension}";

  static Endpoint get(String path, Handler handler) {
    return new Endpoint("GET", path, handler);
  }

  static Endpoint post(String path, Handler handler) {
    return new Endpoint("POST", path, handler);
  }

  static Endpoint delete(String path, Handler handler) {
    return new Endpoint("DELETE", path, handler);
  }

  /** The path as Spark-Java has it. */
  String sparkPath() {
    return PARAMETER.matcher(path.replace(ROWS, "{rows}")).replaceAll(":$1");
  }

  /** Whether a request's path is one of this. */
  boolean hasPath(String requestPath) {
    return requestPath.matches(PARAMETER.matcher(path.replace(".", "\\.")).replaceAll("[^/]+"));
  }
}
