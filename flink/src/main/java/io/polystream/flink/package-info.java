/** Beam's Flink runner for exports: what it has to be told, and its jars. */
package io.polystream.flink;
