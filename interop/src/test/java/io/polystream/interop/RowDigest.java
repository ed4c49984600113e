package io.polystream.interop;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.polystream.testing.PostgresExtension;
import java.math.BigInteger;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.SQLException;
import java.util.List;
import org.apache.beam.runners.direct.DirectOptions;
import org.apache.beam.runners.direct.DirectRunner;
import org.apache.beam.sdk.Pipeline;
import org.apache.beam.sdk.PipelineResult;
import org.apache.beam.sdk.metrics.Counter;
import org.apache.beam.sdk.metrics.MetricNameFilter;
import org.apache.beam.sdk.metrics.Metrics;
import org.apache.beam.sdk.metrics.MetricsFilter;
import org.apache.beam.sdk.options.PipelineOptionsFactory;
import org.apache.beam.sdk.transforms.DoFn;
import org.apache.beam.sdk.transforms.ParDo;
import org.apache.beam.sdk.values.PCollection;

/**
 * What rows come to, in whatever order: how many there are, and the sum of the hashes of a line of
 * text for each, which covers every character.
 */
record RowDigest(long rows, long hashes) {
  private static final int HASH_HEX_DIGITS = 8;

  /** Of a query of one column. */
  static RowDigest ofQuery(PostgresExtension postgres, String sql) throws SQLException {
    List<String> found =
        List.of(
            postgres
                .queryText(
                    "SELECT count(*) || ',' || coalesce(sum(('x' || left(md5(line), "
                        + HASH_HEX_DIGITS
                        + "))::bit(32)::bigint), 0) FROM ("
                        + sql
                        + ") rows (line)")
                .split(",", -1));
    return new RowDigest(Long.parseLong(found.get(0)), Long.parseLong(found.get(1)));
  }

  /** Of what a pipeline on the direct runner makes. */
  static RowDigest ofPipeline(Lines lines) {
    DirectOptions options = PipelineOptionsFactory.create().as(DirectOptions.class);
    options.setRunner(DirectRunner.class);
    // They encode every row twice, and JAXB is slow.
    options.setEnforceEncodability(false);
    options.setEnforceImmutability(false);
    Pipeline pipeline = Pipeline.create(options);
    lines.in(pipeline).apply("Digest", ParDo.of(new DigestFn()));
    PipelineResult result = pipeline.run();
    result.waitUntilFinish();
    return new RowDigest(counted(result, DigestFn.ROWS), counted(result, DigestFn.HASHES));
  }

  /** The beginning of a pipeline. */
  @FunctionalInterface
  interface Lines {
    PCollection<String> in(Pipeline pipeline);
  }

  private static long counted(PipelineResult result, String counter) {
    MetricsFilter only =
        MetricsFilter.builder()
            .addNameFilter(MetricNameFilter.named(RowDigest.class, counter))
            .build();
    long sum = 0;
    for (var found : result.metrics().queryMetrics(only).getCounters()) {
      sum += found.getCommitted();
    }
    return sum;
  }

  private static final class DigestFn extends DoFn<String, Void> {
    static final String ROWS = "rows";
    static final String HASHES = "hashes";

    private final Counter rows = Metrics.counter(RowDigest.class, ROWS);
    private final Counter hashes = Metrics.counter(RowDigest.class, HASHES);

    @ProcessElement
    public void process(@Element String line) throws NoSuchAlgorithmException {
      byte[] md5 = MessageDigest.getInstance("MD5").digest(line.getBytes(UTF_8));
      rows.inc();
      hashes.inc(new BigInteger(1, md5).shiftRight(128 - 4 * HASH_HEX_DIGITS).longValueExact());
    }
  }
}
