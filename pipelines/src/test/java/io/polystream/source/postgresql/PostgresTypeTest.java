package io.polystream.source.postgresql;

import static org.assertj.core.api.Assertions.assertThat;

import io.polystream.row.Kind;
import io.polystream.source.postgresql.PostgresType.Step;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Object ids are those of catalog/pg_type.dat. */
class PostgresTypeTest {
  private static final int JSONB = 3802;
  private static final int SOMEBODYS_OWN = 123_456;

  @ParameterizedTest
  @CsvSource({
    "16, BOOLEAN",
    "17, BINARY",
    "20, NUMBER",
    "21, NUMBER",
    "23, NUMBER",
    "25, TEXT",
    "26, NUMBER",
    "114, JSON",
    "700, NUMBER",
    "701, NUMBER",
    "1042, TEXT",
    "1043, TEXT",
    "1082, TEMPORAL",
    "1083, TEMPORAL",
    "1114, TEMPORAL",
    "1184, TEMPORAL",
    "1186, TEMPORAL",
    "1266, TEMPORAL",
    "1700, NUMBER",
    "2950, TEXT",
    "3802, JSON",
    "123456, TEXT"
  })
  void everyTypeHasOneKind(int oid, Kind kind) {
    assertThat(type(oid).kind()).isEqualTo(kind);
    assertThat(array(oid).kind()).isEqualTo(Kind.ARRAY);
  }

  @Test
  void whatHasNoSimpleBinaryFormIsSelectedAsText() {
    assertThat(type(SOMEBODYS_OWN).asText()).isTrue();
    assertThat(array(SOMEBODYS_OWN).asText()).isTrue();
    assertThat(type(23).asText()).isFalse();
    assertThat(array(23).asText()).isFalse();
  }

  @Test
  void aVectorIsNoArray() {
    assertThat(PostgresType.of(List.of(step(22), step(21))).kind()).isEqualTo(Kind.TEXT);
    assertThat(PostgresType.of(List.of(step(30), step(26))).kind()).isEqualTo(Kind.TEXT);
  }

  @Test
  void onlyTypesOfAFewBytesAreOfFixedWidth() {
    assertThat(List.of(16, 20, 21, 23, 26, 1082, 1083, 1114, 1184, 2950))
        .allMatch(oid -> type(oid).fixedWidth());
    assertThat(List.of(17, 19, 25, 114, 1042, 1043, 1700, 3802, SOMEBODYS_OWN))
        .noneMatch(oid -> type(oid).fixedWidth());
    assertThat(array(23).fixedWidth()).isFalse();
  }

  @Test
  void jsonbHasAVersionBeforeItsTextInBinaryForm() throws IOException {
    String value = "{\"b\": 1, \"a\": [1.0, \" x \"]}";
    String compact = "{\"b\":1,\"a\":[1.0,\" x \"]}";
    CellDecoder binary = type(JSONB).binary().apply(new BinaryValues());
    CellDecoder text = type(JSONB).text().apply(new TextValues());
    for (int row = 0; row < 2; row++) {
      assertThat(Decoded.text(binary, "\u0001" + value)).isEqualTo(compact);
      assertThat(Decoded.text(text, value)).isEqualTo(compact);
    }
    CellDecoder json = type(114).binary().apply(new BinaryValues());
    assertThat(Decoded.text(json, value)).isEqualTo(compact);
  }

  /** A domain over an array may be the element of another. */
  @Test
  void anArrayOfArraysIsNested() throws IOException {
    PostgresType type = PostgresType.of(List.of(step(123_457), step(1007), step(23)));
    CellDecoder text = type.text().apply(new TextValues());
    assertThat(Decoded.text(text, "{\"{1,2}\",\"{}\",NULL}")).isEqualTo("[[1,2],[],null]");
  }

  @Test
  void bytesInAnArraysTextAreHex() throws IOException {
    CellDecoder text = array(PostgresType.BYTEA).text().apply(new TextValues());
    assertThat(Decoded.text(text, "{\"\\\\x00ff10\",NULL}")).isEqualTo("[\"AP8Q\",null]");
  }

  /** Modifiers as {@code SELECT atttypmod} gave them. */
  @ParameterizedTest
  @CsvSource({
    "-1, NUMBER",
    "1179652, 'Decimal[precision=18, scale=0]'",
    "1179656, 'Decimal[precision=18, scale=4]'",
    "65540, 'Decimal[precision=1, scale=0]'",
    "65537000, 'Decimal[precision=1000, scale=996]'",
    "329730, 'Decimal[precision=7, scale=0]'",
    "196617, 'Decimal[precision=5, scale=5]'"
  })
  void aNumberHasTheDigitsThatWereDeclared(int modifier, String expected) {
    PostgresType type = PostgresType.of(List.of(new Step(1700, ',', modifier)));
    assertThat(type.columnType()).hasToString(expected);
    PostgresType array =
        PostgresType.of(List.of(new Step(1_000_000, ',', modifier), new Step(1700, ',', modifier)));
    assertThat(array.columnType()).hasToString("Array[element=" + expected + "]");
  }

  private static PostgresType type(int oid) {
    return PostgresType.of(List.of(step(oid)));
  }

  private static PostgresType array(int element) {
    return PostgresType.of(List.of(step(1_000_000), step(element)));
  }

  private static Step step(int oid) {
    return new Step(oid, ',', -1);
  }
}
