/**
 * What passes between a source, a format and an output: columns, a row's cells as UTF-8 text, and
 * the sink encoded bytes go to. The ground floor: no JDBC, no Beam, no files.
 */
package io.polystream.row;
