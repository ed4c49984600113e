/** Comma-separated values, RFC 4180. */
package io.polystream.format.csv;
