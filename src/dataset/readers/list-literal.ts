/**
 * Reads a list of strings written into a text: JSON (`["a", "b"]`), Python (`['a', "b's"]`), or NumPy, which leaves out the commas
 * (`['a' 'b']`).
 * @returns null when the text is no such list; `[a tag]` is a caption like any other
 */
export function readList(text: string): string[] | null {
  const trimmed = /^(?:array\()?\s*(\[[\s\S]*\])\s*(?:,\s*dtype=\w+\))?$/.exec(text.trim())?.[1];
  if (trimmed === undefined) return null;
  const items: string[] = [];
  let at = 1;
  const end = trimmed.length - 1;
  const skipSpace = (): void => {
    while (at < end && /\s/.test(trimmed.charAt(at))) at += 1;
  };
  for (skipSpace(); at < end; skipSpace()) {
    const quote = trimmed.charAt(at);
    if (quote !== '"' && quote !== "'") return null;
    const item = readString(trimmed, at, end);
    if (item === null) return null;
    items.push(item.value);
    at = item.next;
    skipSpace();
    if (trimmed.charAt(at) === ',') at += 1;
    else if (at < end && !/\s/.test(trimmed.charAt(at - 1))) return null;
  }
  return items;
}

const escapes = new Map([
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
  ['b', '\b'],
  ['f', '\f'],
]);

/** Reads the quoted string that starts at `start`. */
function readString(text: string, start: number, end: number): { value: string; next: number } | null {
  const quote = text.charAt(start);
  let value = '';
  for (let at = start + 1; at < end; at += 1) {
    const letter = text.charAt(at);
    if (letter === quote) return { value, next: at + 1 };
    if (letter !== '\\') {
      value += letter;
      continue;
    }
    at += 1;
    const code = text.charAt(at);
    const digits = { u: 4, x: 2, U: 8 }[code];
    const hex = digits === undefined ? '' : text.slice(at + 1, at + 1 + digits);
    const point = Number.parseInt(hex, 16);
    if (digits !== undefined && /^[0-9a-f]+$/i.test(hex) && hex.length === digits && point <= 0x10ffff) {
      value += digits === 8 ? String.fromCodePoint(point) : String.fromCharCode(point);
      at += digits;
    } else value += escapes.get(code) ?? code;
  }
  return null;
}
