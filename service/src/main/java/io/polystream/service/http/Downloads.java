package io.polystream.service.http;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.polystream.output.GrowingFile;
import io.polystream.output.GrowingFile.Extent;
import io.polystream.output.GrowingFile.Phase;
import io.polystream.service.http.ByteRanges.ByteRange;
import io.polystream.service.jobs.ActiveJob;
import io.polystream.service.jobs.ExportDirectory;
import io.polystream.service.jobs.Job;
import io.polystream.service.jobs.JobRunner;
import io.polystream.service.jobs.JobStore;
import io.polystream.service.jobs.NewJob;
import io.polystream.service.metrics.ServiceMetrics;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.NoSuchFileException;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;
import org.eclipse.jetty.http.DateGenerator;
import org.eclipse.jetty.server.HttpOutput;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Hands out the files of jobs: whole ones, and those that grow while they are sent. */
final class Downloads {
  private static final Logger LOG = LoggerFactory.getLogger(Downloads.class);

  /** How often somebody who waits looks whether the client is there still. */
  private static final long WAIT_MILLIS = 250;

  /** A client that takes nothing for so long is gone. */
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  /** A job has its file a moment before it is completed. */
  private static final long COMPLETION_MILLIS = 10_000;

  /** How often somebody looks whether an export has begun its file. */
  private static final long FILE_MILLIS = 10;

  private static final long RETRY_SECONDS = 1;

  /** Nobody on the way may compress a file again, or keep it for others. */
  private static final String CACHING = "private, no-transform";

  private final JobStore store;
  private final JobRunner runner;
  private final ExportDirectory directory;
  private final Transfers transfers;
  private final ServiceMetrics metrics;

  Downloads(
      JobStore store,
      JobRunner runner,
      ExportDirectory directory,
      Transfers transfers,
      ServiceMetrics metrics) {
    this.store = store;
    this.runner = runner;
    this.directory = directory;
    this.transfers = transfers;
    this.metrics = metrics;
  }

  /** What the query of a download says. */
  private record Wishes(boolean asFile, boolean waits, OptionalLong bytesPerSecond) {
    static Wishes of(Exchange exchange) {
      return new Wishes(
          exchange.queryParameter("as").map(Wishes::asFile).orElse(false),
          exchange.queryParameter("wait").map(Wishes::truth).orElse(true),
          exchange.queryParameter("rate").map(QueryValues::rate).orElse(OptionalLong.empty()));
    }

    private static boolean asFile(String as) {
      if (!as.equals("file")) {
        throw ProblemException.badRequest("as is file, or is left out, not \"" + as + "\"");
      }
      return true;
    }

    private static boolean truth(String wait) {
      if (!wait.equals("true") && !wait.equals("false")) {
        throw ProblemException.badRequest("wait is true or false, not \"" + wait + "\"");
      }
      return wait.equals("true");
    }
  }

  /** Answers with the file of a job, whatever has become of it. */
  void send(Job job, Exchange exchange) throws IOException {
    send(job, exchange, Wishes.of(exchange));
  }

  /** Answers with the file of a job that is just for this. */
  void sendOnce(Job job, OptionalLong bytesPerSecond, Exchange exchange) throws IOException {
    send(job, exchange, new Wishes(false, true, bytesPerSecond));
  }

  private void send(Job job, Exchange exchange, Wishes wishes) throws IOException {
    switch (job.status()) {
      case COMPLETED -> sendWhole(job, exchange, wishes);
      case PENDING, RUNNING -> {
        Optional<ActiveJob> active = runner.active(job.id());
        if (active.isEmpty()) {
          sendJustEnded(job, exchange, wishes);
        } else if (!wishes.waits()) {
          throw new ProblemException(
                  409,
                  "not-ready",
                  "There is no file yet",
                  "export " + job.id() + " is " + job.status().label() + ": ask again later")
              .retryAfter(RETRY_SECONDS);
        } else {
          sendGrowing(job, active.get(), exchange, wishes);
        }
      }
      case FAILED, CANCELLED ->
          throw new ProblemException(
              409,
              "no-file",
              "There will be no file",
              "export "
                  + job.id()
                  + " is "
                  + job.status().label()
                  + job.failure().map(failure -> ": " + failure.detail()).orElse(""));
      case EXPIRED -> throw ProblemException.gone("export " + job.id() + " has expired");
      case DELETED -> throw ProblemException.gone("export " + job.id() + " was deleted");
    }
  }

  /** Nobody is at it any more: it is finished, or the service is ending. */
  private void sendJustEnded(Job job, Exchange exchange, Wishes wishes) throws IOException {
    Job ended = found(job.id());
    if (ended.status().isUnfinished()) {
      throw new ProblemException(
              503,
              "draining",
              "The service is ending",
              "export " + job.id() + " starts again with the next service: ask again in a moment")
          .retryAfter(RETRY_SECONDS);
    }
    send(ended, exchange, wishes);
  }

  private Job found(UUID id) {
    return store.find(id).orElseThrow(() -> ProblemException.notFound("there is no export " + id));
  }

