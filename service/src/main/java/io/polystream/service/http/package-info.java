/** Routes, answers and downloads over HTTP; the home of Spark-Java and Jetty. */
package io.polystream.service.http;
