/** A PostgreSQL of its own with generated rows, for people who have no database at hand. */
package io.polystream.demo;
