/**
 * Compression by RFC 1951 (deflate) of parts that one file is made of: the same bytes on every
 * machine, and faster than the system's zlib (docs/decisions/0018).
 */
package io.polystream.output.deflate;
