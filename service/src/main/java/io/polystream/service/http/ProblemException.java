package io.polystream.service.http;

import io.polystream.error.Problem;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** An answer that says why there is no other (RFC 9457). */
final class ProblemException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** Types are names, not addresses (RFC 9457 section 3.1.1): docs/http-api.md lists them. */
  private static final String TYPE_PREFIX = "urn:polystream:problem:";

  private final int status;
  private final String type;
  private final String title;
  private final List<Problem> errors;
  private final Map<String, String> headers = new LinkedHashMap<>();

  /**
   * @param type of one word, for programs
   * @param title of the type
   * @param detail one line that names the thing and the remedy
   */
  ProblemException(int status, String type, String title, String detail) {
    this(status, type, title, detail, List.of());
  }

  ProblemException(int status, String type, String title, String detail, List<Problem> errors) {
    super(detail);
    this.status = status;
    this.type = TYPE_PREFIX + type;
    this.title = title;
    this.errors = List.copyOf(errors);
  }

  static ProblemException badRequest(String detail) {
    return new ProblemException(400, "request", "The request is wrong", detail);
  }

  static ProblemException badRequest(String detail, List<Problem> errors) {
    return new ProblemException(400, "request", "The request is wrong", detail, errors);
  }

  static ProblemException notFound(String detail) {
    return new ProblemException(404, "not-found", "There is no such thing", detail);
  }

  static ProblemException gone(String detail) {
    return new ProblemException(410, "gone", "It was here, and is not any more", detail);
  }

  /** The answer has a header of its own. */
  ProblemException with(String header, String value) {
    headers.put(header, value);
    return this;
  }

  ProblemException retryAfter(long seconds) {
    return with("Retry-After", String.valueOf(seconds));
  }

  int status() {
    return status;
  }

  /** The URI of a type of one word. */
  static String typeUri(String type) {
    return TYPE_PREFIX + type;
  }

  String type() {
    return type;
  }

  String title() {
    return title;
  }

  List<Problem> errors() {
    return errors;
  }

  Map<String, String> headers() {
    return headers;
  }
}
