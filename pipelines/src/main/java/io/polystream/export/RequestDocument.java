package io.polystream.export;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.polystream.error.PolyStreamException;
import io.polystream.format.Format;
import io.polystream.output.Compression;
import io.polystream.source.DatabaseUrl;
import io.polystream.source.Filter;
import io.polystream.source.ReadMode;
import io.polystream.source.TableName;
import java.io.InputStream;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * What a request document says (docs/request.md): the JSON or YAML that the command line reads with
 * {@code --request}, an export of a configuration file, and the flags themselves. What is absent in
 * it is empty here; whoever reads it has his own defaults, and his own say. Immutable.
 *
 * @param columns empty when it names none
 * @param filter conditions, with their places in this document
 * @param formatOptions by name, as {@link Format#options} has them
 * @param allowEmpty whether a source without rows becomes a file, and not a failure
 */
public record RequestDocument(
    Optional<TableName> table,
    List<ColumnSelection> columns,
    Optional<Filter> filter,
    Optional<String> where,
    OptionalLong limit,
    Optional<Format> format,
    Compressing compression,
    Map<String, String> formatOptions,
    DatabaseReference database,
    Output output,
    Optional<Boolean> allowEmpty,
    Reading reading) {
  /** The most a document may have. */
  public static final int MOST_BYTES = 1024 * 1024;

  /** A document that says nothing. */
  public static final RequestDocument EMPTY =
      new RequestDocument(
          Optional.empty(),
          List.of(),
          Optional.empty(),
          Optional.empty(),
          OptionalLong.empty(),
          Optional.empty(),
          Compressing.UNSAID,
          Map.of(),
          DatabaseReference.UNSAID,
          Output.UNSAID,
          Optional.empty(),
          Reading.UNSAID);

  /** Through what a document comes, and so what it may say. */
  public enum Door {
    /** By somebody who owns the connection: everything. */
    COMMAND_LINE,
    /**
     * By somebody who does not: no SQL, no database, no files, no say in how it is read. Format and
     * columns have to be said, and the file that people get may be given a name.
     */
    SERVICE,
    /** The same in a query string, where no columns are all columns. */
    SERVICE_QUERY;

    boolean isOwners() {
      return this == COMMAND_LINE;
    }
  }

  /**
   * How the bytes are compressed.
   *
   * @param level for the method, if one is named
   */
  public record Compressing(Optional<Compression.Method> method, OptionalInt level) {
    static final Compressing UNSAID = new Compressing(Optional.empty(), OptionalInt.empty());
  }

  /**
   * Which database is read; at most one of both.
   *
   * @param name what a configuration file calls it
   */
  public record DatabaseReference(Optional<DatabaseUrl> url, Optional<String> name) {
    static final DatabaseReference UNSAID =
        new DatabaseReference(Optional.empty(), Optional.empty());
  }

  /**
   * How the database is read.
   *
   * @param parallelism 1 to {@value ExportRequest.Reading#MOST_READERS}
   */
  public record Reading(Optional<ReadMode> mode, OptionalInt parallelism) {
    static final Reading UNSAID = new Reading(Optional.empty(), OptionalInt.empty());
  }

  /**
   * Where the result goes.
   *
   * @param file a path, or what else the command line takes for {@code --output}; through the
   *     service what a download is called, {@code fileName} in a document
   * @param maxFileBytes of each file of a directory, 1 or more
   * @param maxFileRows of each file of a directory, 1 or more
   */
  public record Output(
      Optional<String> file,
      Optional<Boolean> overwrite,
      Optional<String> manifest,
      OptionalLong maxFileBytes,
      OptionalLong maxFileRows) {
    static final Output UNSAID =
        new Output(
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            OptionalLong.empty(),
            OptionalLong.empty());
  }

  public RequestDocument {
    columns = List.copyOf(columns);
    formatOptions = Map.copyOf(formatOptions);
  }

  /** As a document that {@link #parse} reads, but without passwords. */
  public ObjectNode toTree() {
    return RequestDocumentWriter.tree(this);
  }

  /**
   * Reads a document to its end.
   *
   * @param name what it is called in errors
   * @throws PolyStreamException of kind {@code CONFIGURATION} with all problems of the document in
   *     one message, each with its JSON Pointer; {@code STORAGE} when it cannot be read
   */
  public static RequestDocument parse(InputStream document, String name, Door door) {
    WrittenDocument written =
        WrittenDocument.read(
            document,
            name,
            MOST_BYTES,
            door.isOwners() ? WrittenDocument.Syntax.JSON_OR_YAML : WrittenDocument.Syntax.JSON);
    RequestProblems problems = new RequestProblems();
    RequestDocument request =
        new RequestDocumentParser(problems, door).document(written.tree(), "");
    if (!problems.areNone()) {
      throw written.refusal(problems);
    }
    return request;
  }
}
