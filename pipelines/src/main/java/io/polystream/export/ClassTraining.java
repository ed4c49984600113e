package io.polystream.export;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import org.apache.beam.sdk.Pipeline;
import org.apache.beam.sdk.io.jdbc.JdbcIO;
import org.apache.beam.sdk.transforms.Create;
import org.apache.beam.sdk.transforms.Filter;

/**
 * Loads the classes an export needs, by running a pipeline without a database. The launcher has
 * them archived after a build (class data sharing): the direct runner then starts in two thirds of
 * the time.
 */
public final class ClassTraining {
  private ClassTraining() {}

  /** Runs the pipeline: a lane, and nobody to read it. */
  public static void run() {
    Pipeline pipeline = ExportPipeline.onDirectRunner(1);
    pipeline
        .apply(Create.of(List.of(new Lane(0, 1))).withCoder(ExportPipeline.LANES))
        .apply(Filter.by(lane -> lane.index() > 0))
        .apply(
            JdbcIO.<Lane, Integer>readAll()
                .withDataSourceProviderFn(nothing -> null)
                .withQuery("SELECT ?")
                .withParameterSetter((lane, statement) -> statement.setInt(1, lane.index()))
                .withRowMapper(new LaneIndex())
                .withOutputParallelization(false));
    pipeline.run().waitUntilFinish();
  }

  /** Does so on a thread of its own: the database's first answers take about as long. */
  public static void begin() {
    Thread training =
        new Thread(
            () -> {
              try {
                run();
              } catch (RuntimeException | Error e) {
                // What is wrong, or too much for the memory, shows when an export runs.
              }
            },
            "class training");
    training.setDaemon(true);
    training.start();
  }

  private record LaneIndex() implements JdbcIO.RowMapper<Integer> {
    private static final long serialVersionUID = 1L;

    @Override
    public Integer mapRow(ResultSet opening) throws SQLException {
      return opening.getInt(1);
    }
  }
}
