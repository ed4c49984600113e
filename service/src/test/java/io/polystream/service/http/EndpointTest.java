package io.polystream.service.http;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EndpointTest {
  private static Endpoint at(String path) {
    return Endpoint.get(path, exchange -> {});
  }

  @ParameterizedTest
  @CsvSource({
    "/exports, /exports",
    "/exports/{id}, /exports/:id",
    "/exports/{id}/download, /exports/:id/download",
    "/tables/{name}/rows.{extension}, /tables/:name/:rows",
    "/openapi.json, /openapi.json",
  })
  void sparkJavaHasWholeSegmentsWithAColon(String path, String spark) {
    assertThat(at(path).sparkPath()).isEqualTo(spark);
  }

  @ParameterizedTest
  @CsvSource({
    "/exports, /exports",
    "/exports/{id}, /exports/1",
    "/exports/{id}, /exports/..%2fx",
    "/exports/{id}/download, /exports/1/download",
    "/tables/{name}, /tables/a.b",
    "/tables/{name}/rows.{extension}, /tables/a/rows.csv",
    "/tables/{name}/rows.{extension}, /tables/a.b/rows.csv.gz",
    "/openapi.json, /openapi.json",
  })
  void theseArePathsOfIt(String path, String requestPath) {
    assertThat(at(path).hasPath(requestPath)).isTrue();
  }

  @ParameterizedTest
  @CsvSource({
    "/exports, /exports/",
    "/exports, /Exports",
    "/exports, /exports/1",
    "/exports/{id}, /exports",
    "/exports/{id}, /exports/",
    "/exports/{id}, /exports/1/",
    "/exports/{id}, /exports/1/download",
    "/tables/{name}/rows.{extension}, /tables/a/rows",
    "/tables/{name}/rows.{extension}, /tables/a/rows.",
    "/tables/{name}/rows.{extension}, /tables/a/columns",
    "/tables/{name}/rows.{extension}, /tables/a/rowsXcsv",
    "/tables/{name}/rows.{extension}, /tables/a/b/rows.csv",
    "/openapi.json, /openapiXjson",
  })
  void theseAreNot(String path, String requestPath) {
    assertThat(at(path).hasPath(requestPath)).isFalse();
  }
}
