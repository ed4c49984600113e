/** What may be exported. */
package io.polystream.service.catalog;
