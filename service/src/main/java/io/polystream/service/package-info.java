/** The HTTP service: settings, and what holds its parts together. */
package io.polystream.service;
