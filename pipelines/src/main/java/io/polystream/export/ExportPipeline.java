package io.polystream.export;

import io.polystream.output.PlacedPart;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import javax.sql.DataSource;
import org.apache.beam.runners.direct.DirectOptions;
import org.apache.beam.runners.direct.DirectRunner;
import org.apache.beam.sdk.Pipeline;
import org.apache.beam.sdk.coders.Coder;
import org.apache.beam.sdk.coders.SerializableCoder;
import org.apache.beam.sdk.io.jdbc.JdbcIO;
import org.apache.beam.sdk.options.PipelineOptionsFactory;
import org.apache.beam.sdk.transforms.Combine;
import org.apache.beam.sdk.transforms.Create;
import org.apache.beam.sdk.transforms.DoFn;
import org.apache.beam.sdk.transforms.ParDo;
import org.apache.beam.sdk.transforms.SerializableFunction;

/**
 * The pipeline of an export: lanes in, descriptors of parts out. Rows never are elements; each
 * lane's are read, encoded and written inside the row mapper of {@code JdbcIO.readAll}, which is
 * called once per lane because the statement JdbcIO runs has one row: the lane's number. What the
 * transforms need they find by the export's id, see {@link ExportRun}.
 */
final class ExportPipeline {
  private static final String OPENING_STATEMENT = "SELECT ?";

  static final Coder<Lane> LANES = SerializableCoder.of(Lane.class);

  private ExportPipeline() {}

  /**
   * An empty pipeline on the direct runner with a thread per lane: more lanes would have to wait.
   */
  static Pipeline onDirectRunner(int lanes) {
    DirectOptions options = PipelineOptionsFactory.as(DirectOptions.class);
    options.setRunner(DirectRunner.class);
    options.setTargetParallelism(lanes);
    options.setBlockOnRun(false);
    options.setEnforceEncodability(false);
    options.setEnforceImmutability(false);
    return Pipeline.create(options);
  }

  static Pipeline of(ExportRun run) {
    Pipeline pipeline = onDirectRunner(run.plan().lanes().size());
    pipeline
        .apply("CreateLanes", Create.of(run.plan().lanes()).withCoder(LANES))
        .apply(
            "ReadLanes",
            JdbcIO.<Lane, List<PlacedPart>>readAll()
                .withDataSourceProviderFn(new Readers(run.id()))
                .withQuery(OPENING_STATEMENT)
                .withParameterSetter((lane, statement) -> statement.setInt(1, lane.index()))
                .withRowMapper(new ReadLane(run.id()))
                .withOutputParallelization(false))
        .apply("GatherParts", Combine.globally(new GatherParts()))
        .apply("PublishExport", ParDo.of(new PublishExport(run.id())));
    return pipeline;
  }

  /**
   * Whether a failure comes from the statements that the pipeline runs by itself; all they do is
   * begin and end transactions.
   */
  static boolean isOfTheDatabase(Throwable failure) {
    return failure instanceof SQLException;
  }

  /** Connections in the run's snapshot. */
  private record Readers(String exportId) implements SerializableFunction<Void, DataSource> {
    private static final long serialVersionUID = 1L;

    @Override
    public DataSource apply(Void nothing) {
      ExportRun run = ExportRun.byId(exportId);
      return run.plan().reads().readers(run::fail);
    }
  }

  private record ReadLane(String exportId) implements JdbcIO.RowMapper<List<PlacedPart>> {
    private static final long serialVersionUID = 1L;

    @Override
    public List<PlacedPart> mapRow(ResultSet opening) throws Exception {
      return ExportRun.byId(exportId)
          .readLane(opening.getInt(1), opening.getStatement().getConnection());
    }
  }

  /** Fires on an empty input too, as grouping by key would not. */
  private static final class GatherParts
      extends Combine.CombineFn<List<PlacedPart>, List<PlacedPart>, List<PlacedPart>> {
    private static final long serialVersionUID = 1L;

    @Override
    public List<PlacedPart> createAccumulator() {
      return new ArrayList<>();
    }

    @Override
    public List<PlacedPart> addInput(List<PlacedPart> gathered, List<PlacedPart> lane) {
      gathered.addAll(lane);
      return gathered;
    }

    @Override
    public List<PlacedPart> mergeAccumulators(Iterable<List<PlacedPart>> gathered) {
      List<PlacedPart> all = new ArrayList<>();
      gathered.forEach(all::addAll);
      return all;
    }

    @Override
    public List<PlacedPart> extractOutput(List<PlacedPart> gathered) {
      return gathered;
    }
  }

  private static final class PublishExport extends DoFn<List<PlacedPart>, Void> {
    private static final long serialVersionUID = 1L;

    private final String exportId;

    PublishExport(String exportId) {
      this.exportId = exportId;
    }

    @ProcessElement
    public void publish(@Element List<PlacedPart> parts) {
      ExportRun.byId(exportId).publish(parts);
    }
  }
}
