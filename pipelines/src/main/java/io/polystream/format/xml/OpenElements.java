package io.polystream.format.xml;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.polystream.row.ByteBuilder;
import io.polystream.row.ByteSink;
import java.io.IOException;
import java.util.Arrays;

/**
 * The elements that are open inside a cell, however many, and their tags. A container is an array
 * or an object of JSON; it has one open element or none. Keeps its memory from cell to cell; not
 * thread-safe.
 */
final class OpenElements {
  private static final byte[] ITEM = "item_".getBytes(US_ASCII);
  private static final int MOST_DIGITS = 10;

  /** The names of members that are open, inner ones behind outer ones. */
  private final ByteBuilder names = new ByteBuilder(256);

  private final byte[] digits = new byte[MOST_DIGITS];

  /**
   * Of each open container what names its element: for an array the item's number, for an object
   * {@code ~} the place in {@link #names} where its member's name begins.
   */
  private int[] containers = new int[16];

  private int depth;
  private byte[] outermost;

  /** Begins a cell, whose value is in an element of that name. */
  void begin(byte[] name) {
    outermost = name;
    names.clear();
    depth = 0;
  }

  boolean isInContainer() {
    return depth > 0;
  }

  boolean isInArray() {
    return containers[depth - 1] >= 0;
  }

  /** Its first element is item 0. */
  void beginArray() {
    push(0);
  }

  void beginObject() {
    push(~names.length());
  }

  private void push(int container) {
    if (depth == containers.length) {
      containers = Arrays.copyOf(containers, Math.multiplyExact(depth, 2));
    }
    containers[depth++] = container;
  }

  /** None of its elements may be open. */
  void endContainer() {
    depth--;
  }

  void nextItem() {
    containers[depth - 1]++;
  }

  /** Where to write the name of the innermost object's next member. */
  ByteSink nameOfMember() {
    return names;
  }

  /** Writes the start tag of the innermost element, but for the bracket at its end. */
  void writeStart(ByteSink sink) throws IOException {
    sink.write((byte) '<');
    writeName(sink);
  }

  /** Writes the end tag of the innermost element, which is no longer open. */
  void writeEnd(ByteSink sink) throws IOException {
    sink.write((byte) '<');
    sink.write((byte) '/');
    writeName(sink);
    sink.write((byte) '>');
    forgetName();
  }

  /** The innermost element, if a member, is no longer open. */
  void forgetName() {
    if (depth > 0 && !isInArray()) {
      names.advanceTo(~containers[depth - 1]);
    }
  }

  private void writeName(ByteSink sink) throws IOException {
    if (depth == 0) {
      sink.write(outermost);
    } else if (isInArray()) {
      sink.write(ITEM);
      writeNumber(containers[depth - 1], sink);
    } else {
      int from = ~containers[depth - 1];
      sink.write(names.buffer(), from, names.length() - from);
    }
  }

  private void writeNumber(int number, ByteSink sink) throws IOException {
    int from = MOST_DIGITS;
    int rest = number;
    do {
      digits[--from] = (byte) ('0' + rest % 10);
      rest /= 10;
    } while (rest > 0);
    sink.write(digits, from, MOST_DIGITS - from);
  }
}
