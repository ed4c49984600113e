package io.polystream.service.http;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.polystream.service.jobs.ExportDirectory;
import io.polystream.service.jobs.Job;
import io.polystream.service.jobs.JobRunner;
import io.polystream.service.jobs.JobStatus;
import io.polystream.service.jobs.JobStore;
import io.polystream.service.jobs.JobStore.Insertion;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.zip.CRC32C;

/** {@code /exports}: jobs to submit, watch, download and cancel. */
final class ExportsApi {
  private static final int USUAL_LIMIT = 50;
  private static final int MOST_LIMIT = 500;
  private static final int LONGEST_KEY = 255;
  private static final long RETRY_SECONDS = 1;

  private final JobStore store;
  private final JobRunner runner;
  private final ExportDirectory directory;
  private final Requests requests;
  private final Downloads downloads;

  ExportsApi(
      JobStore store,
      JobRunner runner,
      ExportDirectory directory,
      Requests requests,
      Downloads downloads) {
    this.store = store;
    this.runner = runner;
    this.directory = directory;
    this.requests = requests;
    this.downloads = downloads;
  }

  void submit(Exchange exchange) throws IOException {
    exchange.requireQuery();
    Optional<String> key = exchange.soleHeader("Idempotency-Key").map(ExportsApi::requireKey);
    Requests.Understood understood = requests.understand(exchange.jsonBody(), key);
    Optional<Insertion> earlier = key.flatMap(said -> store.underKey(said, understood.job()));
    if (earlier.isEmpty()) {
      requests.requirePossible(understood.document());
    }
    answer(earlier.orElseGet(() -> runner.submit(understood.job())), exchange);
  }

  private static String requireKey(String key) {
    if (key.isBlank() || key.length() > LONGEST_KEY || !key.matches("[\\x20-\\x7e]+")) {
      throw ProblemException.badRequest(
          "Idempotency-Key has 1 to " + LONGEST_KEY + " printable ASCII characters");
    }
    return key;
  }

  private void answer(Insertion insertion, Exchange exchange) throws IOException {
    if (insertion instanceof Insertion.Created created) {
      exchange.header("Location", "/exports/" + created.job().id());
      exchange.json(201, JobJson.of(created.job(), runner));
    } else if (insertion instanceof Insertion.Repeated repeated) {
      requireNotDeleted(repeated.job());
      exchange.header("Location", "/exports/" + repeated.job().id());
      exchange.json(200, JobJson.of(repeated.job(), runner));
    } else {
      throw new ProblemException(
          422,
          "idempotency-key",
          "The key is another request's",
          "another request was sent under this Idempotency-Key: choose another key");
    }
  }

  /** The job that the path names. */
  private Job job(Exchange exchange) {
    return store
        .find(QueryValues.exportId(exchange.pathParameter("id")))
        .map(ExportsApi::requireNotDeleted)
        .orElseThrow(() -> ProblemException.notFound("there is no export with such an id"));
  }

  private static Job requireNotDeleted(Job job) {
    if (job.status() == JobStatus.DELETED) {
      throw ProblemException.gone("export " + job.id() + " was deleted");
    }
    return job;
  }

  void get(Exchange exchange) throws IOException {
    exchange.requireQuery();
    Job job = job(exchange);
    byte[] body = Exchange.JSON.writeValueAsBytes(JobJson.of(job, runner));
    CRC32C crc = new CRC32C();
    crc.update(body);
    String etag = String.format(Locale.ROOT, "\"%08x-%d\"", (int) crc.getValue(), body.length);
    exchange.header("ETag", etag);
    exchange.header("Cache-Control", "no-cache");
    if (job.status().isUnfinished()) {
      exchange.header("Retry-After", String.valueOf(RETRY_SECONDS));
    }
    Preconditions preconditions = new Preconditions(etag, job.createdAt());
    if (exchange.header("If-None-Match").isPresent()
        && preconditions.evaluate(
                name -> name.equals("If-None-Match") ? exchange.header(name) : Optional.empty())
            == Preconditions.Outcome.NOT_MODIFIED) {
      exchange.empty(304);
      return;
    }
    exchange.bytes(200, "application/json", body);
  }

  void list(Exchange exchange) throws IOException {
    exchange.requireQuery("status", "limit", "cursor");
    Optional<JobStatus> status = exchange.queryParameter("status").map(ExportsApi::status);
    int limit =
        (int)
            exchange
                .queryParameter("limit")
                .map(text -> QueryValues.number("limit", text, 1, MOST_LIMIT))
                .orElse((long) USUAL_LIMIT)
                .longValue();
    long before = exchange.queryParameter("cursor").map(ExportsApi::cursor).orElse(Long.MAX_VALUE);
    List<Job> jobs = store.list(status, before, limit);
    ObjectNode json = Exchange.JSON.createObjectNode();
    ArrayNode exports = json.putArray("exports");
    jobs.forEach(job -> exports.add(JobJson.of(job, runner)));
    boolean more = !jobs.isEmpty() && store.hasMore(status, jobs.get(jobs.size() - 1).number());
    json.put("nextCursor", more ? cursor(jobs.get(jobs.size() - 1)) : null);
    exchange.json(200, json);
  }

  private static JobStatus status(String label) {
    return JobStatus.byLabel(label)
        .orElseThrow(
            () ->
                ProblemException.badRequest(
                    "status is one of "
                        + Arrays.stream(JobStatus.values())
                            .filter(status -> status != JobStatus.DELETED)
                            .map(JobStatus::label)
                            .collect(Collectors.joining(", "))
                        + ", not \""
                        + label
                        + "\""));
  }

  private static String cursor(Job last) {
    return Base64.getUrlEncoder()
        .withoutPadding()
        .encodeToString(String.valueOf(last.number()).getBytes(UTF_8));
  }

  private static long cursor(String text) {
    try {
      return Long.parseLong(new String(Base64.getUrlDecoder().decode(text), UTF_8));
    } catch (IllegalArgumentException e) {
      throw ProblemException.badRequest("cursor is what nextCursor was in an earlier answer");
    }
  }

  void download(Exchange exchange) throws IOException {
    exchange.requireQuery("as", "rate", "wait");
    downloads.send(job(exchange), exchange);
  }

  void manifest(Exchange exchange) throws IOException {
    exchange.requireQuery();
    Job job = job(exchange);
    try {
      exchange.bytes(200, "application/json", Files.readAllBytes(directory.manifest(job)));
    } catch (NoSuchFileException e) {
      throw noManifest(job(exchange));
    }
  }

  private static ProblemException noManifest(Job job) {
    String detail = "export " + job.id() + " is " + job.status().label();
    if (job.status() == JobStatus.EXPIRED) {
      return ProblemException.gone("export " + job.id() + " has expired");
    }
    return job.status().isUnfinished()
        ? new ProblemException(
                409, "not-ready", "There is no manifest yet", detail + ": ask again later")
            .retryAfter(RETRY_SECONDS)
        : new ProblemException(409, "no-file", "There is no manifest", detail);
  }

  void cancel(Exchange exchange) throws IOException {
    exchange.requireQuery();
    Job job = job(exchange);
    if (!runner.cancel(job.id())) {
      Job ended = job(exchange);
      throw new ProblemException(
          409,
          "finished",
          "It is finished",
          "export "
              + ended.id()
              + " is "
              + ended.status().label()
              + ": there is nothing to cancel");
    }
    exchange.json(202, JobJson.of(job(exchange), runner));
  }

  void delete(Exchange exchange) throws IOException {
    exchange.requireQuery();
    runner.delete(job(exchange));
    exchange.empty(204);
  }
}
