package io.polystream.output;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.polystream.error.PolyStreamException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Another export of the same output, in a process of its own: locks are between processes. */
final class OtherProcess implements AutoCloseable {
  private final Process process;
  private final BufferedReader answers;

  private OtherProcess(Process process) {
    this.process = process;
    answers = process.inputReader(UTF_8);
  }

  /** Opens the output, says "opened" or why not, and holds it until standard input ends. */
  public static void main(String[] args) throws IOException {
    Destination.File destination = new Destination.File(Path.of(args[0]), true, Optional.empty());
    try (FileOutput unused = FileOutput.open(destination, "0ther000");
        InputStream end = System.in) {
      System.out.println("opened");
      end.read();
    } catch (PolyStreamException e) {
      System.out.println(e.getMessage());
    }
  }

  static OtherProcess opening(Path output) throws IOException {
    String classPath =
        Stream.of(OtherProcess.class, FileOutput.class)
            .map(OtherProcess::location)
            .collect(Collectors.joining(System.getProperty("path.separator")));
    return new OtherProcess(
        new ProcessBuilder(
                List.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-Xshare:auto",
                    "-XX:TieredStopAtLevel=1",
                    "-cp",
                    classPath,
                    OtherProcess.class.getName(),
                    output.toString()))
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start());
  }

  private static String location(Class<?> type) {
    try {
      return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI()).toString();
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  /** "opened", or what it was refused with. */
  String answer() throws IOException {
    return answers.readLine();
  }

  /** As kill -9: it gets no chance to clean up. */
  void kill() throws InterruptedException {
    process.destroyForcibly().waitFor();
  }

  /** Lets it end by itself. */
  @Override
  public void close() throws IOException {
    process.getOutputStream().close();
    try {
      process.waitFor();
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