  private static Representation representation(Job job, Exchange exchange, Wishes wishes) {
    Representation representation =
        Representation.of(job, exchange.header("Accept-Encoding"), wishes.asFile());
    describe(representation, exchange);
    return representation;
  }

  private static void describe(Representation representation, Exchange exchange) {
    exchange.header("Content-Type", representation.contentType());
    representation
        .contentEncoding()
        .ifPresent(encoding -> exchange.header("Content-Encoding", encoding));
    if (representation.varies()) {
      exchange.header("Vary", "Accept-Encoding");
    }
    exchange.header("Content-Disposition", representation.contentDisposition());
    exchange.header("Cache-Control", CACHING);
    exchange.header("X-Content-Type-Options", "nosniff");
  }

  /** Answers HEAD as {@link #sendOnce} would answer GET, without a job. */
  static void describeOnce(NewJob job, Exchange exchange) throws IOException {
    describe(
        Representation.of(
            job.format(),
            job.compression(),
            job.fileName().orElseThrow(),
            exchange.header("Accept-Encoding"),
            false),
        exchange);
    exchange.begin(200);
  }

  // ------------------------------------------------------------------ whole files

  private void sendWhole(Job job, Exchange exchange, Wishes wishes) throws IOException {
    try (FileChannel file = FileChannel.open(directory.file(job), StandardOpenOption.READ)) {
      sendWhole(job, file, exchange, wishes);
    } catch (NoSuchFileException gone) {
      throw ProblemException.gone(
          "the file of export " + job.id() + " is gone: run the export again");
    }
  }

  private void sendWhole(Job job, FileChannel file, Exchange exchange, Wishes wishes)
      throws IOException {
    Job.JobFile whole = job.file().orElseThrow();
    Representation representation =
        Representation.of(job, exchange.header("Accept-Encoding"), wishes.asFile());
    String etag = etag(job, representation);
    Instant lastModified = job.finishedAt().orElse(job.createdAt()).truncatedTo(ChronoUnit.SECONDS);
    Preconditions preconditions = new Preconditions(etag, lastModified);
    switch (preconditions.evaluate(exchange::header)) {
      case FAILED ->
          throw new ProblemException(
                  412, "precondition", "It is another file", "the file's entity tag is " + etag)
              .with("ETag", etag);
      case NOT_MODIFIED -> {
        exchange.header("ETag", etag);
        exchange.header("Cache-Control", CACHING);
        if (representation.varies()) {
          exchange.header("Vary", "Accept-Encoding");
        }
        exchange.empty(304);
        return;
      }
      case PROCEED -> {}
    }
    // RFC 9110 section 14.2: GET only has ranges.
    Optional<List<ByteRange>> ranges =
        exchange.isHead() || !preconditions.rangeCounts(exchange.header("If-Range"))
            ? Optional.empty()
            : exchange.header("Range").flatMap(header -> ByteRanges.parse(header, whole.bytes()));
    if (ranges.isPresent() && ranges.get().isEmpty()) {
      throw new ProblemException(
              416, "range", "There are no such bytes", "the file has " + whole.bytes() + " bytes")
          .with("Content-Range", "bytes */" + whole.bytes());
    }
    representation(job, exchange, wishes);
    exchange.header("ETag", etag);
    exchange.header("Last-Modified", DateGenerator.formatDate(lastModified.toEpochMilli()));
    exchange.header("Accept-Ranges", "bytes");
    if (exchange.isHead()) {
      exchange.begin(200, whole.bytes());
      return;
    }
    try (Transfers.Transfer transfer = transfers.begin(wishes.bytesPerSecond())) {
      if (ranges.isEmpty()) {
        exchange.begin(200, whole.bytes());
        transferring(job, exchange, output -> transfer.send(file, 0, whole.bytes(), output));
      } else if (ranges.get().size() == 1) {
        ByteRange range = ranges.get().get(0);
        exchange.header("Content-Range", range.contentRange(whole.bytes()));
        exchange.begin(206, range.bytes());
        transferring(
            job, exchange, output -> transfer.send(file, range.first(), range.bytes(), output));
      } else {
        sendRanges(job, file, ranges.get(), representation, exchange, transfer);
      }
    }
  }

  /** {@code multipart/byteranges}: RFC 9110 section 14.6. A coding is that of the parts. */
  private void sendRanges(
      Job job,
      FileChannel file,
      List<ByteRange> ranges,
      Representation representation,
      Exchange exchange,
      Transfers.Transfer transfer)
      throws IOException {
    long total = job.file().orElseThrow().bytes();
    String boundary = UUID.randomUUID().toString();
    String coding =
        representation.contentEncoding().map(name -> "\r\nContent-Encoding: " + name).orElse("");
    List<byte[]> heads =
        ranges.stream()
            .map(
                range ->
                    ("\r\n--"
                            + boundary
                            + "\r\nContent-Type: "
                            + representation.contentType()
                            + coding
                            + "\r\nContent-Range: "
                            + range.contentRange(total)
                            + "\r\n\r\n")
                        .getBytes(US_ASCII))
            .toList();
    byte[] tail = ("\r\n--" + boundary + "--\r\n").getBytes(US_ASCII);
    long length =
        tail.length
            + heads.stream().mapToLong(head -> head.length).sum()
            + ranges.stream().mapToLong(ByteRange::bytes).sum();
    exchange.removeHeader("Content-Encoding");
    exchange.header("Content-Type", "multipart/byteranges; boundary=" + boundary);
    exchange.begin(206, length);
    transferring(
        job,
        exchange,
        output -> {
          for (int i = 0; i < ranges.size(); i++) {
            output.write(heads.get(i));
            transfer.send(file, ranges.get(i).first(), ranges.get(i).bytes(), output);
          }
          output.write(tail);
        });
  }

