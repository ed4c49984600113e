/**
 * Databases: what can be exported, the snapshot all readers share, partitions, and the rows of one.
 * The only home of {@code java.sql}; one folder per database.
 */
package io.polystream.source;
