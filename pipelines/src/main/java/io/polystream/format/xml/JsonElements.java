package io.polystream.format.xml;

import io.polystream.row.ByteBuilder;
import io.polystream.row.ByteSink;
import io.polystream.row.JsonUnescaper;
import java.io.IOException;

/**
 * Writes a JSON value without white space between its tokens as elements, however deep it is: an
 * element per member, per item and for the whole. It may come in chunks, however it is split: what
 * is kept between them is the place in its grammar and the names of elements that are open. Keeps
 * its memory from value to value; not thread-safe.
 */
final class JsonElements {
  private static final byte QUOTE = '"';
  private static final byte BACKSLASH = '\\';

  /** How much of a string with escapes is unescaped in one go. */
  private static final int STEP_BYTES = 8 * 1024;

  private enum Place {
    VALUE,
    FIRST_ITEM,
    MEMBER,
    KEY,
    COLON,
    PLAIN_STRING,
    ESCAPED_STRING,
    NULL,
    NUMBER_OR_BOOLEAN,
    BEHIND_VALUE
  }

  private final XmlText text;
  private final OpenElements open = new OpenElements();
  private final KeyNames keyNames = new KeyNames();
  private final JsonUnescaper unescaper = new JsonUnescaper();
  private final ByteBuilder characters = new ByteBuilder(256);

  /** What chunks before this one had of a key. */
  private final ByteBuilder key = new ByteBuilder(64);

  private Place place;

  /** In a key or a string with escapes. */
  private boolean behindBackslash;

  /**
   * @param text writes the strings
   */
  JsonElements(XmlText text) {
    this.text = text;
  }

  /** Begins a value, in an element of that name. */
  void begin(byte[] name, ByteSink sink) throws IOException {
    open.begin(name);
    open.writeStart(sink);
    place = Place.VALUE;
  }

  void write(byte[] json, int offset, int length, ByteSink sink) throws IOException {
    int end = offset + length;
    int i = offset;
    while (i < end) {
      i =
          switch (place) {
            case VALUE -> value(json, i, sink);
            case FIRST_ITEM -> firstItem(json, i, sink);
            case MEMBER -> member(json, i, sink);
            case KEY -> key(json, i, end, sink);
            case COLON -> colon(i);
            case PLAIN_STRING -> plainString(json, i, end, sink);
            case ESCAPED_STRING -> escapedString(json, i, end, sink);
            case NULL -> restOfNull(json, i, end);
            case NUMBER_OR_BOOLEAN -> numberOrBoolean(json, i, end, sink);
            case BEHIND_VALUE -> behindValue(json, i, sink);
          };
    }
  }

  /** Ends the value. */
  void end(ByteSink sink) throws IOException {
    if (place == Place.NUMBER_OR_BOOLEAN) {
      open.writeEnd(sink);
    } else if (place != Place.BEHIND_VALUE && place != Place.NULL) {
      throw new IllegalStateException("the JSON value ends at " + place);
    }
    if (open.isInContainer()) {
      throw new IllegalStateException("the JSON value ends inside an array or an object");
    }
  }

  /** The start tag is written, but for its end, which is another one for null. */
  private int value(byte[] json, int i, ByteSink sink) throws IOException {
    byte first = json[i];
    if (first == 'n') {
      sink.write(XmlEncoder.NIL);
      open.forgetName();
      place = Place.NULL;
      return i + 1;
    }
    sink.write((byte) '>');
    switch (first) {
      case QUOTE -> place = Place.PLAIN_STRING;
      case '{' -> {
        open.beginObject();
        place = Place.MEMBER;
      }
      case '[' -> {
        open.beginArray();
        place = Place.FIRST_ITEM;
      }
      default -> {
        place = Place.NUMBER_OR_BOOLEAN;
        return i;
      }
    }
    return i + 1;
  }

  private int firstItem(byte[] json, int i, ByteSink sink) throws IOException {
    if (json[i] == ']') {
      return endContainer(i, sink);
    }
    open.writeStart(sink);
    place = Place.VALUE;
    return i;
  }

