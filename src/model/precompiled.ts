/**
 * The character map of a SentencePiece model, as `tokenizer.json` carries it (`precompiled_charsmap`): the length of a trie in bytes, the trie (a
 * double array of darts-clone, little-endian 32-bit units), and the replacements that it points to, each ended by a zero.
 */
export interface CharacterMap {
  /** The longest replacement in UTF-16 units. */
  readonly longest: number;
  /** As the `tokenizers` library applies it: to graphemes of up to five bytes as far as their beginning is known, to code points otherwise. */
  normalize(text: string): string;
  /** As SentencePiece itself does: the longest known beginning of what is left is replaced, again and again. */
  normalizeGreedily(text: string): string;
}

/** Graphemes from this many bytes on are taken apart. */
const wholeBelow = 6;

const utf8 = new TextEncoder();

/** @throws RangeError for a map that is cut short */
export function parseCharacterMap(base64: string): CharacterMap {
  const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
  const view = new DataView(bytes.buffer);
  const trieBytes = view.getUint32(0, true);
  if (trieBytes % 4 !== 0 || 4 + trieBytes > bytes.length) throw new RangeError('the character map is cut short');
  const trie = Uint32Array.from({ length: trieBytes / 4 }, (_, unit) => view.getUint32(4 + 4 * unit, true));
  const replacements = bytes.subarray(4 + trieBytes);

  const replacementAt = (start: number): string => {
    const end = replacements.indexOf(0, start);
    return new TextDecoder().decode(replacements.subarray(start, end === -1 ? undefined : end));
  };

  /** What the beginnings of `text` from `from` are replaced by, shortest first, with the bytes that each takes. */
  const matches = (text: Uint8Array, from: number): readonly { readonly bytes: number; readonly value: number }[] => {
    const found: { bytes: number; value: number }[] = [];
    let node = offsetOf(trie[0] ?? 0);
    for (let at = from; at < text.length; at++) {
      const letter = text[at] ?? 0;
      // A zero ends keys inside of the trie.
      if (letter === 0) break;
      node ^= letter;
      const unit = trie[node] ?? 0;
      if (labelOf(unit) !== letter) break;
      node ^= offsetOf(unit);
      if (hasLeaf(unit)) found.push({ bytes: at + 1 - from, value: (trie[node] ?? 0) & 0x7fffffff });
    }
    return found;
  };

  const replaced = (piece: string): string | null => {
    const [first] = matches(utf8.encode(piece), 0);
    return first === undefined ? null : replacementAt(first.value);
  };

  const segmenter = new Intl.Segmenter('en', { granularity: 'grapheme' });
  return {
    longest: longestOf(replacements),
    normalize: (text) =>
      Array.from(segmenter.segment(text), ({ segment }) => {
        const whole = utf8.encode(segment).length < wholeBelow ? replaced(segment) : null;
        return whole ?? Array.from(segment, (point) => replaced(point) ?? point).join('');
      }).join(''),
    normalizeGreedily(text) {
      const all = utf8.encode(text);
      const pieces: string[] = [];
      for (let at = 0; at < all.length;) {
        const longest = matches(all, at).at(-1);
        const bytesTaken = longest?.bytes ?? lengthAt(all, at);
        pieces.push(
          longest === undefined
            ? new TextDecoder().decode(all.subarray(at, at + bytesTaken))
            : replacementAt(longest.value),
        );
        at += bytesTaken;
      }
      return pieces.join('');
    },
  };
}

/** Bytes of the code point that begins there. */
function lengthAt(text: Uint8Array, at: number): number {
  const first = text[at] ?? 0;
  if (first < 0x80) return 1;
  return first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
}

function longestOf(replacements: Uint8Array): number {
  let longest = 1;
  let start = 0;
  for (let at = 0; at <= replacements.length; at++) {
    if (at < replacements.length && replacements[at] !== 0) continue;
    longest = Math.max(longest, at - start);
    start = at + 1;
  }
  return longest;
}

/** The fields of a unit of darts-clone. */
function hasLeaf(unit: number): boolean {
  return ((unit >>> 8) & 1) === 1;
}

function labelOf(unit: number): number {
  return (unit & (0x80000000 | 0xff)) >>> 0;
}

function offsetOf(unit: number): number {
  return (unit >>> 10) << ((unit & 0x200) >>> 6);
}
