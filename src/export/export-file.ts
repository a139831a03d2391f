/** A file as a stream: no part of it is kept once it was read. */
export interface ExportFile {
  readonly name: string;
  readonly pieces: Iterable<Uint8Array> | AsyncIterable<Uint8Array>;
  /** False for what does not get smaller, as weights. */
  readonly compress: boolean;
}

/** A file of text, which is deflated. */
export function textFile(name: string, text: string): ExportFile {
  return { name, pieces: [new TextEncoder().encode(text)], compress: true };
}
