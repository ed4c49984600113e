/** JSON objects, RFC 8259: one array of them, or one per line. */
package io.polystream.format.json;
