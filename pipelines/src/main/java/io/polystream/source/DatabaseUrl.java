package io.polystream.source;

import static io.polystream.error.PolyStreamException.configuration;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.polystream.error.PolyStreamException;
import java.io.Serializable;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Where a database is and who asks. Written {@code postgresql://user:password@host:port/database}
 * with percent-encoding, or {@code jdbc:postgresql://host:port/database?user=…}. {@link #toString}
 * never has the password.
 *
 * @param scheme what kind of database: {@code postgresql}
 * @param hosts {@code host:port}, more than one separated by commas
 * @param database the database's name; empty means the user's name
 * @param parameters connection parameters from the URL's query, {@code user} and {@code password}
 *     taken out
 */
public record DatabaseUrl(
    String scheme,
    String hosts,
    String database,
    Optional<String> user,
    Optional<String> password,
    Map<String, String> parameters)
    implements Serializable {
  private static final long serialVersionUID = 1L;
  public static final String POSTGRESQL = "postgresql";
  private static final String EXAMPLE = "postgresql://user:password@host:port/database";

  /** A name or an address, IPv6 in brackets, and a port. */
  private static final Pattern HOST =
      Pattern.compile("(\\[[0-9A-Fa-f:.]+(%\\w+)?]|[^\\s\\[\\]:,/?#@%]+)(:\\d{1,5})?");

  private static final Pattern PARAMETER = Pattern.compile("\\w+");

  /** What is serialized in its place: an Optional cannot be. */
  private record Form(
      String scheme,
      String hosts,
      String database,
      String user,
      String password,
      HashMap<String, String> parameters)
      implements Serializable {
    private static final long serialVersionUID = 1L;

    private Object readResolve() {
      return new DatabaseUrl(
          scheme,
          hosts,
          database,
          Optional.ofNullable(user),
          Optional.ofNullable(password),
          parameters);
    }
  }

  private Object writeReplace() {
    return new Form(
        scheme,
        hosts,
        database,
        user.orElse(null),
        password.orElse(null),
        new HashMap<>(parameters));
  }

  public DatabaseUrl {
    Objects.requireNonNull(user, "user");
    Objects.requireNonNull(password, "password");
    parameters = Map.copyOf(parameters);
    if (hosts.isEmpty()) {
      throw configuration("the database URL names no host: write " + EXAMPLE);
    }
    for (String host : hosts.split(",", -1)) {
      if (!HOST.matcher(host).matches()) {
        throw notUnderstood();
      }
    }
  }

  /**
   * Parses either way of writing it.
   *
   * @throws PolyStreamException of kind {@code CONFIGURATION}; its message never repeats the URL,
   *     which may hold a password
   */
  public static DatabaseUrl parse(String url) {
    String withoutJdbc = url.startsWith("jdbc:") ? url.substring("jdbc:".length()) : url;
    String rest;
    if (withoutJdbc.startsWith("postgresql://")) {
      rest = withoutJdbc.substring("postgresql://".length());
    } else if (withoutJdbc.startsWith("postgres://")) {
      rest = withoutJdbc.substring("postgres://".length());
    } else {
      throw configuration(
          "the database URL must begin with postgresql:// or jdbc:postgresql://: write " + EXAMPLE);
    }
    int queryAt = rest.indexOf('?');
    Map<String, String> parameters = query(queryAt < 0 ? "" : rest.substring(queryAt + 1));
    String beforeQuery = queryAt < 0 ? rest : rest.substring(0, queryAt);
    int at = beforeQuery.lastIndexOf('@');
    String userInfo = at < 0 ? "" : beforeQuery.substring(0, at);
    String location = beforeQuery.substring(at + 1);
    int slash = location.indexOf('/');
    if (at < 0 && slash < 0 && rest.indexOf('@') > 0) {
      // host?user=me@there, or user:one?two@host: a guess could take a password for a host.
      throw notUnderstood();
    }
    String hosts = slash < 0 ? location : location.substring(0, slash);
    String database = slash < 0 ? "" : decode(location.substring(slash + 1));

    int colon = userInfo.indexOf(':');
    String user = decode(colon < 0 ? userInfo : userInfo.substring(0, colon));
    String password = colon < 0 ? "" : decode(userInfo.substring(colon + 1));
    Optional<String> userParameter = Optional.ofNullable(parameters.remove("user"));
    Optional<String> passwordParameter = Optional.ofNullable(parameters.remove("password"));
    return new DatabaseUrl(
        POSTGRESQL,
        hosts,
        database,
        given(user).or(() -> userParameter),
        given(password).or(() -> passwordParameter),
        parameters);
  }

  public DatabaseUrl withPassword(String newPassword) {
    return new DatabaseUrl(scheme, hosts, database, user, Optional.of(newPassword), parameters);
  }

  public DatabaseUrl withUser(String newUser) {
    return new DatabaseUrl(scheme, hosts, database, Optional.of(newUser), password, parameters);
  }

  /** The URL that {@link #parse} reads, but for the password and parameters that hold one. */
  public String withoutSecrets() {
    String query =
        parameters.entrySet().stream()
            .filter(parameter -> !parameter.getKey().toLowerCase(Locale.ROOT).contains("password"))
            .sorted(Map.Entry.comparingByKey())
            .map(parameter -> parameter.getKey() + "=" + encode(parameter.getValue()))
            .collect(Collectors.joining("&"));
    return scheme
        + "://"
        + user.map(name -> encode(name) + "@").orElse("")
        + hosts
        + "/"
        + encode(database)
        + (query.isEmpty() ? "" : "?" + query);
  }

  private static String encode(String text) {
    return URLEncoder.encode(text, UTF_8).replace("+", "%20");
  }

  /** {@code host:port/database as user}: what messages call this database. */
  @Override
  public String toString() {
    return hosts + "/" + database + user.map(name -> " as " + name).orElse("");
  }

  private static Optional<String> given(String text) {
    return text.isEmpty() ? Optional.empty() : Optional.of(text);
  }

  private static Map<String, String> query(String query) {
    Map<String, String> parameters = new LinkedHashMap<>();
    for (String pair : query.split("&", -1)) {
      if (!pair.isEmpty()) {
        int equals = pair.indexOf('=');
        // What has no value may be the rest of a password with an & in it.
        if (equals < 0 || !PARAMETER.matcher(pair.substring(0, equals)).matches()) {
          throw notUnderstood();
        }
        parameters.put(pair.substring(0, equals), decode(pair.substring(equals + 1)));
      }
    }
    return parameters;
  }

  private static PolyStreamException notUnderstood() {
    return configuration(
        "the database URL has something else where its host or a parameter belongs; in a user or a"
            + " password, % is %25, / is %2F, ? is %3F and @ is %40: write "
            + EXAMPLE);
  }

  private static String decode(String text) {
    try {
      return URLDecoder.decode(text.replace("+", "%2B"), UTF_8);
    } catch (IllegalArgumentException malformed) {
      throw configuration(
          "the database URL has a % that is not followed by two hexadecimal digits:"
              + " write % as %25");
    }
  }
}
