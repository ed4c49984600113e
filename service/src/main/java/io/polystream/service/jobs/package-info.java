/** Exports as jobs: queued, run, remembered across restarts, expired. */
package io.polystream.service.jobs;
