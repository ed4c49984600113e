package io.polystream.export;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.polystream.error.ErrorKind;
import io.polystream.error.PolyStreamException;
import io.polystream.source.DatabaseUrl;
import io.polystream.source.TableName;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ConfigurationTest {
  @TempDir private Path directory;
  private Path file;

  @BeforeEach
  void nameFile() {
    file = directory.resolve("polystream.yaml");
  }

  private Configuration read(String text) throws IOException {
    Files.writeString(file, text);
    return Configuration.read(file);
  }

  private void refused(String text, String... problems) {
    assertThatThrownBy(() -> read(text))
        .isInstanceOfSatisfying(
            PolyStreamException.class,
            e -> {
              assertThat(e.kind()).isEqualTo(ErrorKind.CONFIGURATION);
              assertThat(e.getMessage())
                  .startsWith("configuration " + file + ": ")
                  .doesNotContain("\n", "s3cr3t")
                  .contains(problems);
            });
  }

  @Test
  void databasesAndExportsHaveNames() throws IOException {
    Configuration found =
        read(
            """
            schemaVersion: 1
            database: shop
            databases:
              shop:
                url: postgresql://me@h/shop
                passwordFile: secrets/shop
              Old-shop.2:
                url: jdbc:postgresql://h/old
                passwordVariable: OLD_PASSWORD
            exports:
              nightly:
                database: Old-shop.2
                table: orders
                limit: 5
              "with / and spaces": {table: t}
            """);

    assertThat(found.database()).contains("shop");
    assertThat(found.databases()).containsOnlyKeys("shop", "Old-shop.2");
    assertThat(found.databases().get("shop"))
        .isEqualTo(
            new Configuration.NamedDatabase(
                DatabaseUrl.parse("postgresql://me@h/shop"),
                Optional.of(directory.resolve("secrets/shop")),
                Optional.empty()));
    assertThat(found.databases().get("Old-shop.2").passwordVariable()).contains("OLD_PASSWORD");
    assertThat(found.exports()).containsOnlyKeys("nightly", "with / and spaces");
    RequestDocument nightly = found.exports().get("nightly");
    assertThat(nightly.table()).contains(TableName.parse("orders"));
    assertThat(nightly.database().name()).contains("Old-shop.2");
    assertThat(nightly.limit()).hasValue(5);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "# nothing\n", "{}", "exports: {}\ndatabases: {}\n"})
  void nothingHasToBeSaid(String text) throws IOException {
    Configuration found = read(text);
    assertThat(found.exports()).isEmpty();
    assertThat(found.databases()).isEmpty();
    assertThat(found.database()).isEmpty();
  }

  @Test
  void itMayBeJson() throws IOException {
    assertThat(read("{\"exports\": {\"a\": {\"table\": \"t\"}}}").exports()).containsKey("a");
  }

  @Test
  void everythingThatIsWrongIsNamedAtOnceWithItsLine() {
    refused(
        """
        database: none
        databasses: {}
        databases:
          a shop:
            url: postgresql://h/d
          shop:
            url: mysql://me:s3cr3t@h/d
            password: s3cr3t
            passwordFile: x
            passwordVariable: A-B
          other: postgresql://me:s3cr3t@h/d
          third: {passwordFile: x}
        exports:
          nightly:
            tabel: orders
            database: there
            limit: ten
            filter:
              - {column: a, op: equals, value: 1}
          broken: []
          a/b~c:
            output: {maxFileBytes: 7 parsecs}
        """,
        "line 2: /databasses: unknown field: a configuration has schemaVersion, database, databases,"
            + " exports",
        "line 1: /database: there is no \"none\" in /databases",
        "line 4: /databases/a shop: a name has letters, digits, dots, - and _ only",
        "line 7: /databases/shop/url: the database URL must begin with postgresql://",
        "line 8: /databases/shop/password: unknown field: a database has url, passwordFile,"
            + " passwordVariable",
        "line 10: /databases/shop/passwordVariable: must be the name of an environment variable",
        "line 10: /databases/shop/passwordVariable: give a passwordFile or a passwordVariable",
        "line 11: /databases/other: must be an object with url, not a string",
        "line 12: /databases/third/url: is missing",
        "line 15: /exports/nightly/tabel: unknown field",
        "line 16: /exports/nightly/database: there is no \"there\" in /databases",
        "line 17: /exports/nightly/limit: must be a whole number of 1 or more, not \"ten\"",
        "line 19: /exports/nightly/filter/0/op: unknown operator \"equals\"",
        "line 20: /exports/broken: must be an object",
        "line 22: /exports/a~1b~0c/output/maxFileBytes: \"7 parsecs\" is not a size");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "- a|the whole: must be an object",
        "exports: []|line 1: /exports: must be an object, not an array",
        "databases: x|line 1: /databases: must be an object, not \"x\"",
        "schemaVersion: 2|line 1: /schemaVersion: must be 1, not 2",
        "database: shop|line 1: /database: there is no \"shop\" in /databases",
        "exports: {a: {table: t}, a: {table: t}}|not YAML as it should be: Duplicate field 'a'",
        "a: &x {}\\nb: *x|line 2, column 6: not YAML as it should be: write the value itself",
        "url: postgresql://me:s3cr3t@h: x|line 1, column 30: not YAML as it should be: mapping values",
        "{\"exports\": |not JSON as it should be",
      })
  void whatElseIsWrongIsSaidInOneLine(String text, String problem) {
    refused(text.replace("\\n", "\n"), problem);
  }

  @Test
  void itsLengthIsBounded() {
    refused("#" + "x".repeat(Configuration.MOST_BYTES), "a document has at most 1048576 bytes");
  }

  @Test
  void whatCannotBeReadIsAMatterOfStorage() {
    for (Path unreadable : new Path[] {file, directory}) {
      assertThatThrownBy(() -> Configuration.read(unreadable))
          .isInstanceOfSatisfying(
              PolyStreamException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.STORAGE))
          .hasMessageContaining("configuration " + unreadable);
    }
  }
}
