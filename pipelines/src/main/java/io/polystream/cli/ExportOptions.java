package io.polystream.cli;

import static io.polystream.error.PolyStreamException.configuration;

import io.polystream.error.PolyStreamException;
import io.polystream.export.ColumnSelection;
import io.polystream.export.ExportSummary;
import io.polystream.export.RequestDocument;
import io.polystream.export.RequestDocument.DatabaseReference;
import io.polystream.export.RunnerChoice;
import io.polystream.format.Format;
import io.polystream.format.FormatOption;
import io.polystream.format.Formats;
import io.polystream.source.ReadMode;
import io.polystream.source.TableName;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.ISetter;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** What an export is: the flags of {@code export}, which {@code explain} takes, too. */
final class ExportOptions {
  /** The values of {@code --format}, for its help and for completion. */
  static final class FormatNames implements Iterable<String> {
    @Override
    public Iterator<String> iterator() {
      return Formats.all().stream().map(Format::name).iterator();
    }
  }

  /** The values of {@code --read}, for completion. */
  static final class ReadModes implements Iterable<String> {
    @Override
    public Iterator<String> iterator() {
      return Stream.of(ReadMode.values())
          .map(mode -> mode.name().toLowerCase(Locale.ROOT))
          .iterator();
    }
  }

  /** How the last line of an export is written. */
  enum SummaryStyle {
    TEXT,
    JSON;

    /** As it is typed, for completion. */
    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }

