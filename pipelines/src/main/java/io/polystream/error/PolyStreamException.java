package io.polystream.error;

import static java.util.Objects.requireNonNull;

import java.util.List;

/**
 * A failure a person can act on. The message is one plain line that names the thing that failed and
 * the remedy; the cause, when there is one, is for {@code --verbose}.
 */
public final class PolyStreamException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final ErrorKind kind;
  private final List<Problem> problems;

  public PolyStreamException(ErrorKind kind, String message) {
    this(kind, message, null);
  }

  public PolyStreamException(ErrorKind kind, String message, Throwable cause) {
    this(kind, message, cause, List.of());
  }

  private PolyStreamException(
      ErrorKind kind, String message, Throwable cause, List<Problem> problems) {
    super(message, cause);
    this.kind = requireNonNull(kind, "kind");
    this.problems = List.copyOf(problems);
  }

  public ErrorKind kind() {
    return kind;
  }

  /** What is wrong with the document the failure is of, one by one; empty for other failures. */
  public List<Problem> problems() {
    return problems;
  }

  /** All that is wrong with a document, said in one message. */
  public static PolyStreamException configuration(String message, List<Problem> problems) {
    return new PolyStreamException(ErrorKind.CONFIGURATION, message, null, problems);
  }

  public static PolyStreamException configuration(String message) {
    return new PolyStreamException(ErrorKind.CONFIGURATION, message);
  }

  public static PolyStreamException storage(String message, Throwable cause) {
    return new PolyStreamException(ErrorKind.STORAGE, message, cause);
  }
}
