package io.polystream.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.polystream.export.RequestDocument;
import io.polystream.output.Compression;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * All settings of an export as a document in YAML that {@code --request} reads, with a comment each
 * that says where it comes from. Passwords are left out.
 */
final class SettingsDump {
  /** What JSON has as it is within strings, and YAML does not (1.2, production 1 and 26). */
  private static final Pattern NOT_IN_YAML =
      Pattern.compile("[\\x7f-\\x9f\\u2028\\u2029\\ufeff\\ufffe\\uffff]");

  private final ExportSettings settings;
  private final Map<String, Origin> origins = new HashMap<>();

  SettingsDump(ExportSettings settings) {
    this.settings = settings;
  }

  /**
   * Prints them, unless an export would refuse them.
   *
   * @throws io.polystream.error.PolyStreamException as {@link ExportSettings#toRequest}
   */
  void print(PrintWriter out) {
    settings.toRequest();
    ObjectNode tree = document().toTree();
    out.println(
        "# Settings of polystream export, for --request. A comment says where one is from.");
    out.println("schemaVersion: 1");
    tree.properties()
        .forEach(
            field -> {
              if (field.getKey().equals("output")) {
                out.println("output:");
                field
                    .getValue()
                    .properties()
                    .forEach(inner -> line(out, "  ", inner, "output/" + inner.getKey()));
              } else {
                line(out, "", field, field.getKey());
              }
            });
    comments().forEach(comment -> out.println("# " + plain(comment)));
    out.flush();
  }

  private void line(
      PrintWriter out, String indent, Map.Entry<String, JsonNode> field, String pointer) {
    String value =
        NOT_IN_YAML
            .matcher(field.getValue().toString())
            .replaceAll(
                found -> String.format(Locale.ROOT, "\\\\u%04x", (int) found.group().charAt(0)));
    Origin origin = origins.getOrDefault(pointer, Origin.DEFAULT);
    out.println(indent + field.getKey() + ": " + value + " # " + plain(origin.label()));
  }

  private static String plain(String comment) {
    return NOT_IN_YAML.matcher(comment).replaceAll("?").replaceAll("[\\x00-\\x1f]+", " ");
  }

  private List<String> comments() {
    Stream<String> facts =
        Stream.of(
                settings
                    .connection()
                    .passwordOrigin()
                    .map(origin -> "password: ****** (" + origin.label() + ")"),
                settings
                    .reading()
                    .rowCeiling()
                    .map(rows -> "most rows: " + rows.value() + " (" + rows.origin().label() + ")"),
                Optional.of("runner: " + settings.runner().name()))
            .flatMap(Optional::stream);
    return Stream.concat(facts, settings.notes().stream().map(note -> "note: " + note)).toList();
  }

  private RequestDocument document() {
    ExportSettings.Selected selected = settings.selection();
    OutputSettings output = settings.output();
    Setting<Compression> compression = output.compression();
    origins.put("database", settings.connection().database().origin());
    origins.put("compressionLevel", output.levelOrigin());
    settings.formatOptions().forEach((name, option) -> origins.put(name, option.origin()));
    return new RequestDocument(
        Optional.of(value("table", selected.table())),
        value("columns", selected.columns()).orElse(List.of()),
        value("filter", selected.filter()),
        value("where", selected.where()),
        asLong(value("limit", selected.limit())),
        Optional.of(value("format", settings.format())),
        new RequestDocument.Compressing(
            Optional.of(value("compression", compression).method()),
            compression.value().level() > 0
                ? OptionalInt.of(compression.value().level())
                : OptionalInt.empty()),
        settings.formatOptions().entrySet().stream()
            .collect(Collectors.toMap(Map.Entry::getKey, option -> option.getValue().value())),
        settings.connection().reference(),
        new RequestDocument.Output(
            Optional.of(
                value(
                    "output/file",
                    output.file(selected.table().value(), settings.format().value()))),
            Optional.of(value("output/overwrite", output.overwrite())),
            value("output/manifest", output.manifest()).map(Path::toString),
            asLong(value("output/maxFileBytes", output.maxFileBytes())),
            asLong(value("output/maxFileRows", output.maxFileRows()))),
        Optional.of(value("allowEmpty", settings.allowEmpty())),
        new RequestDocument.Reading(
            Optional.of(value("read", settings.reading().mode())),
            OptionalInt.of(value("parallelism", settings.reading().parallelism()))));
  }

  private <T> T value(String pointer, Setting<T> setting) {
    origins.put(pointer, setting.origin());
    return setting.value();
  }

  private <T> Optional<T> value(String pointer, Optional<Setting<T>> setting) {
    return setting.map(said -> value(pointer, said));
  }

  private static OptionalLong asLong(Optional<Long> value) {
    return value.isPresent() ? OptionalLong.of(value.get()) : OptionalLong.empty();
  }
}
