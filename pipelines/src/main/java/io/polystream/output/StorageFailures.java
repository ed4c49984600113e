package io.polystream.output;

import io.polystream.error.PolyStreamException;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;

/** Says in words what an exception of the file system says by its type. */
final class StorageFailures {
  private StorageFailures() {}

  static PolyStreamException of(String doing, IOException cause) {
    return PolyStreamException.storage(doing + ": " + reason(cause), cause);
  }

  private static String reason(IOException cause) {
    if (cause instanceof NoSuchFileException) {
      return "there is no such file or directory";
    }
    if (cause instanceof AccessDeniedException) {
      return "permission denied";
    }
    if (cause instanceof FileSystemException named && named.getReason() != null) {
      return named.getReason();
    }
    return cause.getMessage();
  }
}
