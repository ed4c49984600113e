package io.polystream.export;

import static io.polystream.error.PolyStreamException.configuration;
import static io.polystream.error.PolyStreamException.storage;

import io.polystream.source.Partition;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.ResultSet;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.ServiceLoader;
import java.util.stream.IntStream;
import javax.sql.DataSource;
import org.apache.beam.sdk.Pipeline;
import org.apache.beam.sdk.coders.BigEndianIntegerCoder;
import org.apache.beam.sdk.coders.KvCoder;
import org.apache.beam.sdk.coders.SerializableCoder;
import org.apache.beam.sdk.io.jdbc.JdbcIO;
import org.apache.beam.sdk.options.PipelineOptions;
import org.apache.beam.sdk.options.PipelineOptionsFactory;
import org.apache.beam.sdk.transforms.Create;
import org.apache.beam.sdk.transforms.Reshuffle;
import org.apache.beam.sdk.transforms.SerializableFunction;
import org.apache.beam.sdk.transforms.Values;
import org.apache.beam.sdk.values.KV;

/**
 * The pipeline of an export on a runner with workers in other processes: partitions in, parts in
 * the store. The same row loop as on the direct runner; what it needs travels with the pipeline.
 */
final class DistributedPipeline {
  private static final String OPENING_STATEMENT = "SELECT ?";

  private DistributedPipeline() {}

  /**
   * What the user says, and what the runner needs beside it.
   *
   * @param scratch for the runner, see {@link RunnerDefaults#apply}
   * @throws io.polystream.error.PolyStreamException of kind {@code CONFIGURATION} when there is no
   *     such runner here, or it does not take the arguments
   */
  static PipelineOptions options(RunnerChoice runner, int readers, Path scratch) {
    List<String> arguments = new ArrayList<>(runner.beamArguments());
    arguments.add("--runner=" + className(runner.name()));
    try {
      // An export by the direct runner may have loaded the factory: it then knows of no runner's.
      PipelineOptionsFactory.resetCache();
      PipelineOptions options =
          PipelineOptionsFactory.fromArgs(arguments.toArray(String[]::new))
              .withValidation()
              .create();
      for (RunnerDefaults defaults : ServiceLoader.load(RunnerDefaults.class)) {
        if (defaults.runner().equals(runner.name())) {
          defaults.apply(options, readers, scratch);
        }
      }
      return options;
    } catch (IOException e) {
      throw storage("cannot write in " + scratch, e);
    } catch (IllegalArgumentException e) {
      throw configuration(
          "runner "
              + runner.name()
              + ": "
              + e.getMessage()
              + "; docs/runners.md says what each runner takes");
    }
  }

  private static String className(String name) {
    return name.substring(0, 1).toUpperCase(Locale.ROOT) + name.substring(1) + "Runner";
  }

  static Pipeline of(PipelineOptions options, RemoteJob job, List<Partition> partitions) {
    Pipeline pipeline = Pipeline.create(options);
    pipeline
        .apply(
            "CreatePartitions",
            Create.of(
                    IntStream.range(0, partitions.size())
                        .mapToObj(i -> KV.of(i, new RemotePartition(i, partitions.get(i))))
                        .toList())
                .withCoder(
                    KvCoder.of(
                        BigEndianIntegerCoder.of(), SerializableCoder.of(RemotePartition.class))))
        // By number, not by chance: a runner that sorts has each worker read in the output's order,
        // so that parts do not wait for long, and the file grows from the beginning.
        .apply("SpreadPartitions", Reshuffle.of())
        .apply("TakePartitions", Values.create())
        .apply(
            "ReadPartitions",
            JdbcIO.<RemotePartition, Long>readAll()
                .withDataSourceProviderFn(new Readers(job))
                .withQuery(OPENING_STATEMENT)
                .withParameterSetter(
                    (partition, statement) -> statement.setString(1, partition.toText()))
                .withRowMapper(new ReadPartition(job))
                .withOutputParallelization(false));
    return pipeline;
  }

  /** Connections in the submitter's snapshot. */
  private record Readers(RemoteJob job) implements SerializableFunction<Void, DataSource> {
    private static final long serialVersionUID = 1L;

    @Override
    public DataSource apply(Void nothing) {
      // Whoever comes when all is over finds no snapshot, and must not make its directory anew.
      return job.openDatabase().join(job.ticket()).readers(new RemoteReader(job)::noteFailure);
    }
  }

  private record ReadPartition(RemoteJob job) implements JdbcIO.RowMapper<Long> {
    private static final long serialVersionUID = 1L;

    @Override
    public Long mapRow(ResultSet opening) throws Exception {
      return new RemoteReader(job)
          .read(
              RemotePartition.parse(opening.getString(1)), opening.getStatement().getConnection());
    }
  }
}
