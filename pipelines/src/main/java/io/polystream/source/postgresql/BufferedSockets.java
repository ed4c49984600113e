package io.polystream.source.postgresql;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import javax.net.SocketFactory;

/**
 * Sockets whose input is read in runs of up to 64 KiB. The driver's own buffer has 8 KiB, and it
 * asks again for what is missing of each fill: four system calls per 8 KiB. Made by the driver, by
 * name.
 */
public final class BufferedSockets extends SocketFactory {
  static final int BUFFER_BYTES = 64 * 1024;

  @Override
  public Socket createSocket() {
    return new BufferedSocket();
  }

  @Override
  public Socket createSocket(String host, int port) throws IOException {
    throw unconnectedOnly();
  }

  @Override
  public Socket createSocket(String host, int port, InetAddress localHost, int localPort)
      throws IOException {
    throw unconnectedOnly();
  }

  @Override
  public Socket createSocket(InetAddress host, int port) throws IOException {
    throw unconnectedOnly();
  }

  @Override
  public Socket createSocket(InetAddress address, int port, InetAddress localAddress, int localPort)
      throws IOException {
    throw unconnectedOnly();
  }

  private static IOException unconnectedOnly() {
    return new IOException("the driver connects the socket itself");
  }

  private static final class BufferedSocket extends Socket {
    private InputStream input;

    @Override
    public synchronized InputStream getInputStream() throws IOException {
      if (input == null) {
        input = new ReadAhead(super.getInputStream());
      }
      return input;
    }
  }

  /**
   * Unlike BufferedInputStream it never asks the system how much there is. One reader at a time.
   */
  private static final class ReadAhead extends InputStream {
    private final InputStream socket;
    private final byte[] buffer = new byte[BUFFER_BYTES];
    private int position;
    private int limit;

    ReadAhead(InputStream socket) {
      this.socket = socket;
    }

    @Override
    public int read() throws IOException {
      return fill() ? buffer[position++] & 0xFF : -1;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
      if (length == 0) {
        return 0;
      }
      if (!fill()) {
        return -1;
      }
      int count = Math.min(length, limit - position);
      System.arraycopy(buffer, position, target, offset, count);
      position += count;
      return count;
    }

    /** Whether there is a byte: waits for some when there is none, and takes what has come. */
    private boolean fill() throws IOException {
      if (position == limit) {
        int count = socket.read(buffer, 0, BUFFER_BYTES);
        position = 0;
        limit = Math.max(0, count);
      }
      return position < limit;
    }

    @Override
    public int available() throws IOException {
      return limit - position + socket.available();
    }

    @Override
    public void close() throws IOException {
      socket.close();
    }
  }
}
