package io.polystream.source.postgresql;

import java.io.Serializable;

/**
 * A snapshot that readers can join as long as its coordinator holds it.
 *
 * @param id as {@code pg_export_snapshot} gave it
 * @param server the coordinator's {@link SnapshotReaders#SERVER_IDENTITY}
 */
record SharedSnapshot(String id, String server) implements Serializable {
  private static final long serialVersionUID = 1L;
}
