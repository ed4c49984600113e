package io.polystream.output;

import static io.polystream.error.PolyStreamException.configuration;
import static java.util.Objects.requireNonNull;

import java.io.Serializable;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Collectors;

/**
 * How the bytes of a file are compressed: by the readers, part by part, so that parts can be
 * appended in any number and still are one stream.
 *
 * @param level within the method's bounds; 0 without compression
 */
public record Compression(Method method, int level) implements Serializable {
  private static final long serialVersionUID = 1L;

  /** The bytes as the format has them. */
  public static final Compression NONE = new Compression(Method.NONE, 0);

  /** The highest level of any method. */
  public static final int HIGHEST_LEVEL = 19;

  /** The ways to compress. */
  public enum Method {
    /** Not at all. */
    NONE("", 0, 0, 0),
    /** One gzip member (RFC 1952): curl and browsers stop after the first of several. */
    GZIP("gz", 1, 6, 9),
    /** Zstandard frames (RFC 8878), one after another; the levels beyond need too much memory. */
    ZSTD("zst", 1, 3, HIGHEST_LEVEL);

    private final String extension;
    private final int lowest;
    private final int usual;
    private final int highest;

    Method(String extension, int lowest, int usual, int highest) {
      this.extension = extension;
      this.lowest = lowest;
      this.usual = usual;
      this.highest = highest;
    }

    /** The file name's last ending, without the dot; empty without compression. */
    public String extension() {
      return extension;
    }

    /** What people call it: the value of {@code --compression}. */
    public String label() {
      return name().toLowerCase(Locale.ROOT);
    }

    /** The names of all, for help and errors: {@code none, gzip, zstd}. */
    public static String labels() {
      return Arrays.stream(values()).map(Method::label).collect(Collectors.joining(", "));
    }

    /**
     * Finds a method by its name.
     *
     * @throws io.polystream.error.PolyStreamException of kind {@code CONFIGURATION}
     */
    public static Method byLabel(String label) {
      return Arrays.stream(values())
          .filter(method -> method.label().equals(label))
          .findFirst()
          .orElseThrow(
              () -> configuration("unknown compression \"" + label + "\": use one of " + labels()));
    }

    /** The method whose extension the file name ends with, in any case. */
    public static Optional<Method> byFileName(String fileName) {
      String lowerCase = fileName.toLowerCase(Locale.ROOT);
      return Arrays.stream(values())
          .filter(method -> method != NONE && lowerCase.endsWith("." + method.extension))
          .findFirst();
    }
  }

  public Compression {
    requireNonNull(method, "method");
    if (level < method.lowest || level > method.highest) {
      throw configuration(
          method == Method.NONE
              ? "a compression level without a compression: choose one with --compression, or leave"
                  + " the level out"
              : "compression level of "
                  + method.label()
                  + " must be "
                  + method.lowest
                  + " to "
                  + method.highest
                  + ", not "
                  + level);
    }
  }

  /** The method with the level asked for, or its usual one. */
  public static Compression of(Method method, OptionalInt level) {
    return new Compression(method, level.orElse(method.usual));
  }

  /** What compresses one reader's parts; the caller closes it. Not for {@link Method#NONE}. */
  PartCompressor newCompressor() {
    return switch (method) {
      case GZIP -> new DeflateCompressor(level);
      case ZSTD -> new ZstdCompressor(level);
      case NONE -> throw new IllegalStateException("nothing to compress with");
    };
  }

  /** What makes one file of compressed parts. */
  Container newContainer() {
    return switch (method) {
      case NONE -> new Container.Plain();
      case GZIP -> new Container.GzipMember();
      case ZSTD -> new Container.ZstdFrames(level);
    };
  }
}
