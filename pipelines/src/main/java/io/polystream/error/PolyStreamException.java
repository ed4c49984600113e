package io.polystream.error;

import static java.util.Objects.requireNonNull;

/**
 * A failure a person can act on. The message is one plain line that names the thing that failed and
 * the remedy; the cause, when there is one, is for {@code --verbose}.
 */
public final class PolyStreamException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final ErrorKind kind;

  public PolyStreamException(ErrorKind kind, String message) {
    this(kind, message, null);
  }

  public PolyStreamException(ErrorKind kind, String message, Throwable cause) {
    super(message, cause);
    this.kind = requireNonNull(kind, "kind");
  }

  public ErrorKind kind() {
    return kind;
  }

  public static PolyStreamException configuration(String message) {
    return new PolyStreamException(ErrorKind.CONFIGURATION, message);
  }

  public static PolyStreamException storage(String message, Throwable cause) {
    return new PolyStreamException(ErrorKind.STORAGE, message, cause);
  }
}
