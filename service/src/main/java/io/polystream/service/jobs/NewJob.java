package io.polystream.service.jobs;

import io.polystream.format.Format;
import io.polystream.output.Compression;
import java.util.Optional;

/**
 * A job to be.
 *
 * @param request the document in JSON, found to be right
 * @param idempotencyKey under which asking again is not asking twice
 */
public record NewJob(
    String request,
    Format format,
    Compression.Method compression,
    Optional<String> fileName,
    boolean isOneShot,
    Optional<String> idempotencyKey) {}