  /** Strong: a job, its bytes, and what they are said to be. */
  static String etag(Job job, Representation representation) {
    return String.format(
        Locale.ROOT,
        "\"%s-%08x%s\"",
        job.id().toString().substring(0, 8),
        job.file().orElseThrow().crc32c(),
        representation.etagSuffix());
  }

  // ------------------------------------------------------------------ growing files

  private void sendGrowing(Job job, ActiveJob active, Exchange exchange, Wishes wishes)
      throws IOException {
    if (exchange.isHead()) {
      growing(job, exchange, wishes);
      exchange.begin(200);
      return;
    }
    try {
      if (!followed(job, active, exchange, wishes)) {
        // It has ended, and the answer can be what it would be for anybody else.
        sendEnded(job, active, exchange, wishes);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      exchange.abort("the service is ending");
    }
  }

  private static void growing(Job job, Exchange exchange, Wishes wishes) {
    representation(job, exchange, wishes);
    exchange.header("Accept-Ranges", "none");
  }

  /** Whether there was an answer: not when the job ended before its file had a byte. */
  private boolean followed(Job job, ActiveJob active, Exchange exchange, Wishes wishes)
      throws IOException, InterruptedException {
    try (Transfers.Transfer transfer = transfers.begin(wishes.bytesPerSecond())) {
      Optional<GrowingFile> begun = awaitFirstBytes(active, exchange);
      if (begun.isEmpty()) {
        return false;
      }
      try (FileChannel file = begun.get().open()) {
        growing(job, exchange, wishes);
        exchange.begin(200);
        transferring(
            job, exchange, output -> follow(begun.get(), file, transfer, exchange, output));
      }
      return true;
    }
  }

  private void sendEnded(Job job, ActiveJob active, Exchange exchange, Wishes wishes)
      throws IOException, InterruptedException {
    active.awaitEnd(COMPLETION_MILLIS);
    sendJustEnded(job, exchange, wishes);
  }

  /** Empty when the job ended first. */
  private Optional<GrowingFile> awaitFirstBytes(ActiveJob active, Exchange exchange)
      throws IOException, InterruptedException {
    while (true) {
      Optional<GrowingFile> growing = active.growing();
      if (growing.isPresent()) {
        Extent extent = growing.get().await(0, WAIT_MILLIS);
        if (extent.phase() != Phase.GROWING) {
          return Optional.empty();
        }
        if (extent.safeBytes() > 0) {
          return growing;
        }
      } else if (active.awaitEnd(FILE_MILLIS)) {
        return Optional.empty();
      }
      requireThere(exchange);
    }
  }

  private static void requireThere(Exchange exchange) throws IOException {
    if (exchange.isAbandoned()) {
      throw new IOException("the client is gone");
    }
  }

  /** Sends what is safe, again and again, until there is no more to come. */
  private static void follow(
      GrowingFile growing,
      FileChannel file,
      Transfers.Transfer transfer,
      Exchange exchange,
      HttpOutput output)
      throws IOException {
    long sent = 0;
    while (true) {
      Extent extent = await(growing, sent);
      if (extent.phase() == Phase.ABANDONED) {
        throw new IOException("the export ended without a file");
      }
      if (extent.safeBytes() > sent) {
        transfer.send(file, sent, extent.safeBytes() - sent, output);
        output.flush();
        sent = extent.safeBytes();
      } else if (extent.phase() == Phase.FINISHED) {
        return;
      } else {
        requireThere(exchange);
      }
    }
  }

  private static Extent await(GrowingFile growing, long sent) throws IOException {
    try {
      return growing.await(sent, WAIT_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("the service is ending", e);
    }
  }

  // ------------------------------------------------------------------ both

  /** Sends a body. */
  @FunctionalInterface
  private interface Body {
    void send(HttpOutput output) throws IOException;
  }

  /** Whatever goes wrong now, the client must not take what it has for the whole. */
  private void transferring(Job job, Exchange exchange, Body body) {
    try {
      exchange.setPatience(PATIENCE);
      HttpOutput output = exchange.output();
      exchange.resetWhenClosed(true);
      body.send(output);
      exchange.resetWhenClosed(false);
      output.close();
    } catch (IOException | RuntimeException e) {
      metrics.transferAborted();
      LOG.info("download of {} broken off: {}", job.id(), e.toString());
      exchange.abort("the download was broken off");
    }
  }
}
