/**
 * Apache Parquet: a part is a row group, encoded by parquet-java's column writers; where the groups
 * are in the file, and so the footer, is known when they have been appended.
 */
package io.polystream.format.parquet;
