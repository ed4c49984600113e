/** A format that somebody else wrote, with what is public and nothing more. */
package io.polystream.toy;
