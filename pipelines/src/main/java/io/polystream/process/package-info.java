/** The operating system's side of the process: its memory, and signals. */
package io.polystream.process;
