package io.polystream.service.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.polystream.service.jobs.ExportFactory;
import io.polystream.service.metrics.ServiceMetrics;
import io.polystream.source.DatabaseUrl;
import io.polystream.source.TableName;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalLong;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The routes that Spark-Java has against the paths of the description. */
class RoutesTest {
  private static final String CATCHES_ALL = "/*";

  private final ServiceMetrics metrics = new ServiceMetrics();

  /** Of nothing: none of its routes is ever taken. */
  private final HttpService service =
      new HttpService(
          new HttpService.Parts(
              null,
              null,
              null,
              new ExportFactory(
                  DatabaseUrl.parse("postgresql://localhost/none"),
                  TableName.parse("records"),
                  1,
                  OptionalLong.empty()),
              null,
              null,
              metrics),
          1,
          OptionalLong.empty());

  @BeforeEach
  void start() throws IOException {
    service.start("127.0.0.1", 0);
  }

  @AfterEach
  void stop() {
    service.close();
    metrics.close();
  }

  /** {@code GET /exports/:id}, by the description, with HEAD wherever there is GET. */
  private static List<String> described() throws IOException {
    JsonNode paths =
        new ObjectMapper()
            .readTree(RoutesTest.class.getResourceAsStream("/openapi.json"))
            .get("paths");
    List<String> described = new ArrayList<>();
    for (Map.Entry<String, JsonNode> path : paths.properties()) {
      for (Map.Entry<String, JsonNode> operation : path.getValue().properties()) {
        String spark =
            path.getKey().replace("rows.{extension}", "{rows}").replaceAll("\\{(\\w+)}", ":$1");
        switch (operation.getKey()) {
          case "parameters" -> {}
          case "get" -> described.addAll(List.of("GET " + spark, "HEAD " + spark));
          default -> described.add(operation.getKey().toUpperCase(Locale.ROOT) + " " + spark);
        }
      }
    }
    return described;
  }

  private List<String> routes(boolean thatCatchAll) {
    return service.routes().stream()
        .filter(route -> route.endsWith(" " + CATCHES_ALL) == thatCatchAll)
        .toList();
  }

  @Test
  void everyRouteIsDescribedAndEveryPathIsARoute() throws IOException {
    assertThat(routes(false))
        .doesNotHaveDuplicates()
        .containsExactlyInAnyOrderElementsOf(described());
  }

  @Test
  void whatNoRouteTakesIsCaughtWhateverItsMethod() {
    assertThat(routes(true))
        .containsExactlyInAnyOrder(
            "GET /*",
            "HEAD /*",
            "POST /*",
            "PUT /*",
            "PATCH /*",
            "DELETE /*",
            "OPTIONS /*",
            "TRACE /*",
            "CONNECT /*");
    assertThat(service.routes().subList(0, routes(false).size()))
        .as("before those that catch all")
        .isEqualTo(routes(false));
  }

  /** Spark-Java takes the first that matches. */
  @Test
  void namesComeBeforeParametersInTheirPlace() {
    List<String> paths = routes(false);
    for (String parameter : paths) {
      String pattern = parameter.replaceAll(":\\w+", "[^/:]+");
      Collection<String> hidden =
          paths.subList(paths.indexOf(parameter) + 1, paths.size()).stream()
              .filter(path -> path.matches(pattern))
              .collect(Collectors.toSet());
      assertThat(hidden).as("behind %s", parameter).isEmpty();
    }
  }
}
