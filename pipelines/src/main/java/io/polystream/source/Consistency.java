package io.polystream.source;

import java.util.Optional;

/**
 * What the rows of an export have in common in time.
 *
 * @param snapshotId the shared snapshot's name in the database, when there is one
 * @param walPosition where the database's log stood, when it can tell
 */
public record Consistency(Level level, Optional<String> snapshotId, Optional<String> walPosition) {
  /** From strong to weak; never silently weaker than said. */
  public enum Level {
    /** Every reader saw one exported snapshot, and nobody could rewrite the table meanwhile. */
    SNAPSHOT,
    /** One reader saw one transaction's snapshot. */
    TRANSACTION
  }
}
