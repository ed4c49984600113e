/** How a failure is named, from the row loop to the exit code. */
package io.polystream.error;
