package io.polystream.export;

import io.polystream.output.PlacedPart;
import java.io.IOException;
import java.net.URL;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Enumeration;
import java.util.List;
import java.util.function.Supplier;
import javax.sql.DataSource;
import org.apache.beam.runners.direct.DirectOptions;
import org.apache.beam.runners.direct.DirectRunner;
import org.apache.beam.sdk.Pipeline;
import org.apache.beam.sdk.coders.Coder;
import org.apache.beam.sdk.coders.SerializableCoder;
import org.apache.beam.sdk.io.jdbc.JdbcIO;
import org.apache.beam.sdk.options.PipelineOptions;
import org.apache.beam.sdk.options.PipelineOptionsFactory;
import org.apache.beam.sdk.options.PipelineOptionsRegistrar;
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

  private static final Coder<Lane> LANES = SerializableCoder.of(Lane.class);

  private ExportPipeline() {}

  /**
   * The pipeline of the export with this id on the direct runner, with a thread per lane: more
   * lanes would have to wait. Without lanes it does nothing but load the classes of one that has
   * some.
   */
  static Pipeline of(String exportId, List<Lane> lanes) {
    Pipeline pipeline = Pipeline.create(options(Math.max(1, lanes.size())));
    pipeline
        .apply("CreateLanes", Create.of(lanes).withCoder(LANES))
        .apply(
            "ReadLanes",
            JdbcIO.<Lane, List<PlacedPart>>readAll()
                .withDataSourceProviderFn(new Readers(exportId))
                .withQuery(OPENING_STATEMENT)
                .withParameterSetter((lane, statement) -> statement.setInt(1, lane.index()))
                .withRowMapper(new ReadLane(exportId))
                .withOutputParallelization(false))
        .apply("GatherParts", Combine.globally(new GatherParts()).withoutDefaults())
        .apply("PublishExport", ParDo.of(new PublishExport(exportId)));
    return pipeline;
  }

  private static PipelineOptions options(int threads) {
    DirectOptions options = withoutRegistrars(() -> PipelineOptionsFactory.as(DirectOptions.class));
    options.setRunner(DirectRunner.class);
    options.setTargetParallelism(threads);
    options.setBlockOnRun(false);
    options.setEnforceEncodability(false);
    options.setEnforceImmutability(false);
    return options;
  }

  /**
   * Beam checks all options that anybody on the class path has registered when its factory is
   * loaded, a tenth of the processor time of a short export. An export by the direct runner takes
   * none of them from its user (docs/decisions/0025).
   */
  private static <T> T withoutRegistrars(Supplier<T> options) {
    Thread thread = Thread.currentThread();
    ClassLoader loader = thread.getContextClassLoader();
    thread.setContextClassLoader(new NoRegistrars(loader));
    try {
      return options.get();
    } finally {
      thread.setContextClassLoader(loader);
    }
  }

  /**
   * Whether a failure comes from the statements that the pipeline runs by itself; all they do is
   * begin and end transactions.
   */
  static boolean isOfTheDatabase(Throwable failure) {
    return failure instanceof SQLException;
  }

  /** Where service loaders find nobody who registers pipeline options. */
  private static final class NoRegistrars extends ClassLoader {
    NoRegistrars(ClassLoader parent) {
      super(parent);
    }

    @Override
    public Enumeration<URL> getResources(String name) throws IOException {
      return name.endsWith(PipelineOptionsRegistrar.class.getName())
          ? Collections.emptyEnumeration()
          : super.getResources(name);
    }
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
