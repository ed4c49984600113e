package io.polystream.cli;

import io.polystream.error.PolyStreamException;
import io.polystream.export.ByteSize;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads the value of a flag that takes a size. */
final class ByteSizeConverter implements ITypeConverter<Long> {
  @Override
  public Long convert(String text) {
    try {
      return ByteSize.parse(text);
    } catch (PolyStreamException e) {
      throw new TypeConversionException(e.getMessage());
    }
  }
}
