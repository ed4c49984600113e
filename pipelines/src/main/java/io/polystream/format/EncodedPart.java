package io.polystream.format;

/**
 * What an encoder has to say of a part, besides its bytes.
 *
 * @param replacedCharacters how many characters the format cannot hold, and has replaced
 * @param footerEntry what the file's footer has to know of the part: see {@link
 *     io.polystream.row.Footer}
 */
@SuppressWarnings("ArrayRecordComponent") // never compared, and copying would serve nobody
public record EncodedPart(long replacedCharacters, byte[] footerEntry) {
  /** Nothing. */
  public static final EncodedPart PLAIN = new EncodedPart(0, new byte[0]);
}
