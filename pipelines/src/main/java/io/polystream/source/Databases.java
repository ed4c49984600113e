package io.polystream.source;

import static io.polystream.error.PolyStreamException.configuration;

import java.util.ServiceLoader;

/** The kinds of database on the class path. */
public final class Databases {
  private Databases() {}

  /**
   * The database behind the URL; connects to nothing yet. The caller closes it.
   *
   * @throws io.polystream.error.PolyStreamException of kind {@code CONFIGURATION} when there is no
   *     such kind of database
   */
  public static Database at(DatabaseUrl url) {
    return provider(url).at(url);
  }

  /** The catalog of the database behind the URL, with a pool of its own; as {@link #at}. */
  public static Catalog catalog(DatabaseUrl url, PoolSettings settings) {
    return provider(url).catalog(url, settings);
  }

  private static DatabaseProvider provider(DatabaseUrl url) {
    return ServiceLoader.load(DatabaseProvider.class, Databases.class.getClassLoader()).stream()
        .map(ServiceLoader.Provider::get)
        .filter(provider -> provider.scheme().equals(url.scheme()))
        .findFirst()
        .orElseThrow(() -> configuration("no support for " + url.scheme() + " databases"));
  }
}
