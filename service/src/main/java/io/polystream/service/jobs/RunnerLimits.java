package io.polystream.service.jobs;

import java.time.Duration;
import java.util.OptionalLong;

/**
 * What jobs may use.
 *
 * @param concurrentExports how many run at once, 1 or more
 * @param queuedExports how many may wait, 0 or more
 * @param exportTimeout how long one may run
 * @param fileTtl how long a file is kept
 * @param diskBytes what all files together may have, if that is limited
 */
public record RunnerLimits(
    int concurrentExports,
    int queuedExports,
    Duration exportTimeout,
    Duration fileTtl,
    OptionalLong diskBytes) {}
