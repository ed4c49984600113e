/**
 * Where encoded bytes go: parts appended in order, the journal of what is safe, the work directory
 * of an unfinished export and the atomic appearance of the finished file. Knows neither databases
 * nor formats.
 */
package io.polystream.output;
