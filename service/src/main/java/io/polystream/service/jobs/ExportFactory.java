package io.polystream.service.jobs;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.polystream.export.ExportRequest;
import io.polystream.export.Exporter;
import io.polystream.export.RequestDocument;
import io.polystream.export.RunnerChoice;
import io.polystream.format.Format;
import io.polystream.output.Compression;
import io.polystream.output.Destination;
import io.polystream.source.DatabaseUrl;
import io.polystream.source.ReadMode;
import io.polystream.source.TableName;
import java.io.ByteArrayInputStream;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Makes exports of request documents. Immutable.
 *
 * @param table what is exported when a document does not say
 * @param readers of one export
 * @param rowCeiling the most rows any export has
 */
public record ExportFactory(
    DatabaseUrl database, TableName table, int readers, OptionalLong rowCeiling) {

  /** Reads a document; see {@link RequestDocument#parse}. */
  public static RequestDocument parse(byte[] json, RequestDocument.Door door) {
    return RequestDocument.parse(new ByteArrayInputStream(json), "the request", door);
  }

  /** The table that a document is of. */
  public TableName tableOf(RequestDocument document) {
    return document.table().orElse(table);
  }

  /** How files of a document are compressed. */
  public static Compression compressionOf(RequestDocument document) {
    RequestDocument.Compressing said = document.compression();
    return Compression.of(said.method().orElse(Compression.Method.NONE), said.level());
  }

  /** What runs a job. */
  public Exporter exporter(Job job, ExportDirectory directory) {
    RequestDocument.Door door =
        job.isOneShot() ? RequestDocument.Door.SERVICE_QUERY : RequestDocument.Door.SERVICE;
    RequestDocument document = parse(job.request().getBytes(UTF_8), door);
    return exporter(document, directory.file(job), Optional.of(directory.manifest(job)));
  }

  /** What exports a document into a file, which may be there. */
  public Exporter exporter(RequestDocument document, Path file, Optional<Path> manifest) {
    Format format = document.format().orElseThrow();
    return new Exporter(
        new ExportRequest(
            database,
            new ExportRequest.Selection(
                tableOf(document),
                document.columns(),
                document.filter(),
                Optional.empty(),
                document.limit()),
            format,
            document.formatOptions(),
            compressionOf(document),
            new Destination.File(file, true, manifest),
            document.allowEmpty().orElse(true),
            new ExportRequest.Reading(ReadMode.AUTO, readers, rowCeiling),
            RunnerChoice.DIRECT));
  }
}
