package io.polystream.service;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** A connection on which a test says exactly what it wants, and sees exactly what comes. */
final class RawClient implements AutoCloseable {
  /** Longer than the service is patient. */
  private static final int TIMEOUT_MILLIS = 60_000;

  private final Socket socket;
  private final InputStream in;

  /** How an answer ended. */
  enum End {
    /** As its headers said. */
    WHOLE,
    /** The connection was closed before. */
    CLOSED,
    /** The connection was broken off: no client takes that for an end. */
    RESET
  }

  /**
   * An answer without its body.
   *
   * @param headers by lower-case names; of several the last
   */
  record Head(int status, Map<String, String> headers) {}

  /** What came of a body, or of a connection, and how it ended. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Rest(byte[] bytes, End end) {}

  /**
   * One answer.
   *
   * @param body without chunks
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Answer(int status, Map<String, String> headers, byte[] body, End end) {
    Optional<String> header(String name) {
      return Optional.ofNullable(headers.get(name.toLowerCase(Locale.ROOT)));
    }

    String text() {
      return new String(body, ISO_8859_1);
    }
  }

  private RawClient(Socket socket) throws IOException {
    this.socket = socket;
    in = new BufferedInputStream(socket.getInputStream());
  }

  static RawClient connect(int port) throws IOException {
    return connect(new Socket(), port);
  }

  /** As a client that takes nothing out of the network: a few packets at most wait for it. */
  static RawClient connectNarrow(int port) throws IOException {
    Socket socket = new Socket();
    socket.setReceiveBufferSize(4 * 1024);
    return connect(socket, port);
  }

  private static RawClient connect(Socket socket, int port) throws IOException {
    socket.setSoTimeout(TIMEOUT_MILLIS);
    socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), TIMEOUT_MILLIS);
    return new RawClient(socket);
  }

  /** One request and its answer, on a connection of its own. */
  static Answer ask(int port, String request) throws IOException {
    try (RawClient client = connect(port)) {
      client.send(request);
      return client.answer(request.startsWith("HEAD "));
    }
  }

  /** Sends characters as bytes; a line's end has to be in them. */
  void send(String text) throws IOException {
    send(text.getBytes(ISO_8859_1));
  }

  void send(byte[] bytes) throws IOException {
    socket.getOutputStream().write(bytes);
  }

  /** A request without a body, with these headers. */
  void request(String method, String target, String... headers) throws IOException {
    StringBuilder text = new StringBuilder(method + " " + target + " HTTP/1.1\r\nHost: x\r\n");
    for (String header : headers) {
      text.append(header).append("\r\n");
    }
    send(text.append("\r\n").toString());
  }

  /** Takes so many bytes out of whatever comes. */
  byte[] take(int bytes) throws IOException {
    byte[] taken = in.readNBytes(bytes);
    if (taken.length < bytes) {
      throw new EOFException("the connection was closed");
    }
    return taken;
  }

  Answer answer() throws IOException {
    return answer(false);
  }

  Answer answer(boolean toHead) throws IOException {
    Head head = head();
    boolean hasBody = !toHead && head.status() != 204 && head.status() != 304;
    Rest body = hasBody ? body(head) : new Rest(new byte[0], End.WHOLE);
    return new Answer(head.status(), head.headers(), body.bytes(), body.end());
  }

  Head head() throws IOException {
    String line = line();
    Map<String, String> headers = new TreeMap<>();
    for (String header = line(); !header.isEmpty(); header = line()) {
      int colon = header.indexOf(':');
      headers.put(
          header.substring(0, colon).toLowerCase(Locale.ROOT), header.substring(colon + 1).strip());
    }
    return new Head(Integer.parseInt(line.split(" ", -1)[1]), headers);
  }

  /** The body of an answer that has one. */
  Rest body(Head head) throws IOException {
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    End end = ending(() -> readBody(head.headers(), body));
    return new Rest(body.toByteArray(), end);
  }

  /** All that comes until the connection ends, as it comes. */
  Rest rest() throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    End end =
        ending(
            () -> {
              in.transferTo(bytes);
              throw new EOFException();
            });
    return new Rest(bytes.toByteArray(), end);
  }

  /** Reads something to its end. */
  @FunctionalInterface
  private interface Reading {
    void run() throws IOException;
  }

  private static End ending(Reading reading) throws IOException {
    try {
      reading.run();
      return End.WHOLE;
    } catch (EOFException e) {
      return End.CLOSED;
    } catch (SocketException e) {
      return End.RESET;
    }
  }

  private void readBody(Map<String, String> headers, ByteArrayOutputStream body)
      throws IOException {
    if (headers.getOrDefault("transfer-encoding", "").equals("chunked")) {
      while (true) {
        int length = Integer.parseInt(line(), 16);
        take(length, body);
        line();
        if (length == 0) {
          return;
        }
      }
    } else if (headers.containsKey("content-length")) {
      take(Long.parseLong(headers.get("content-length")), body);
    } else {
      in.transferTo(body);
    }
  }

  private void take(long length, ByteArrayOutputStream body) throws IOException {
    for (long i = 0; i < length; i++) {
      body.write(next());
    }
  }

  private String line() throws IOException {
    StringBuilder line = new StringBuilder();
    while (true) {
      int c = next();
      if (c == '\n') {
        return line.toString().stripTrailing();
      }
      line.append((char) c);
    }
  }

  private int next() throws IOException {
    int c = in.read();
    if (c < 0) {
      throw new EOFException("the connection was closed");
    }
    return c;
  }

  /** Whether the service has closed the connection, which is waited for. */
  boolean isEnded() throws IOException {
    return in.read() < 0;
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
