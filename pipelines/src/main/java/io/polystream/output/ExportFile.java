package io.polystream.output;

import java.nio.file.Path;

/**
 * A whole file, and what is known of it.
 *
 * @param path where it is, or will be once it is published
 * @param crc32c CRC-32C of all its bytes
 */
public record ExportFile(Path path, long bytes, long rows, int crc32c) {}
