package io.polystream.export;

import io.polystream.format.Encoding;
import io.polystream.format.Formats;
import io.polystream.output.Compression;
import io.polystream.output.PartLimits;
import io.polystream.row.Column;
import io.polystream.source.Database;
import io.polystream.source.DatabaseUrl;
import io.polystream.source.Databases;
import io.polystream.source.SnapshotTicket;
import java.io.Serializable;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/**
 * All that a worker in another process needs to read partitions and leave their parts. It has the
 * password in it, as every distributed job has that reads a database: see docs/runners.md.
 *
 * @param maxRows the most rows of the export, and so of a partition; -1 for all
 */
record RemoteJob(
    String exportId,
    DatabaseUrl database,
    SnapshotTicket ticket,
    List<Column> columns,
    String format,
    Map<String, String> formatOptions,
    Compression compression,
    PartLimits partLimits,
    long maxRows,
    PartStore store)
    implements Serializable {
  private static final long serialVersionUID = 1L;

  static RemoteJob of(
      String exportId, ExportPlan plan, SnapshotTicket ticket, PartLimits limits, PartStore store) {
    ExportRequest request = plan.request();
    return new RemoteJob(
        exportId,
        request.database(),
        ticket,
        plan.targetColumns(),
        request.format().name(),
        new HashMap<>(request.formatOptions()),
        request.compression(),
        limits,
        request.maxRows().orElse(-1),
        store);
  }

  Database openDatabase() {
    return Databases.at(database);
  }

  Encoding encoding() {
    return Formats.byName(format).encoding(columns, formatOptions);
  }

  OptionalLong rowLimit() {
    return maxRows < 0 ? OptionalLong.empty() : OptionalLong.of(maxRows);
  }

  @Override
  public String toString() {
    return "export " + exportId;
  }
}
