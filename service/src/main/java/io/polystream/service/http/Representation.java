package io.polystream.service.http;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.polystream.format.Format;
import io.polystream.output.Compression;
import io.polystream.service.jobs.Job;
import java.util.Locale;
import java.util.Optional;

/**
 * How the file of a job is handed out. The bytes are the same each time; what they are said to be
 * depends on the client. A gzip file is the format's own with a content coding, for whoever takes
 * it off, or a file of its own, for whoever does not.
 *
 * @param contentEncoding of the bytes, when the client is to take it off
 * @param name what a client that saves the file calls it
 * @param etagSuffix what tells its entity tag from those of the others
 * @param varies whether another client would be told something else
 */
record Representation(
    String contentType,
    Optional<String> contentEncoding,
    String name,
    String etagSuffix,
    boolean varies) {

  /**
   * The one for a client.
   *
   * @param acceptEncoding the header; without it clients save what they get
   * @param asFile whether it has to be the file as it is
   */
  static Representation of(Job job, Optional<String> acceptEncoding, boolean asFile) {
    return of(
        job.format(),
        job.compression(),
        job.fileName().orElse("export_" + job.id()),
        acceptEncoding,
        asFile);
  }

  /**
   * The same of a file to be.
   *
   * @param name with the extensions of format and compression or without them
   */
  static Representation of(
      Format format,
      Compression.Method compression,
      String name,
      Optional<String> acceptEncoding,
      boolean asFile) {
    String plainName = plainName(format, compression, name);
    String fileName = plainName + extensionOf(compression);
    return switch (compression) {
      case NONE -> new Representation(format.contentType(), Optional.empty(), fileName, "", false);
      case ZSTD -> new Representation("application/zstd", Optional.empty(), fileName, "", false);
      case GZIP ->
          asFile || acceptEncoding.filter(header -> !acceptsGzip(header)).isPresent()
              ? new Representation("application/gzip", Optional.empty(), fileName, "-file", !asFile)
              : new Representation(
                  format.contentType(),
                  Optional.of("gzip"),
                  acceptEncoding.isPresent() ? plainName : fileName,
                  "",
                  true);
    };
  }

  /** With the format's extension, and without that of the compression. */
  private static String plainName(Format format, Compression.Method compression, String given) {
    String extension = "." + format.extension();
    String name = given;
    for (String ending : new String[] {extensionOf(compression), extension}) {
      if (!ending.isEmpty()
          && name.length() > ending.length()
          && name.toLowerCase(Locale.ROOT).endsWith(ending)) {
        name = name.substring(0, name.length() - ending.length());
      }
    }
    return name + extension;
  }

  private static String extensionOf(Compression.Method compression) {
    return compression.extension().isEmpty() ? "" : "." + compression.extension();
  }

  /** RFC 9110 section 12.5.3: a coding that is named counts, then the asterisk. */
  static boolean acceptsGzip(String acceptEncoding) {
    Optional<Boolean> asterisk = Optional.empty();
    for (String element : acceptEncoding.split(",", -1)) {
      String[] parts = element.strip().toLowerCase(Locale.ROOT).split("\\s*;\\s*", -1);
      boolean accepted = true;
      for (int i = 1; i < parts.length; i++) {
        accepted &= !parts[i].matches("q\\s*=\\s*0(\\.0*)?");
      }
      if (parts[0].equals("gzip") || parts[0].equals("x-gzip")) {
        return accepted;
      }
      if (parts[0].equals("*")) {
        asterisk = Optional.of(accepted);
      }
    }
    return asterisk.orElse(false);
  }

  /** The header Content-Disposition (RFC 6266, with RFC 8187 for what is not ASCII). */
  String contentDisposition() {
    String ascii = name.replaceAll("[^\\x20-\\x7e]|[\"\\\\%]", "_");
    String quoted = "attachment; filename=\"" + ascii + "\"";
    return ascii.equals(name) ? quoted : quoted + "; filename*=UTF-8''" + percentEncoded(name);
  }

  /** All but attr-char of RFC 8187 section 3.2.1. */
  private static String percentEncoded(String text) {
    StringBuilder encoded = new StringBuilder();
    for (byte b : text.getBytes(UTF_8)) {
      char c = (char) (b & 0xff);
      if (c < 0x80 && (Character.isLetterOrDigit(c) || "!#$&+-.^_`|~".indexOf(c) >= 0)) {
        encoded.append(c);
      } else {
        encoded.append(String.format(Locale.ROOT, "%%%02X", (int) c));
      }
    }
    return encoded.toString();
  }
}
