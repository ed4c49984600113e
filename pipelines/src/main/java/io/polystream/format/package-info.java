/**
 * How rows become bytes. A format is one folder below this package plus one line in {@code
 * META-INF/services}; it sees columns and rows, and knows neither databases nor files.
 */
package io.polystream.format;
