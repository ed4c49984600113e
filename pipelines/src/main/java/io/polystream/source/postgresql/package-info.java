/** PostgreSQL: catalog, exported snapshot, page ranges, and rows by binary COPY or by cursor. */
package io.polystream.source.postgresql;
