package io.polystream.source.postgresql;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.polystream.error.ErrorKind;
import io.polystream.error.PolyStreamException;
import io.polystream.source.Estimate;

/**
 * What EXPLAIN says of a statement.
 *
 * @param root the topmost node of the plan
 */
record QueryPlan(JsonNode root) {
  private static final ObjectMapper JSON = new ObjectMapper();

  static QueryPlan parse(String explained) {
    try {
      return new QueryPlan(JSON.readTree(explained).path(0).path("Plan"));
    } catch (JsonProcessingException e) {
      throw new PolyStreamException(
          ErrorKind.INTERNAL, "the server's EXPLAIN is not the JSON it should be", e);
    }
  }

  /**
   * Whether no relation of the outer query is read in any other way than by ranges of ctid. A plan
   * that says nothing is no proof.
   */
  boolean scansTidRanges() {
    return root.has("Node Type") && scansTidRanges(root);
  }

  /** Whether an index leads to all rows, and to no more than so many by the planner's estimate. */
  boolean findsFewRows(long most) {
    return root.path("Plan Rows").asLong(Long.MAX_VALUE) <= most && usesIndexes(root);
  }

  /** What the planner expects of the statement. */
  Estimate estimate() {
    return new Estimate(
        Math.max(0, root.path("Plan Rows").asLong()),
        Math.max(0, root.path("Plan Width").asLong()));
  }

  private static boolean usesIndexes(JsonNode node) {
    String type = node.path("Node Type").asText();
    if (node.has("Relation Name") && !type.startsWith("Index") && !type.startsWith("Bitmap")) {
      return false;
    }
    for (JsonNode child : node.path("Plans")) {
      if (!usesIndexes(child)) {
        return false;
      }
    }
    return true;
  }

  private static boolean scansTidRanges(JsonNode node) {
    String relationship = node.path("Parent Relationship").asText();
    if (relationship.equals("SubPlan") || relationship.equals("InitPlan")) {
      return true;
    }
    if (node.has("Relation Name") && !node.path("Node Type").asText().equals("Tid Range Scan")) {
      return false;
    }
    for (JsonNode child : node.path("Plans")) {
      if (!scansTidRanges(child)) {
        return false;
      }
    }
    return true;
  }
}
