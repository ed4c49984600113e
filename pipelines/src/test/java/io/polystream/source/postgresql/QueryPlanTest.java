package io.polystream.source.postgresql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.polystream.error.ErrorKind;
import io.polystream.error.PolyStreamException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Plans as EXPLAIN (VERBOSE, FORMAT JSON) writes them, shortened. */
class QueryPlanTest {
  private static final String TID_RANGE_SCAN =
      "\"Node Type\": \"Tid Range Scan\", \"Relation Name\": \"orders\", \"Schema\": \"public\"";

  @Test
  void aTidRangeScanIsOne() {
    assertThat(scans("{" + TID_RANGE_SCAN + "}")).isTrue();
  }

  @Test
  void everyLeafOfAnAppendIsScannedByRange() {
    assertThat(
            scans(
                """
                {"Node Type": "Append", "Plans": [
                  {"Parent Relationship": "Member", %s},
                  {"Parent Relationship": "Member", %s}]}"""
                    .formatted(TID_RANGE_SCAN, TID_RANGE_SCAN)))
        .isTrue();
    assertThat(
            scans(
                """
                {"Node Type": "Append", "Plans": [
                  {"Parent Relationship": "Member", %s},
                  {"Parent Relationship": "Member", "Node Type": "Seq Scan",
                   "Relation Name": "orders_2"}]}"""
                    .formatted(TID_RANGE_SCAN)))
        .isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Seq Scan",
        "Index Scan",
        "Index Only Scan",
        "Bitmap Heap Scan",
        "Tid Scan",
        "Foreign Scan",
        "Custom Scan"
      })
  void anyOtherScanOfARelationIsNone(String nodeType) {
    String scan = "\"Node Type\": \"" + nodeType + "\", \"Relation Name\": \"orders\"";
    assertThat(scans("{" + scan + "}")).isFalse();
    assertThat(
            scans(
                "{\"Node Type\": \"Gather\", \"Plans\":"
                    + " [{\"Parent Relationship\": \"Outer\", \"Node Type\": \"Subquery Scan\","
                    + " \"Plans\": [{\"Parent Relationship\": \"Subquery\", "
                    + scan
                    + "}]}]}"))
        .isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"SubPlan", "InitPlan"})
  void whatThePredicateReadsIsNoMatterOfOurs(String relationship) {
    assertThat(
            scans(
                """
                {%s, "Plans": [
                  {"Parent Relationship": "%s", "Node Type": "Seq Scan",
                   "Relation Name": "customers"}]}"""
                    .formatted(TID_RANGE_SCAN, relationship)))
        .isTrue();
  }

  @Test
  void aPlanThatReadsNothingIsAllowed() {
    assertThat(scans("{\"Node Type\": \"Result\", \"One-Time Filter\": \"false\"}")).isTrue();
  }

  @Test
  void aPlanThatSaysNothingIsNoProof() {
    for (String answer : new String[] {"[]", "{}", "[{}]", "[{\"Plan\": {}}]", "[{\"plan\": 1}]"}) {
      assertThat(QueryPlan.parse(answer).scansTidRanges()).isFalse();
    }
  }

  @Test
  void whatIsNotJsonIsADefect() {
    assertThatThrownBy(() -> QueryPlan.parse("QUERY PLAN"))
        .isInstanceOfSatisfying(
            PolyStreamException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.INTERNAL))
        .hasMessage("the server's EXPLAIN is not the JSON it should be");
  }

  private static boolean scans(String plan) {
    return QueryPlan.parse("[{\"Plan\": " + plan + "}]").scansTidRanges();
  }
}
