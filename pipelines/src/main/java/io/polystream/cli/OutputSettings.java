package io.polystream.cli;

import static io.polystream.error.PolyStreamException.configuration;

import io.polystream.format.Format;
import io.polystream.format.FormatOption.Spelling;
import io.polystream.format.Formats;
import io.polystream.output.Compression;
import io.polystream.output.Destination;
import io.polystream.source.TableName;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Where an export goes, and how its bytes are compressed. What was said of an output, or of a
 * compression, is left out when something that counts more chose one it does not fit.
 *
 * @param output a path or {@code -}; empty for a file named after the table
 * @param method as it was said; empty for what the output's name says
 */
record OutputSettings(
    Optional<Setting<String>> output,
    boolean isDirectory,
    Setting<Boolean> overwrite,
    Optional<Setting<Path>> manifest,
    Optional<Setting<Compression.Method>> method,
    Optional<Setting<Integer>> level,
    Optional<Setting<Long>> maxFileBytes,
    Optional<Setting<Long>> maxFileRows) {
  private static final String STDOUT = "-";

  static OutputSettings of(Layers layers) {
    Optional<Setting<String>> output = layers.find("-o", said -> said.output().file());
    Optional<Setting<Long>> maxFileBytes =
        layers.find("--max-file-bytes", said -> boxed(said.output().maxFileBytes()));
    Optional<Setting<Long>> maxFileRows =
        layers.find("--max-file-rows", said -> boxed(said.output().maxFileRows()));
    boolean splits = maxFileBytes.isPresent() || maxFileRows.isPresent();
    boolean isDirectory =
        output.map(Setting::value).filter(path -> isDirectory(path, splits)).isPresent();
    Origin chosen = output.map(Setting::origin).orElse(Origin.DEFAULT);
    return new OutputSettings(
        output,
        isDirectory,
        layers
            .find("--overwrite", said -> said.output().overwrite())
            .orElse(Setting.byDefault(false)),
        fitting(
            layers.find("--manifest", said -> said.output().manifest().map(Path::of)),
            !isDirectory,
            chosen),
        layers.find("--compression", said -> said.compression().method()),
        layers.find("--compression-level", said -> boxed(said.compression().level())),
        fitting(maxFileBytes, isDirectory, chosen),
        fitting(maxFileRows, isDirectory, chosen));
  }

  /** The same for files of a format, which may have no use for a compression. */
  OutputSettings fitting(Setting<Format> format) {
    boolean fits = format.value().ownCompression().isEmpty();
    return new OutputSettings(
        output,
        isDirectory,
        overwrite,
        manifest,
        fitting(method, fits, format.origin()),
        fitting(level, fits, format.origin()),
        maxFileBytes,
        maxFileRows);
  }

  private static Optional<Long> boxed(OptionalLong value) {
    return value.isPresent() ? Optional.of(value.getAsLong()) : Optional.empty();
  }

  private static Optional<Integer> boxed(OptionalInt value) {
    return value.isPresent() ? Optional.of(value.getAsInt()) : Optional.empty();
  }

  private static <T> Optional<Setting<T>> fitting(
      Optional<Setting<T>> setting, boolean fits, Origin chosen) {
    return setting.filter(said -> fits || said.origin().countsAsMuchAs(chosen));
  }

  private static boolean isDirectory(String path, boolean splits) {
    return !path.equals(STDOUT)
        && (path.endsWith("/") || (splits && Files.isDirectory(Path.of(path))));
  }

  Setting<Compression> compression() {
    Setting<Compression.Method> chosen = chosenMethod();
    OptionalInt fittingLevel =
        level(chosen).map(said -> OptionalInt.of(said.value())).orElseGet(OptionalInt::empty);
    if (chosen.value() == Compression.Method.NONE && fittingLevel.isPresent()) {
      throw configuration("--compression-level without a compression: add --compression gzip");
    }
    return chosen.map(found -> Compression.of(found, fittingLevel));
  }

  private Setting<Compression.Method> chosenMethod() {
    return method
        .or(this::methodOfFileName)
        .orElse(
            new Setting<>(
                Compression.Method.NONE, output.map(Setting::origin).orElse(Origin.DEFAULT)));
  }

  private Optional<Setting<Integer>> level(Setting<Compression.Method> chosen) {
    return level.filter(said -> said.origin().countsAsMuchAs(chosen.origin()));
  }

  Origin levelOrigin() {
    return level(chosenMethod()).map(Setting::origin).orElse(Origin.DEFAULT);
  }

  private Optional<Setting<Compression.Method>> methodOfFileName() {
    return fileName()
        .flatMap(
            name ->
                Compression.Method.byFileName(name.value())
                    .map(found -> new Setting<>(found, name.origin())));
  }

  /**
   * Checks that files of the format are compressed as it was said.
   *
   * @throws io.polystream.error.PolyStreamException of kind {@code CONFIGURATION} that names what
   *     says otherwise
   */
  void requireCompressible(Format format) {
    Setting<Compression.Method> chosen = chosenMethod();
    if (chosen.value() == Compression.Method.NONE) {
      return;
    }
    String remedy =
        Stream.concat(
                method.map(OutputSettings::leftOut).stream(),
                methodOfFileName()
                    .map(found -> "name the output without ." + found.value().extension())
                    .stream())
            .collect(Collectors.joining(", "));
    Formats.compressionProblem(format, remedy, chosen.origin().spelling())
        .ifPresent(
            problem -> {
              String pointer = method.isPresent() ? "/compression" : "/output/file";
              throw configuration(chosen.origin().place(pointer) + problem);
            });
  }

  private static String leftOut(Setting<Compression.Method> said) {
    return "leave "
        + (said.origin().spelling() == Spelling.FLAG
            ? "--compression " + said.value().label()
            : "compression")
        + " out";
  }

  private Optional<Setting<String>> fileName() {
    return output.filter(path -> !isDirectory && !path.value().equals(STDOUT));
  }

  /** The output's name without the compression's extension, when it is a file's. */
  Optional<Setting<String>> plainName() {
    return fileName()
        .map(
            name ->
                name.map(
                    text ->
                        Compression.Method.byFileName(text)
                            .map(
                                found ->
                                    text.substring(
                                        0, text.length() - found.extension().length() - 1))
                            .orElse(text)));
  }

  /** What a file's name says of it that is not so: people and programs go by names. */
  List<String> misnomers(Format format) {
    List<String> misnomers = new ArrayList<>();
    Compression.Method chosen = chosenMethod().value();
    methodOfFileName()
        .map(Setting::value)
        .filter(named -> named != chosen)
        .ifPresent(
            named ->
                misnomers.add(
                    misnomer(
                        chosen == Compression.Method.NONE
                            ? "not compressed"
                            : "compressed by " + chosen.label(),
                        named.label())));
    Optional<Format> namedFormat = plainName().flatMap(name -> Formats.byFileName(name.value()));
    if (chosen != Compression.Method.NONE
        && namedFormat.isPresent()
        && methodOfFileName().isEmpty()) {
      misnomers.add(misnomer("compressed by " + chosen.label(), "nothing of it"));
    }
    namedFormat
        .filter(named -> named != format)
        .ifPresent(named -> misnomers.add(misnomer(format.name(), named.name())));
    return misnomers;
  }

  private String misnomer(String actual, String named) {
    return output.orElseThrow().value() + " is " + actual + ", though its name says " + named;
  }

  Destination destination(TableName table, Format format) {
    Compression.Method compressed = compression().value().method();
    String extension = extension(format, compressed);
    if (isDirectory) {
      return directory(table, extension);
    }
    if (maxFileBytes.isPresent() || maxFileRows.isPresent()) {
      throw configuration(
          "--max-file-bytes and --max-file-rows make many files: name a directory for them, such"
              + " as -o "
              + baseName(table)
              + "/");
    }
    Optional<Path> keptManifest = manifest.map(Setting::value);
    if (output.filter(path -> path.value().equals(STDOUT)).isPresent()) {
      if (compressed != Compression.Method.NONE
          && Boolean.getBoolean("polystream.terminal.stdout")) {
        throw configuration(
            "-o -: compressed bytes do not go to a terminal, name a file or a pipe");
      }
      return new Destination.Stdout(overwrite.value(), keptManifest);
    }
    return new Destination.File(
        Path.of(file(table, format).value()), overwrite.value(), keptManifest);
  }

  private static String extension(Format format, Compression.Method compressed) {
    return "."
        + format.extension()
        + (compressed == Compression.Method.NONE ? "" : "." + compressed.extension());
  }

  /** The output as it is written, be it a file or not. */
  Setting<String> file(TableName table, Format format) {
    return output.orElseGet(
        () ->
            Setting.byDefault(baseName(table) + extension(format, compression().value().method())));
  }

  private Destination directory(TableName table, String extension) {
    if (manifest.isPresent()) {
      throw configuration(
          "--manifest: a directory of files has its manifest.json, leave --manifest out");
    }
    return new Destination.Directory(
        Path.of(output.orElseThrow().value()),
        overwrite.value(),
        baseName(table),
        extension,
        unboxed(maxFileBytes),
        unboxed(maxFileRows));
  }

  private static OptionalLong unboxed(Optional<Setting<Long>> setting) {
    return setting.map(said -> OptionalLong.of(said.value())).orElseGet(OptionalLong::empty);
  }

  private static String baseName(TableName table) {
    String name = table.parts().get(table.parts().size() - 1).name();
    if (name.contains("/") || name.contains("\0") || name.startsWith(".")) {
      throw configuration(
          "the table's name \"" + name + "\" is not a good file name: choose one with -o");
    }
    return name;
  }
}
