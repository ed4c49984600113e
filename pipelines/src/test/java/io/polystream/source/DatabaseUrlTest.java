package io.polystream.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.polystream.error.ErrorKind;
import io.polystream.error.PolyStreamException;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DatabaseUrlTest {
  @ParameterizedTest
  @CsvSource({
    "postgresql://h/d, postgresql://h/d",
    "postgresql://me:s3cr3t@h:1/d, postgresql://me@h:1/d",
    "jdbc:postgresql://h/d?user=me&password=s3cr3t, postgresql://me@h/d",
    "'postgresql://m%40e%3A@a:1,[::1]:2/d%2F%20e?sslmode=require&ApplicationName=a%26b', 'postgresql://m%40e%3A@a:1,[::1]:2/d%2F%20e?ApplicationName=a%26b&sslmode=require'",
    "postgresql://h/d?sslpassword=s3cr3t&sslPassword=s3cr3t, postgresql://h/d",
    "postgresql://h, postgresql://h/",
  })
  void withoutSecretsItCanBeReadAgain(String url, String shown) {
    String text = DatabaseUrl.parse(url).withoutSecrets();
    assertThat(text).isEqualTo(shown);
    assertThat(DatabaseUrl.parse(text).withoutSecrets()).isEqualTo(text);
  }

  private static final String SECRET = "s3cr3t";

  @ParameterizedTest
  @ValueSource(
      strings = {
        "postgresql://me:s3cr3t@db.example:5433/shop?connect_timeout=3",
        "postgres://me:s3cr3t@db.example:5433/shop?connect_timeout=3",
        "jdbc:postgresql://db.example:5433/shop?user=me&password=s3cr3t&connect_timeout=3",
        "jdbc:postgresql://me:s3cr3t@db.example:5433/shop?connect_timeout=3",
        "postgresql://db.example:5433/shop?password=s3cr3t&connect_timeout=3&user=me"
      })
  void bothSpellingsMeanTheSame(String text) {
    DatabaseUrl url = DatabaseUrl.parse(text);
    assertThat(url.hosts()).isEqualTo("db.example:5433");
    assertThat(url.database()).isEqualTo("shop");
    assertThat(url.user()).contains("me");
    assertThat(url.password()).contains(SECRET);
    assertThat(url.parameters()).isEqualTo(Map.of("connect_timeout", "3"));
  }

  @Test
  void allButTheHostMayBeLeftOut() {
    DatabaseUrl url = DatabaseUrl.parse("postgresql://localhost");
    assertThat(url.hosts()).isEqualTo("localhost");
    assertThat(url.database()).isEmpty();
    assertThat(url.user()).isEmpty();
    assertThat(url.password()).isEmpty();
    assertThat(url.parameters()).isEmpty();
    assertThat(DatabaseUrl.parse("postgresql://me@localhost/").user()).contains("me");
    assertThat(DatabaseUrl.parse("postgresql://me:@localhost/").password()).isEmpty();
  }

  @Test
  void userPasswordDatabaseAndParametersArePercentDecoded() {
    DatabaseUrl url =
        DatabaseUrl.parse(
            "postgresql://m%40e:p%3A%2F%3F%23%25%C3%A9@h/my%20db%2Fx?application_name=a%26b%3Dc");
    assertThat(url.user()).contains("m@e");
    assertThat(url.password()).contains("p:/?#%é");
    assertThat(url.database()).isEqualTo("my db/x");
    assertThat(url.parameters()).isEqualTo(Map.of("application_name", "a&b=c"));
  }

  @Test
  void aPlusIsAPlus() {
    assertThat(DatabaseUrl.parse("postgresql://me:a+b@h/d").password()).contains("a+b");
    assertThat(DatabaseUrl.parse("jdbc:postgresql://h/d?password=a+b").password()).contains("a+b");
  }

  @ParameterizedTest
  @CsvSource({
    "postgresql://me:pass:word@h/d, pass:word",
    "postgresql://me:p@ss@h/d, p@ss",
    "postgresql://me:pa/ss@h/d, pa/ss",
    "postgresql://me:pa#ss@h/d, pa#ss"
  })
  void aPasswordThatCanOnlyBeMeantOneWayNeedsNoEncoding(String text, String password) {
    DatabaseUrl url = DatabaseUrl.parse(text);
    assertThat(url.password()).contains(password);
    assertThat(url.user()).contains("me");
    assertThat(url.hosts()).isEqualTo("h");
    assertThat(url.database()).isEqualTo("d");
  }

  @Test
  void whatStandsBeforeTheHostGoesBeforeTheQuery() {
    DatabaseUrl url = DatabaseUrl.parse("postgresql://me:s3cr3t@h/d?user=other&password=other");
    assertThat(url.user()).contains("me");
    assertThat(url.password()).contains(SECRET);
    assertThat(url.parameters()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"a:1,b:2", "a,b:5432,c", "[::1]:5432", "[2001:db8::1]", "127.0.0.1", "my_db", "é"})
  void hostsMayBeSeveralAndOfAnyKind(String hosts) {
    DatabaseUrl url = DatabaseUrl.parse("postgresql://me:s3cr3t@" + hosts + "/d");
    assertThat(url.hosts()).isEqualTo(hosts);
    assertThat(url.database()).isEqualTo("d");
    assertThat(url.password()).contains(SECRET);
  }

  @Test
  void aUserMayHaveAnAtInTheQuery() {
    DatabaseUrl url = DatabaseUrl.parse("jdbc:postgresql://srv:5432/d?user=me@srv&password=p@w");
    assertThat(url.hosts()).isEqualTo("srv:5432");
    assertThat(url.user()).contains("me@srv");
    assertThat(url.password()).contains("p@w");
  }

  @Test
  void userAndPasswordCanBeGivenOtherwise() {
    DatabaseUrl url =
        DatabaseUrl.parse("postgresql://h/d?sslmode=require").withUser("me").withPassword(SECRET);
    assertThat(url.user()).contains("me");
    assertThat(url.password()).contains(SECRET);
    assertThat(url.parameters()).isEqualTo(Map.of("sslmode", "require"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "postgresql://me:s3cr3t@h:5432/d",
        "jdbc:postgresql://h:5432/d?user=me&password=s3cr3t",
        "postgresql://me@h:5432/d?password=s3cr3t"
      })
  void thePasswordIsNeverShown(String text) {
    assertThat(DatabaseUrl.parse(text)).hasToString("h:5432/d as me");
  }

  @Test
  void withoutAUserThereIsNoneInTheMessage() {
    assertThat(DatabaseUrl.parse("postgresql://h/d")).hasToString("h/d");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        // Without encoding these cannot be told from a host, a port, a query.
        "postgresql://me:s3cr3t?x@h/d",
        "postgresql://me:s3cr3t?x=y@h/d",
        "postgresql://me:12s3cr3t?x@h/d",
        "postgresql://me:1?s3cr3t@h/d",
        "postgresql://me:1?x=s3cr3t@h/d",
        "postgresql://me:1/s3cr3t?x@h/d",
        "postgresql://me:s3cr3t/x?y@h/d",
        "postgresql://me:s3cr3t",
        "postgresql://me:s3cr3t/d",
        "postgresql://:s3cr3t@/d",
        "postgresql://me:s3cr3t@h:port/d",
        "postgresql://me:s3cr3t@h:/d",
        "postgresql://me:s3cr3t@h:5432:5433/d",
        "postgresql://me:s3cr3t@a,,b/d",
        "postgresql://me:s3cr3t@[::1/d",
        "postgresql://me:s3cr3t@h h/d",
        "postgresql://me:s3cr3t%zz@h/d",
        "postgresql://me:s3cr3t%@h/d",
        "postgresql://me:s3cr3t@h/d%4",
        "jdbc:postgresql://h/d?password=s3cr3t%",
        "jdbc:postgresql://h/d?pass word=s3cr3t",
        "jdbc:postgresql:d?password=s3cr3t",
        "jdbc:mysql://me:s3cr3t@h/d",
        "me:s3cr3t@h/d",
        "s3cr3t",
        "",
        "postgresql://",
        "postgresql:///d?password=s3cr3t"
      })
  void whatIsNotUnderstoodIsRefusedWithoutRepeatingIt(String text) {
    assertThatThrownBy(() -> DatabaseUrl.parse(text))
        .isInstanceOfSatisfying(
            PolyStreamException.class,
            e -> {
              assertThat(e.kind()).isEqualTo(ErrorKind.CONFIGURATION);
              assertThat(e.getMessage()).startsWith("the database URL ").doesNotContain(SECRET);
              assertThat(e.getCause()).isNull();
            })
        .message()
        .matches("[^\n]*: write [^\n]*");
  }

  @Test
  void theErrorSaysWhatToWrite() {
    assertThatThrownBy(() -> DatabaseUrl.parse("mysql://h/d"))
        .hasMessage(
            "the database URL must begin with postgresql:// or jdbc:postgresql://:"
                + " write postgresql://user:password@host:port/database");
    assertThatThrownBy(() -> DatabaseUrl.parse("postgresql:///d"))
        .hasMessage(
            "the database URL names no host: write postgresql://user:password@host:port/database");
  }

  @Test
  void parametersCannotBeChangedLater() {
    Map<String, String> parameters = new HashMap<>(Map.of("a", "b"));
    DatabaseUrl url =
        new DatabaseUrl("postgresql", "h", "d", Optional.empty(), Optional.empty(), parameters);
    parameters.put("c", "d");
    assertThat(url.parameters()).isEqualTo(Map.of("a", "b"));
  }
}
