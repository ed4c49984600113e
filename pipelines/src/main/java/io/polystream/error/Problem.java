package io.polystream.error;

import java.io.Serializable;

/**
 * One thing that is wrong with a document.
 *
 * @param pointer where: a JSON Pointer (RFC 6901); empty for the whole
 * @param text what is wrong there
 */
public record Problem(String pointer, String text) implements Serializable {
  private static final long serialVersionUID = 1L;

  /** What a message says that begins with a pointer and a colon, or of the whole without one. */
  public static Problem of(String message) {
    int colon = message.indexOf(": ");
    return message.startsWith("/") && colon > 0
        ? new Problem(message.substring(0, colon), message.substring(colon + 2))
        : new Problem("", message);
  }

  /** As people read it. */
  @Override
  public String toString() {
    return pointer.isEmpty() ? text : pointer + ": " + text;
  }
}
