package io.polystream.source;

/** Makes {@link Database}s of one kind; found by {@link java.util.ServiceLoader}. */
public interface DatabaseProvider {
  /** The URL's scheme that this kind answers to. */
  String scheme();

  /** The database behind the URL; connects to nothing yet. */
  Database at(DatabaseUrl url);

  /** What there is behind the URL, asked for through a pool; connects to nothing yet. */
  Catalog catalog(DatabaseUrl url, PoolSettings settings);
}
