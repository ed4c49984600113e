package io.polystream.cli;

import static io.polystream.error.PolyStreamException.configuration;

import io.polystream.export.ColumnSelection;
import io.polystream.export.ExportRequest;
import io.polystream.export.RunnerChoice;
import io.polystream.format.Format;
import io.polystream.format.Formats;
import io.polystream.source.Filter;
import io.polystream.source.ReadMode;
import io.polystream.source.TableName;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * What an export will be, each setting with where it comes from: flags go before the request, that
 * before the environment, that before the configuration file, and that before defaults.
 *
 * @param formatOptions of the format
 */
record ExportSettings(
    Selected selection,
    Setting<Format> format,
    Map<String, Setting<String>> formatOptions,
    OutputSettings output,
    Setting<Boolean> allowEmpty,
    ConnectionSettings connection,
    Reading reading,
    RunnerChoice runner) {
  /** Which rows and columns; what is empty was not said. */
  record Selected(
      Setting<TableName> table,
      Optional<Setting<List<ColumnSelection>>> columns,
      Optional<Setting<Filter>> filter,
      Optional<Setting<String>> where,
      Optional<Setting<Long>> limit) {
    static Selected of(Layers layers) {
      return new Selected(
          layers
              .find("--table", said -> said.table())
              .orElseThrow(
                  () ->
                      configuration(
                          "no table: give --table, or a --request or a --name that has one; see polystream export"
                              + " --help")),
          layers.find(
              "--columns", said -> Optional.of(said.columns()).filter(list -> !list.isEmpty())),
          layers.find("", said -> said.filter()),
          layers.find("--where", said -> said.where()),
          layers.find("--limit", said -> said.limit().stream().boxed().findFirst()));
    }
  }

  /** How the database is read. */
  record Reading(
      Setting<ReadMode> mode, Setting<Integer> parallelism, Optional<Setting<Long>> rowCeiling) {}

  /**
   * Settles what was said.
   *
   * @param formatOptions of whatever format
   */
  static ExportSettings of(
      Layers layers,
      Selected selection,
      Map<String, Setting<String>> formatOptions,
      ConnectionSettings connection,
      Optional<Setting<Long>> rowCeiling,
      RunnerChoice runner) {
    OutputSettings outputOfAny = OutputSettings.of(layers);
    Setting<Format> format = format(layers, outputOfAny);
    OutputSettings output = outputOfAny.fitting(format);
    return new ExportSettings(
        selection,
        format,
        fitting(formatOptions, format),
        output,
        layers.find("--allow-empty", said -> said.allowEmpty()).orElse(Setting.byDefault(false)),
        connection,
        new Reading(
            layers
                .find("--read", said -> said.reading().mode())
                .orElse(Setting.byDefault(ReadMode.AUTO)),
            layers
                .find(
                    "--parallelism",
                    said -> said.reading().parallelism().stream().boxed().findFirst())
                .orElse(Setting.byDefault(ExportRequest.Reading.defaultParallelism())),
            rowCeiling),
        runner);
  }

  private static Setting<Format> format(Layers layers, OutputSettings output) {
    return layers
        .find("--format", said -> said.format())
        .or(
            () ->
                output
                    .plainName()
                    .flatMap(
                        name ->
                            Formats.byFileName(name.value())
                                .map(found -> new Setting<>(found, name.origin()))))
        .orElseGet(() -> Setting.byDefault(Formats.byName("csv")));
  }

  /** Without those of a format that was overridden. */
  private static Map<String, Setting<String>> fitting(
      Map<String, Setting<String>> options, Setting<Format> format) {
    Map<String, Setting<String>> fitting = new LinkedHashMap<>(options);
    fitting
        .entrySet()
        .removeIf(
            option ->
                !format.value().takes(option.getKey())
                    && !option.getValue().origin().countsAsMuchAs(format.origin()));
    return fitting;
  }

  /** What a person may have meant otherwise, one sentence each. */
  List<String> notes() {
    List<String> notes = new ArrayList<>(connection.overruled().stream().toList());
    notes.addAll(output.misnomers(format.value()));
    return notes;
  }

  /**
   * The request of an export.
   *
   * @throws io.polystream.error.PolyStreamException of kind {@code CONFIGURATION} when settings do
   *     not go together
   */
  ExportRequest toRequest() {
    requireFormatOptions();
    output.requireCompressible(format.value());
    return new ExportRequest(
        connection.toUrl(),
        new ExportRequest.Selection(
            selection.table().value(),
            selection.columns().map(Setting::value).orElse(List.of()),
            selection.filter().map(Setting::value),
            selection.where().map(Setting::value),
            unboxed(selection.limit())),
        format.value(),
        formatOptions.entrySet().stream()
            .collect(Collectors.toMap(Map.Entry::getKey, option -> option.getValue().value())),
        output.compression().value(),
        output.destination(selection.table().value(), format.value()),
        allowEmpty.value(),
        new ExportRequest.Reading(
            reading.mode().value(), reading.parallelism().value(), unboxed(reading.rowCeiling())),
        runner);
  }

  /** A request would know the options by its fields' names only. */
  private void requireFormatOptions() {
    List<String> problems = new ArrayList<>();
    new TreeMap<>(formatOptions)
        .forEach(
            (name, option) ->
                Formats.problem(format.value(), name, option.value(), option.origin().spelling())
                    .map(problem -> option.origin().place("/" + name) + problem)
                    .ifPresent(problems::add));
    if (!problems.isEmpty()) {
      throw configuration(String.join("; ", problems));
    }
  }

  private static OptionalLong unboxed(Optional<Setting<Long>> setting) {
    return setting.map(said -> OptionalLong.of(said.value())).orElseGet(OptionalLong::empty);
  }
}
