/** Readers of other people on exported files. */
package io.polystream.interop;
