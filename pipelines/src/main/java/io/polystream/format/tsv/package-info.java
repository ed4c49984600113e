/** Tab-separated values as PostgreSQL's text COPY writes and reads them. */
package io.polystream.format.tsv;