  private int member(byte[] json, int i, ByteSink sink) throws IOException {
    if (json[i] == '}') {
      return endContainer(i, sink);
    }
    if (json[i] != QUOTE) {
      throw unexpected(json[i]);
    }
    key.clear();
    behindBackslash = false;
    place = Place.KEY;
    return i + 1;
  }

  private int key(byte[] json, int from, int end, ByteSink sink) throws IOException {
    int i = indexOfClosingQuote(json, from, end);
    boolean whole = i < end;
    if (whole && key.length() == 0) {
      keyNames.write(json, from, i, open.nameOfMember());
    } else {
      key.write(json, from, i - from);
      if (whole) {
        keyNames.write(key.buffer(), 0, key.length(), open.nameOfMember());
      }
    }
    if (!whole) {
      return i;
    }
    open.writeStart(sink);
    place = Place.COLON;
    return i + 1;
  }

  private int colon(int i) {
    place = Place.VALUE;
    return i + 1;
  }

  private int plainString(byte[] json, int from, int end, ByteSink sink) throws IOException {
    int i = from;
    while (i < end && json[i] != QUOTE && json[i] != BACKSLASH) {
      i++;
    }
    text.write(json, from, i - from, sink);
    if (i == end) {
      return i;
    }
    if (json[i] == QUOTE) {
      return endString(i, sink);
    }
    unescaper.reset();
    behindBackslash = false;
    place = Place.ESCAPED_STRING;
    return i;
  }

  private int escapedString(byte[] json, int from, int end, ByteSink sink) throws IOException {
    int stop = Math.min(end, from + STEP_BYTES);
    int i = indexOfClosingQuote(json, from, stop);
    boolean whole = i < stop;
    characters.clear();
    unescaper.write(json, from, (whole ? i + 1 : i) - from, characters);
    text.write(characters.buffer(), 0, characters.length(), sink);
    return whole ? endString(i, sink) : i;
  }

  /** Or the end. */
  private int indexOfClosingQuote(byte[] json, int from, int end) {
    int i = from;
    while (i < end && (behindBackslash || json[i] != QUOTE)) {
      behindBackslash = !behindBackslash && json[i] == BACKSLASH;
      i++;
    }
    return i;
  }

  private int endString(int quote, ByteSink sink) throws IOException {
    open.writeEnd(sink);
    place = Place.BEHIND_VALUE;
    return quote + 1;
  }

  private int restOfNull(byte[] json, int from, int end) {
    int i = from;
    while (i < end && (json[i] == 'u' || json[i] == 'l')) {
      i++;
    }
    if (i < end) {
      place = Place.BEHIND_VALUE;
    }
    return i;
  }

  private int numberOrBoolean(byte[] json, int from, int end, ByteSink sink) throws IOException {
    int i = from;
    while (i < end && json[i] != ',' && json[i] != ']' && json[i] != '}') {
      i++;
    }
    sink.write(json, from, i - from);
    if (i < end) {
      open.writeEnd(sink);
      place = Place.BEHIND_VALUE;
    }
    return i;
  }

  private int behindValue(byte[] json, int i, ByteSink sink) throws IOException {
    byte b = json[i];
    if (!open.isInContainer() || (b != ',' && b != ']' && b != '}')) {
      throw unexpected(b);
    }
    if (b != ',') {
      return endContainer(i, sink);
    }
    if (open.isInArray()) {
      open.nextItem();
      open.writeStart(sink);
      place = Place.VALUE;
    } else {
      place = Place.MEMBER;
    }
    return i + 1;
  }

  private int endContainer(int bracket, ByteSink sink) throws IOException {
    open.endContainer();
    open.writeEnd(sink);
    place = Place.BEHIND_VALUE;
    return bracket + 1;
  }

  private static IllegalStateException unexpected(byte b) {
    return new IllegalStateException(
        String.format("a JSON value without white space has no byte %02x there", b));
  }
}
