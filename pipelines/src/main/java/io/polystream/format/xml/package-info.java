/** XML 1.0: an element per row, per column, per member and item of JSON. */
package io.polystream.format.xml;
