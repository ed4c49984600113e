package io.polystream.export;

import static io.polystream.error.PolyStreamException.storage;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.polystream.error.ErrorKind;
import io.polystream.error.PolyStreamException;
import io.polystream.output.Part;
import io.polystream.output.PartFiles;
import io.polystream.output.PlacedPart;
import java.io.IOException;
import java.io.OutputStream;
import java.io.Serializable;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;
import org.apache.beam.sdk.io.FileSystems;
import org.apache.beam.sdk.io.fs.EmptyMatchTreatment;
import org.apache.beam.sdk.io.fs.MatchResult;
import org.apache.beam.sdk.io.fs.MoveOptions.StandardMoveOptions;
import org.apache.beam.sdk.io.fs.ResolveOptions.StandardResolveOptions;
import org.apache.beam.sdk.io.fs.ResourceId;

/**
 * Where the workers of a distributed runner leave the parts of one export, for the submitter to
 * append: an object per attempt to read a partition, and a sidecar that says that the attempt is
 * whole and what is in it. Attempts have names of their own, so a retry does no harm; any whole one
 * serves. Works on every file system of Beam's. Thread-safe.
 *
 * @param directory a directory of this export's own, with a slash at its end
 */
record PartStore(String directory) implements Serializable {
  private static final long serialVersionUID = 1L;

  private static final String PART = "part-";
  private static final String BYTES = ".bin";
  private static final String SIDECAR = ".json";
  private static final String UNFINISHED = ".unfinished";
  private static final String APPENDED = "appended-";
  private static final String STOP = "stop";
  private static final String FAILURE = "failure-";

