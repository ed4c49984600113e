package io.polystream.export;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.polystream.error.ErrorKind;
import io.polystream.error.PolyStreamException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class ExportPlanTest {
  private final FakeTable table = new FakeTable(3, 4, 5);

  @Test
  void allColumnsComeWithoutASelection() {
    assertThat(header(Requests.plain())).isEqualTo("id,Name\r\n");
  }

  @Test
  void aSelectionGivesTheOrderAndTheNames() {
    assertThat(header(Requests.plain().columns("Name:Customer,id"))).isEqualTo("Customer,id\r\n");
    assertThat(header(Requests.plain().columns("id,id:again"))).isEqualTo("id,again\r\n");
  }

  @Test
  void aNameIsTakenAsWrittenFirstAndThenFolded() {
    assertThat(header(Requests.plain().columns("ID,Name"))).isEqualTo("id,Name\r\n");
    refused(
        Requests.plain().columns("\"ID\""),
        "table public.orders has no column \"ID\": it has id, Name");
    refused(
        Requests.plain().columns("name"),
        "table public.orders has no column name: it has id, Name");
  }

  @Test
  void allUnknownColumnsAreNamedAtOnce() {
    refused(
        Requests.plain().columns("x,id,y,x"),
        "table public.orders has no column x, y: it has id, Name");
  }

  @Test
  void ofADocumentsColumnsEachIsNamedWithItsPlace() {
    refused(
        Requests.plain()
            .document(
                """
                {"columns": [{"source": "id"}, {"source": "x"}, {"source": "id.k"}, {"source": "x.y"}]}"""),
        "/columns/2/source: id.k: column \"id\" of public.orders is bigint, and only json and jsonb"
            + " have values inside; /columns/1/source: table public.orders has no column x;"
            + " /columns/3/source: table public.orders has no column x.y: it has id, Name");
  }

  @Test
  void twoColumnsOfOneNameAreRefused() {
    String message =
        "columns: two columns are called \"a\" in the file: rename one with source:target";
    refused(Requests.plain().columns("id:a,Name:a"), message);
    refused(Requests.plain().columns("id,id"), message.replace("\"a\"", "\"id\""));
  }

  @Test
  void lanesAreAsManyAsReadersButNoMoreThanPartitions() {
    assertThat(plan(Requests.plain().parallelism(2)).lanes())
        .containsExactly(new Lane(0, 2), new Lane(1, 2));
    assertThat(plan(Requests.plain().parallelism(4)).lanes())
        .containsExactly(new Lane(0, 3), new Lane(1, 3), new Lane(2, 3));
  }

  @Test
  void aLaneIsOneOfThoseThereAre() {
    assertThatThrownBy(() -> new Lane(2, 2))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("no lane 2 of 2");
    assertThatThrownBy(() -> new Lane(-1, 2)).isInstanceOf(IllegalArgumentException.class);
  }

  private ExportPlan plan(Requests requests) {
    return ExportPlan.of(requests.request(), table);
  }

  private String header(Requests requests) {
    return new String(plan(requests).encoding().preamble(), StandardCharsets.UTF_8);
  }

  private void refused(Requests requests, String message) {
    assertThatThrownBy(() -> plan(requests))
        .isInstanceOfSatisfying(
            PolyStreamException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.CONFIGURATION))
        .hasMessage(message);
  }
}
