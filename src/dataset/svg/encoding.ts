/**
 * Text of an XML file: by its byte order mark, else by the encoding that its declaration names, else as UTF-8. Bytes that do not fit become
 * U+FFFD.
 */
export function decodeXml(bytes: Uint8Array): string {
  return decoderFor(bytes).decode(bytes);
}

function decoderFor(bytes: Uint8Array): TextDecoder {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return new TextDecoder('utf-16le');
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return new TextDecoder('utf-16be');
  const label = declaredEncoding(bytes);
  if (label === null) return new TextDecoder();
  try {
    const decoder = new TextDecoder(label);
    // A declaration that could be read byte by byte is in no encoding of two bytes a character, whatever it says.
    return decoder.encoding.startsWith('utf-16') ? new TextDecoder() : decoder;
  } catch {
    return new TextDecoder();
  }
}

/** The encoding of `<?xml … encoding="…"?>`; null where it names none. */
function declaredEncoding(bytes: Uint8Array): string | null {
  const head = new TextDecoder('latin1').decode(bytes.subarray(0, 256));
  const end = head.indexOf('?>');
  if (!head.startsWith('<?xml') || end < 0) return null;
  return /encoding\s*=\s*["']([\w.:-]+)["']/.exec(head.slice(0, end))?.[1] ?? null;
}
