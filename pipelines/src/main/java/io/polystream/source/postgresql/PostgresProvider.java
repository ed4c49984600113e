package io.polystream.source.postgresql;

import io.polystream.source.Database;
import io.polystream.source.DatabaseProvider;
import io.polystream.source.DatabaseUrl;

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
}
