/** What tests share: a real PostgreSQL, and exports of it. */
package io.polystream.testing;
