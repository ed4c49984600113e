package io.polystream.source.postgresql;

import io.polystream.source.Catalog;
import io.polystream.source.Database;
import io.polystream.source.DatabaseProvider;
import io.polystream.source.DatabaseUrl;
import io.polystream.source.PoolSettings;

/** PostgreSQL, for {@link io.polystream.source.Databases}. */
public final class PostgresProvider implements DatabaseProvider {
  @Override
  public String scheme() {
    return DatabaseUrl.POSTGRESQL;
  }

  @Override
  public Database at(DatabaseUrl url) {
    return new PostgresDatabase(url);
  }

  @Override
  public Catalog catalog(DatabaseUrl url, PoolSettings settings) {
    return ConnectedCatalog.pooled(new PostgresConnections(url), settings);
  }
}
