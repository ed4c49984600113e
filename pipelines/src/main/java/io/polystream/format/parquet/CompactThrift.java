package io.polystream.format.parquet;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import shaded.parquet.org.apache.thrift.TBase;
import shaded.parquet.org.apache.thrift.TException;
import shaded.parquet.org.apache.thrift.protocol.TCompactProtocol;
import shaded.parquet.org.apache.thrift.protocol.TProtocol;
import shaded.parquet.org.apache.thrift.transport.TIOStreamTransport;

/** Structures in Thrift's compact protocol, which Parquet's metadata is written in. */
final class CompactThrift {
  private CompactThrift() {}

  /** Writes into a stream, without a buffer of its own. */
  static TProtocol to(OutputStream output) throws IOException {
    try {
      return new TCompactProtocol(new TIOStreamTransport(output));
    } catch (TException e) {
      throw new IOException(e);
    }
  }

  static void write(TBase<?, ?> structure, OutputStream output) throws IOException {
    try {
      structure.write(to(output));
    } catch (TException e) {
      throw new IOException(e);
    }
  }

  /** Fills the structure with what comes next, and returns it. */
  static <T extends TBase<?, ?>> T read(T structure, InputStream input) throws IOException {
    try {
      structure.read(new TCompactProtocol(new TIOStreamTransport(input)));
      return structure;
    } catch (TException e) {
      throw new IOException(e);
    }
  }
}