    String text(ExportSummary summary) {
      return this == JSON ? Summaries.json(summary) : Summaries.text(summary);
    }
  }

  /** What the flags of formats' options said, by the options' names. */
  private final Map<String, String> formatOptions = new LinkedHashMap<>();

  @Mixin private ConnectionOptions connection;

  @Option(
      names = "--request",
      paramLabel = "FILE",
      description = {
        "A document, in JSON or YAML, that says what the flags below say, and more: see"
            + " docs/request.md.",
        "Flags override it, one by one. - is standard input."
      })
  private String requestFile;

  @Option(
      names = "--name",
      paramLabel = "NAME",
      description = "An export of the configuration file. Flags and --request override it.")
  private String name;

  @Option(
      names = "--dump-config",
      description =
          "Print all settings, each with where it comes from, as a document for --request; and do"
              + " nothing.")
  private boolean dumps;

  @Option(
      names = "--table",
      paramLabel = "NAME",
      description = "Table or view: table or schema.table; SQL double quotes for odd names.")
  private String table;

  @Option(
      names = "--columns",
      paramLabel = "A:B,C",
      description =
          "Columns in this order, each with the name it gets: id:ID,name,metadata.tags.0. \"…\""
              + " protects : , and .")
  private String columns;

  @Option(
      names = "--where",
      paramLabel = "SQL",
      description = "Only rows this predicate is true for.")
  private String where;

  @Option(names = "--limit", paramLabel = "N", description = "At most so many rows.")
  private Long limit;

  @Option(
      names = "--format",
      paramLabel = "NAME",
      completionCandidates = FormatNames.class,
      description =
          "One of ${COMPLETION-CANDIDATES}. Without it: the output's extension, else csv.")
  private String format;

  @Mixin private OutputOptions output;

  @Option(
      names = "--read",
      paramLabel = "auto|copy|cursor",
      completionCandidates = ReadModes.class,
      description = "How rows are read: binary COPY, or a cursor. Default: auto.")
  private ReadMode readMode;

  @Option(
      names = "--parallelism",
      paramLabel = "N",
      description = "Readers at once, 1 to 4. Default: one per core, at most 4.")
  private Integer parallelism;

  @Option(
      names = "--runner",
      paramLabel = "NAME",
      defaultValue = "direct",
      description =
          "direct: in this process. flink: on a cluster; Beam's options come after a lone --."
              + " Default: ${DEFAULT-VALUE}.")
  private String runner;

  @Option(
      names = "--work-dir",
      paramLabel = "URL",
      description =
          "Where the workers of another runner leave their parts: a directory that they and this"
              + " machine reach, or an object store that Beam knows.")
  private String workDirectory;

  @Parameters(
      paramLabel = "-- BEAM_OPTION",
      arity = "0..*",
      description = "Options of Beam and the runner: -- --flinkMaster=[local]")
  private List<String> beamArguments = List.of();

  @Option(names = "--allow-empty", description = "No rows is success: a file with just the header.")
  private Boolean allowEmpty;

  @Mixin private ProgressOptions progress;

  @Option(
      names = "--summary",
      paramLabel = "text|json",
      description = "The last line on standard error. Default: text.")
  private SummaryStyle summary;

  /** Adds the flags that formats have: whoever adds a format has nothing to do here. */
  @Spec(Spec.Target.MIXEE)
  void addFlagsOfFormats(CommandSpec command) {
    for (FormatOption option : Formats.options()) {
      OptionSpec.Builder flag = OptionSpec.builder(option.flag()).description(option.help());
      if (option.flagValue().isPresent()) {
        flag.type(Boolean.class).setter(setter(option.name(), option.flagValue()));
      } else {
        flag.type(String.class)
            .arity("1")
            .paramLabel(
                option.choices().isEmpty() ? option.values() : String.join("|", option.choices()))
            .completionCandidates(option.choices().isEmpty() ? null : option.choices())
            .setter(setter(option.name(), Optional.empty()));
      }
      command.addOption(flag.build());
    }
  }

  /** Keeps the value, or what the flag stands for: {@code --no-header=false} is a header. */
  private ISetter setter(String name, Optional<String> standsFor) {
    return new ISetter() {
      @Override
      public <T> T set(T value) {
        if (value != null) {
          formatOptions.put(
              name,
              value instanceof Boolean said && standsFor.isPresent()
                  ? String.valueOf(Boolean.parseBoolean(standsFor.get()) == said)
                  : value.toString());
        }
        return value;
      }
    };
  }

  private static Map<String, String> flagsByOption() {
    return Formats.options().stream()
        .collect(Collectors.toMap(FormatOption::name, FormatOption::flag));
  }

  ConnectionOptions connection() {
    return connection;
  }

  /** Whether the settings are to be printed, and nothing else to be done. */
  boolean dumpsSettings() {
    return dumps;
  }

  ProgressOptions progress() {
    return progress;
  }

  /** How the last line is written; empty when nobody wants one. */
  Optional<SummaryStyle> summary() {
    return Optional.ofNullable(summary)
        .or(() -> progress.isQuiet() ? Optional.empty() : Optional.of(SummaryStyle.TEXT));
  }

  /**
   * Everything that was said, by whomever, with what goes without saying.
   *
   * @throws PolyStreamException of kind {@code CONFIGURATION} when it cannot be meant, {@code
   *     STORAGE} when a document cannot be read
   */
  ExportSettings settings(Map<String, String> environment) {
    List<Layers.Layer> layers = new ArrayList<>();
    layers.add(new Layers.Layer(new Origin(Origin.Rank.FLAG, "flag"), flags()));
    if (requestFile != null) {
      layers.add(
          new Layers.Layer(
              new Origin(Origin.Rank.REQUEST, "request " + requestFile), readRequest()));
    }
    if (name != null) {
      layers.add(connection.config().export(name, environment));
    }
    Layers all = new Layers(layers);
    // Without a table nobody needs to know of a database.
    ExportSettings.Selected selection = ExportSettings.Selected.of(all);
    return ExportSettings.of(
        all,
        selection,
        all.formatOptions(flagsByOption()),
        connection.settings(environment, all),
        rowCeiling(environment),
        new RunnerChoice(runner, beamArguments, Optional.ofNullable(workDirectory)));
  }

  private RequestDocument flags() {
    return new RequestDocument(
        Optional.ofNullable(table).map(TableName::parse),
        columns == null ? List.of() : ColumnSelection.parseList(columns),
        Optional.empty(),
        Optional.ofNullable(where),
        limit == null ? OptionalLong.empty() : OptionalLong.of(limit),
        Optional.ofNullable(format).map(Formats::byName),
        output.compression(),
        formatOptions,
        new DatabaseReference(Optional.empty(), Optional.empty()),
        output.output(),
        Optional.ofNullable(allowEmpty),
        new RequestDocument.Reading(
            Optional.ofNullable(readMode),
            parallelism == null ? OptionalInt.empty() : OptionalInt.of(parallelism)));
  }

  private RequestDocument readRequest() {
    if (requestFile.equals("-")) {
      return RequestDocument.parse(
          System.in, "request on standard input", RequestDocument.Door.COMMAND_LINE);
    }
    try (InputStream document = Files.newInputStream(Path.of(requestFile))) {
      return RequestDocument.parse(
          document, "request " + requestFile, RequestDocument.Door.COMMAND_LINE);
    } catch (NoSuchFileException e) {
      throw PolyStreamException.storage(
          "cannot read the request " + requestFile + ": there is no such file", e);
    } catch (IOException e) {
      throw PolyStreamException.storage(
          "cannot read the request " + requestFile + ": " + e.getMessage(), e);
    }
  }

  private static Optional<Setting<Long>> rowCeiling(Map<String, String> environment) {
    String text = environment.get("EXPORT_ROW_LIMIT");
    if (text == null || text.isBlank()) {
      return Optional.empty();
    }
    try {
      return Optional.of(
          new Setting<>(Long.parseLong(text.strip()), Origin.environment("EXPORT_ROW_LIMIT")));
    } catch (NumberFormatException e) {
      throw configuration("EXPORT_ROW_LIMIT must be a whole number, not \"" + text + "\"");
    }
  }
}