  private static final ObjectMapper JSON =
      JsonMapper.builder().disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES).build();

  PartStore {
    if (!directory.endsWith("/")) {
      throw new IllegalArgumentException("no directory: " + directory);
    }
  }

  /**
   * A partition that some worker has read.
   *
   * @param object the name of the object with the bytes of its parts, one behind the other
   * @param cut whether the row limit kept out a row that the partition has
   */
  record StoredPartition(int partition, String object, List<StoredPart> parts, boolean cut) {
    StoredPartition {
      parts = List.copyOf(parts);
    }

    long rows() {
      return parts.stream().mapToLong(stored -> stored.part().rows()).sum();
    }
  }

  /**
   * A part, and what the file's footer has to know of it.
   *
   * @param footerEntry not copied
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record StoredPart(Part part, byte[] footerEntry) {}

  /** Why a worker gave up. */
  record NotedFailure(ErrorKind kind, String message, long atMillis) {}

  /** One attempt to read a partition: takes its parts. Committed, or else it counts for nothing. */
  final class Attempt implements PartFiles, AutoCloseable {
    private final int partition;
    private final String name;
    private final WritableByteChannel channel;
    private final List<StoredPart> parts = new ArrayList<>();
    private long offset;

    private Attempt(int partition) throws IOException {
      this.partition = partition;
      name = prefix(partition) + UUID.randomUUID();
      channel = FileSystems.create(resource(name + BYTES), "application/octet-stream");
    }

    @Override
    public void begin(long bytes, long rows, int footerEntryBytes) {}

    @Override
    public void append(byte[] bytes, int from, int length) {
      try {
        ByteBuffer buffer = ByteBuffer.wrap(bytes, from, length);
        while (buffer.hasRemaining()) {
          channel.write(buffer);
        }
      } catch (IOException e) {
        throw failed("write a part into", e);
      }
    }

    @Override
    public PlacedPart end(Part part, byte[] footerEntry) {
      parts.add(new StoredPart(part, footerEntry));
      PlacedPart placed = new PlacedPart(part, 0, offset);
      offset += part.bytes();
      return placed;
    }

    /** Lets the submitter see it. */
    void commit(boolean cut) {
      try {
        channel.close();
        writeAtomically(
            name + SIDECAR,
            JSON.writeValueAsBytes(new StoredPartition(partition, name + BYTES, parts, cut)));
      } catch (IOException e) {
        throw failed("write a part into", e);
      }
    }

    @Override
    public void close() {
      try {
        channel.close();
      } catch (IOException e) {
        // Without its sidecar it counts for nothing, and with it it was closed before.
      }
    }
  }

  Attempt newAttempt(int partition) {
    try {
      return new Attempt(partition);
    } catch (IOException e) {
      throw failed("write a part into", e);
    }
  }

  /** Objects appear whole on object stores; elsewhere a rename makes them. */
  private void writeAtomically(String name, byte[] bytes) throws IOException {
    ResourceId unfinished = resource(name + UNFINISHED);
    try (WritableByteChannel channel = FileSystems.create(unfinished, "application/json");
        OutputStream stream = Channels.newOutputStream(channel)) {
      stream.write(bytes);
    }
    FileSystems.rename(List.of(unfinished), List.of(resource(name)));
  }

  private static String prefix(int partition) {
    return String.format(Locale.ROOT, PART + "%06d-", partition);
  }

  /** Whether somebody has read the partition already. */
  boolean has(int partition) {
    return !names(prefix(partition), SIDECAR).isEmpty()
        || names(APPENDED, "").stream()
            .mapToInt(name -> Integer.parseInt(name.substring(APPENDED.length())))
            .anyMatch(appended -> partition < appended);
  }

  /**
   * Says that the partitions before this one are in the output, and their objects gone.
   *
   * @param before what it was the last time
   */
  void noteAppended(int before, int partition) {
    try {
      FileSystems.create(resource(APPENDED + partition), "application/octet-stream").close();
    } catch (IOException e) {
      throw failed("write into", e);
    }
    if (before > 0) {
      delete(List.of(resource(APPENDED + before)));
    }
  }

  /** The names of all sidecars that are there now. */
  List<String> sidecars() {
    return names(PART, SIDECAR);
  }

  /** Which partition a sidecar is about. */
  static int partitionOf(String sidecar) {
    return Integer.parseInt(sidecar.substring(PART.length(), sidecar.indexOf('-', PART.length())));
  }

  StoredPartition read(String sidecar) {
    return readJson(sidecar, StoredPartition.class);
  }

  private <T> T readJson(String name, Class<T> type) {
    try (ReadableByteChannel channel = FileSystems.open(resource(name))) {
      return JSON.readValue(Channels.newInputStream(channel), type);
    } catch (IOException e) {
      throw failed("read " + name + " in", e);
    }
  }

  /** The bytes of a partition; the caller closes them. */
  ReadableByteChannel open(StoredPartition stored) {
    try {
      return FileSystems.open(resource(stored.object()));
    } catch (IOException e) {
      throw failed("read " + stored.object() + " in", e);
    }
  }

  /** Deletes what has been appended. */
  void delete(String sidecar, StoredPartition stored) {
    delete(List.of(resource(sidecar), resource(stored.object())));
  }

  /** Keeps what a worker has to say about its failure. Never throws. */
  void noteFailure(PolyStreamException failure) {
    try {
      writeAtomically(
          FAILURE + UUID.randomUUID() + SIDECAR,
          JSON.writeValueAsBytes(
              new NotedFailure(failure.kind(), failure.getMessage(), System.currentTimeMillis())));
    } catch (IOException | RuntimeException e) {
      failure.addSuppressed(e);
    }
  }

  /** What the worker that failed first had to say: the others' failures often follow from it. */
  Optional<PolyStreamException> failure() {
    return names(FAILURE, SIDECAR).stream()
        .map(name -> readJson(name, NotedFailure.class))
        .min(Comparator.comparingLong(NotedFailure::atMillis))
        .map(noted -> new PolyStreamException(noted.kind(), noted.message()));
  }

  /** Tells workers, wherever they are, that nobody wants their parts any more. */
  void stop() {
    try {
      writeAtomically(STOP, new byte[0]);
    } catch (IOException e) {
      throw failed("write into", e);
    }
  }

  boolean isStopped() {
    // The name as it is: no pattern, so no directory's name is taken for one.
    return !match(STOP).isEmpty();
  }

  /**
   * Deletes whatever is left, but for the word to stop when somebody may still have to hear it.
   * Never throws: what is not deleted is found under its name.
   */
  void clear(boolean keepStop) {
    try {
      List<ResourceId> left =
          names("", "").stream()
              .filter(name -> !keepStop || !name.equals(STOP))
              .map(this::resource)
              .toList();
      delete(left);
      if (!keepStop) {
        delete(List.of(FileSystems.matchNewDirectory(directory)));
      }
    } catch (RuntimeException e) {
      // Nothing reads it.
    }
  }

  private void delete(List<ResourceId> resources) {
    try {
      FileSystems.delete(resources, StandardMoveOptions.IGNORE_MISSING_FILES);
    } catch (IOException e) {
      throw failed("delete from", e);
    }
  }

  /** What begins and ends so. */
  private List<String> names(String prefix, String suffix) {
    if (isLocal()) {
      return localNames(prefix, suffix);
    }
    return match(prefix + "*" + suffix).stream()
        .map(found -> found.resourceId().getFilename())
        .toList();
  }

  private boolean isLocal() {
    return directory.startsWith("/");
  }

  /** Beam would take a bracket in the name of a directory for a pattern, and find nothing. */
  private List<String> localNames(String prefix, String suffix) {
    List<String> names = new ArrayList<>();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(Path.of(directory))) {
      for (Path file : files) {
        String name = file.getFileName().toString();
        if (name.startsWith(prefix) && name.endsWith(suffix)) {
          names.add(name);
        }
      }
      return names;
    } catch (NoSuchFileException notYet) {
      return List.of();
    } catch (DirectoryIteratorException e) {
      throw failed("look into", e.getCause());
    } catch (IOException e) {
      throw failed("look into", e);
    }
  }

  private List<MatchResult.Metadata> match(String names) {
    try {
      MatchResult found = FileSystems.match(directory + names, EmptyMatchTreatment.ALLOW);
      return found.status() == MatchResult.Status.NOT_FOUND ? List.of() : found.metadata();
    } catch (IOException e) {
      throw failed("look into", e);
    }
  }

  private ResourceId resource(String name) {
    return FileSystems.matchNewDirectory(directory)
        .resolve(name, StandardResolveOptions.RESOLVE_FILE);
  }

  private RuntimeException failed(String doing, IOException e) {
    return storage(
        "cannot "
            + doing
            + " the work directory "
            + directory
            + ": "
            + e.getMessage()
            + "; see --work-dir",
        e);
  }
}
