package io.polystream.source;

/** What a source is in the catalog. */
public enum TableKind {
  TABLE("table"),
  PARTITIONED_TABLE("partitioned table"),
  VIEW("view"),
  MATERIALIZED_VIEW("materialized view"),
  FOREIGN_TABLE("foreign table");

  private final String label;

  TableKind(String label) {
    this.label = label;
  }

  @Override
  public String toString() {
    return label;
  }
}
