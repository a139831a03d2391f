/** Largest piece that is stored as one value: browsers fail on values over about 127 MiB, some well before. */
export const pieceBytes = 32 * 2 ** 20;

/** Cuts bytes into pieces of at most `size`; an empty array gives one empty piece. The pieces are copies, ready to be stored. */
export function* cutPieces(bytes: Uint8Array, size = pieceBytes): Generator<ArrayBuffer, void, undefined> {
  for (let from = 0; from === 0 || from < bytes.length; from += size) {
    yield bytes.slice(from, from + size).buffer;
  }
}

/** Suffix of a piece's key; padded so that keys sort in the order of the pieces. */
export function pieceSuffix(index: number): string {
  return `#${String(index).padStart(5, '0')}`;
}

/** Puts pieces together again, in the given order. */
export function joinPieces(pieces: readonly ArrayBuffer[]): Uint8Array<ArrayBuffer> {
  const [first] = pieces;
  if (pieces.length === 1 && first !== undefined) return new Uint8Array(first);
  const bytes = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.byteLength, 0));
  let at = 0;
  for (const piece of pieces) {
    bytes.set(new Uint8Array(piece), at);
    at += piece.byteLength;
  }
  return bytes;
}
