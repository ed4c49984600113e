package io.polystream.export;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.polystream.error.ErrorKind;
import io.polystream.error.PolyStreamException;
import io.polystream.format.Encoding;
import io.polystream.row.Row;
import io.polystream.source.ColumnPath;
import io.polystream.source.Database;
import io.polystream.source.Databases;
import io.polystream.source.Filter;
import io.polystream.source.Partition;
import io.polystream.source.ReadMode;
import io.polystream.source.ReadPlan;
import io.polystream.source.ReadRequest;
import io.polystream.source.Rows;
import io.polystream.source.Snapshot;
import io.polystream.source.TableName;
import io.polystream.testing.PostgresExtension;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/** What filters let through, asked of the source alone: one snapshot, no pipeline, no file. */
final class FilteredRows implements AutoCloseable {
  private final Database database;
  private final Snapshot snapshot;

  /** The caller closes it. */
  FilteredRows(PostgresExtension postgres, String table) {
    database = Databases.at(postgres.url());
    snapshot = database.snapshot(TableName.parse(table), 1);
  }

  /** As {@code filter} of a request document has it. */
  static Filter filter(String json) {
    byte[] document = ("{\"filter\":" + json + "}").getBytes(UTF_8);
    return RequestDocument.parse(
            new ByteArrayInputStream(document), "request", RequestDocument.Door.COMMAND_LINE)
        .filter()
        .orElseThrow();
  }

  /** The column {@code id} of the rows that a filter lets through, whichever way they are read. */
  List<String> ids(String filter) throws SQLException, IOException {
    List<String> byCopy = ids(filter, ReadMode.COPY);
    assertThat(ids(filter, ReadMode.CURSOR)).as("by cursor").isEqualTo(byCopy);
    return byCopy;
  }

  private List<String> ids(String filter, ReadMode mode) throws SQLException, IOException {
    List<String> ids = new ArrayList<>();
    try (ReadPlan plan = snapshot.plan(request(snapshot, filter), mode);
        Connection reader = plan.readers(failure -> {}).getConnection()) {
      for (Partition partition : plan.partitions()) {
        try (Rows rows = plan.read(reader, partition, OptionalLong.empty())) {
          Row row = rows.row();
          while (rows.next()) {
            ids.add(row.text(0).toString());
          }
        }
      }
    }
    return ids;
  }

  /** Column {@code id}, and the filter. */
  static ReadRequest request(Snapshot snapshot, String filter) {
    return new ReadRequest(
        List.of(snapshot.table().field(ColumnPath.parse("id")).orElseThrow()),
        Optional.of(filter(filter)),
        Optional.empty(),
        Encoding.USUAL_PART_BYTES);
  }

  /** Plans with a filter that does not fit, and returns what is said of it. */
  String refusal(String filter) {
    ReadRequest request = request(snapshot, filter);
    PolyStreamException failure =
        catchThrowableOfType(
            PolyStreamException.class, () -> snapshot.plan(request, ReadMode.AUTO));
    assertThat(failure).as(filter).isNotNull();
    assertThat(failure.kind()).isEqualTo(ErrorKind.CONFIGURATION);
    return failure.getMessage();
  }

  @Override
  public void close() {
    snapshot.close();
    database.close();
  }
}
