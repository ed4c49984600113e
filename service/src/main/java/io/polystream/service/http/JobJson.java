package io.polystream.service.http;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.util.RawValue;
import io.polystream.service.jobs.Job;
import io.polystream.service.jobs.JobFailure;
import io.polystream.service.jobs.JobRunner;
import io.polystream.service.jobs.JobStatus;
import java.time.Instant;
import java.util.Optional;

/** A job as answers have it. */
final class JobJson {
  private JobJson() {}

  static ObjectNode of(Job found, JobRunner runner) {
    JobRunner.View now = runner.view(found);
    Job job = now.job();
    Job.Progress progress = now.progress();
    ObjectNode json = Exchange.JSON.createObjectNode();
    json.put("exportId", job.id().toString());
    json.put("status", job.status().label());
    json.putRawValue("request", new RawValue(job.request()));
    json.put("createdAt", job.createdAt().toString());
    json.put("startedAt", text(job.startedAt()));
    json.put("finishedAt", text(job.finishedAt()));
    json.put("rows", progress.rows());
    json.put("bytes", progress.bytes());
    json.put("partitionsDone", progress.partitionsDone());
    json.put("partitionsTotal", progress.partitionsTotal());
    json.put("rowsPerSecond", progress.rowsPerSecond());
    json.put("etaSeconds", etaSeconds(job, progress).orElse(null));
    json.put("queueSeconds", thousandths(job.queueSeconds()));
    json.put("durationSeconds", thousandths(progress.seconds()));
    json.set("file", job.status() == JobStatus.COMPLETED ? file(job) : null);
    json.set("error", job.failure().map(JobJson::problem).orElse(null));
    return json;
  }

  private static String text(Optional<Instant> moment) {
    return moment.map(Instant::toString).orElse(null);
  }

  private static Optional<Double> etaSeconds(Job job, Job.Progress progress) {
    return job.status() == JobStatus.RUNNING && progress.partitionsDone() > 0
        ? Optional.of(
            thousandths(
                progress.seconds()
                    * (progress.partitionsTotal() - progress.partitionsDone())
                    / progress.partitionsDone()))
        : Optional.empty();
  }

  private static double thousandths(double seconds) {
    return Math.round(seconds * 1000) / 1000.0;
  }

  /** As it is on the disk: what a download with {@code as=file} is. */
  private static ObjectNode file(Job job) {
    Representation representation = Representation.of(job, Optional.of("gzip"), true);
    ObjectNode json = Exchange.JSON.createObjectNode();
    json.put("name", representation.name());
    json.put("contentType", representation.contentType());
    Job.JobFile whole = job.file().orElseThrow();
    json.put("bytes", whole.bytes());
    json.put("etag", Downloads.etag(job, representation));
    json.put("limited", whole.limited());
    whole.warnings().forEach(json.putArray("warnings")::add);
    return json;
  }

  private static ObjectNode problem(JobFailure failure) {
    ObjectNode json = Exchange.JSON.createObjectNode();
    json.put("type", ProblemException.typeUri(failure.reason().label()));
    json.put("title", failure.reason().title());
    json.put("detail", failure.detail());
    return json;
  }
}
