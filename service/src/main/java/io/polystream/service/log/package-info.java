/** The service's log: lines of text or of JSON, with the ids of requests and exports. */
package io.polystream.service.log;
