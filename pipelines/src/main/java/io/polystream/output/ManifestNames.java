package io.polystream.output;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Which files a manifest in a directory speaks of. */
final class ManifestNames {
  private static final JsonFactory JSON = new JsonFactory();

  private ManifestNames() {}

  /** The names in {@code files}; none when the file is no manifest of ours. */
  static List<String> of(Path manifest) throws IOException {
    List<String> names = new ArrayList<>();
    try (JsonParser json = JSON.createParser(manifest.toFile())) {
      if (json.nextToken() != JsonToken.START_OBJECT) {
        return names;
      }
      while (json.nextToken() == JsonToken.FIELD_NAME) {
        boolean files = json.currentName().equals("files");
        if (json.nextToken() == JsonToken.START_ARRAY && files) {
          readNames(json, names);
        } else {
          json.skipChildren();
        }
      }
    } catch (JsonProcessingException notOurs) {
      // Then there is nothing known to belong to it.
    }
    return names;
  }

  private static void readNames(JsonParser json, List<String> names) throws IOException {
    while (json.nextToken() == JsonToken.START_OBJECT) {
      while (json.nextToken() == JsonToken.FIELD_NAME) {
        boolean name = json.currentName().equals("name");
        if (json.nextToken() == JsonToken.VALUE_STRING && name) {
          names.add(json.getText());
        } else {
          json.skipChildren();
        }
      }
    }
  }
}
