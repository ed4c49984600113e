/** What the service tells those who watch it. */
package io.polystream.service.metrics;
